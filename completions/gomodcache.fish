# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_gomodcache_global_optspecs
    string join \n q/quiet v/verbose color= h/help V/version
end

function __fish_gomodcache_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_gomodcache_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_gomodcache_using_subcommand
    set -l cmd (__fish_gomodcache_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c gomodcache -n "__fish_gomodcache_needs_command" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_needs_command" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "fetch" -d 'Fetch module versions from git mirrors and module proxies into the module cache'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "seed" -d 'Fetch all that projects need, so that go works on them offline'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "check" -d 'Tell which go commands work offline with the cache as it is, and what is missing for the others'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "serve" -d 'Serve the module cache to go as a module proxy'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "pack" -d 'Pack what projects need into one file, to be carried to where there is no network'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "unpack" -d 'Unpack bundles into the module cache, once they are verified'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "inspect" -d 'Tell what is in a bundle, without unpacking it'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "manifest" -d 'Print what the cache has, for `gomodcache pack --since`'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "list" -d 'List the versions in the cache'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "versions" -d 'List the versions of a module in the cache, and all that its mirror has'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "verify" -d 'Verify that the cache holds what it says it holds'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "rm" -d 'Remove versions from the cache'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "prune" -d 'Remove from the cache what projects do not need, or what has not been used for long'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "mirrors" -d 'Tell which rule says where a module comes from'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "env" -d 'Print the go settings for working on the cache offline'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "man" -d 'Print the manual page'
complete -c gomodcache -n "__fish_gomodcache_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -s m -l mirror -d 'Read modules from this git repository; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l proxy -d 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l config -d 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user\'s own]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l toolchain -d 'Fetch this Go toolchain, such as go1.23.4, from a module proxy; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l platform -d 'The platforms of the toolchains, such as linux/amd64,darwin/arm64 [default: this one]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l from -d 'Make a Go toolchain of the archive of an official release on this machine; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l sum -d 'Check against this go.sum; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l sumdb -d 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]' -r -f -a "require\t'What it does not vouch for is refused'
auto\t'Where it cannot be asked, or knows nothing, what came is reported as unverified'
off\t'It is not asked'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l no-builtin-mirrors -d 'Ask only repositories that --mirror or a file of rules names, not even forges'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l all-versions -d 'Fetch every version that go would list'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l metadata -d 'Write .info and .mod of every tag besides, so that version lists and queries work offline'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l no-extract -d 'Leave the folders out; go extracts the zips when it first needs them'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l no-sum -d 'Do not use the go.sum beside the go.mod of this folder'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -l json -d 'Print what `go mod download -json` prints'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand fetch" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -s m -l mirror -d 'Read modules from this git repository; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l proxy -d 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l config -d 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user\'s own]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l sum -d 'Check against this go.sum besides those of the projects; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l write-sums -d 'Write the lines that the go.sum files lack into this go.sum; lines that it has stay' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l sumdb -d 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]' -r -f -a "require\t'What it does not vouch for is refused'
auto\t'Where it cannot be asked, or knows nothing, what came is reported as unverified'
off\t'It is not asked'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l no-builtin-mirrors -d 'Ask only repositories that --mirror or a file of rules names, not even forges'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l mod-only -d 'Write only .mod and .info, which is enough for `go list -m all`'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l no-extract -d 'Leave the folders out; go extracts the zips when it first needs them'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l tidy -d 'Fetch what `go mod tidy` reads besides, when the project is not tidy'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l dry-run -d 'Tell what would be fetched; reads what the module graph needs and writes nothing into the cache'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l require-sums -d 'Refuse versions that no go.sum line covers'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -l json -d 'Print an object for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand seed" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -l proxy -d 'Module proxies for the command that gets what is missing, as GOPROXY lists them; they are not asked' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -l prove-limit -d 'How long go may take for one verb' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -l prove -d 'Run the go command that is on PATH offline as well, and compare what it says'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -l json -d 'Print an object for each project'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand check" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l listen -d 'Where to listen: address and port, or `unix:` and the path of a socket; port 0 is any that is free' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l prefix -d 'What all paths begin with, for a place behind a web server that has others' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -s m -l mirror -d 'Read modules from this git repository; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l proxy -d 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l config -d 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user\'s own]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l sumdb -d 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]' -r -f -a "require\t'What it does not vouch for is refused'
auto\t'Where it cannot be asked, or knows nothing, what came is reported as unverified'
off\t'It is not asked'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l log -d 'What is told of each request on stderr' -r -f -a "text\t'A line of text'
json\t'A line of JSON'
off\t'Nothing'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l tls-cert -d 'Speak TLS with this certificate, in PEM with those that lead to its authority; read again when it changes' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l tls-key -d 'The private key of the certificate, in PEM' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l users -d 'Answer only the users in this file; read again when it changes' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l max-connections -d 'Connections that are open; more wait' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l max-header -d 'The size of the head of a request, in KiB' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l idle-timeout -d 'How long a client may send no whole request, or take nothing of an answer, in seconds' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l grace -d 'How long requests may take to end once the server is to stop, in seconds' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l fetch -d 'Fetch what is not stored'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l no-builtin-mirrors -d 'Ask only repositories that --mirror or a file of rules names, not even forges'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l hash-secret -d 'Read a secret from stdin, print its lines for the file of users, and end'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -l behind-proxy -d 'Believe the X-Forwarded-For, -Proto and -Host of a web server in front'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand serve" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -s o -l output -d 'The file or folder to write; `-` is stdout' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l since -d 'Leave out what the receiver has: his `gomodcache manifest`, or a bundle that he has unpacked' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l layout -d 'What to write: one file, or a folder that is a module proxy, for GOPROXY=file:// or behind any web server' -r -f -a "bundle\t'One file, or its parts'
proxy\t'A folder with the paths of a module proxy'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l split -d 'Write parts of this size, for media that the whole does not fit on: FILE.001, FILE.002, …, and FILE.sha256' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l sbom -d 'Write a bill of materials beside the bundle: FILE.cdx.json (CycloneDX 1.5) or FILE.spdx.json (SPDX 2.3), without the .tar.zst; may be repeated' -r -f -a "cyclonedx\t''
spdx\t''"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l sign -d 'Sign with this private key of OpenSSH (Ed25519 or ECDSA P-256), or have the agent sign with that of a .pub file' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l sum -d 'Check against this go.sum besides those of the projects; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -l all -d 'Pack the whole cache'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand pack" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l trust -d 'Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l to-proxy -d 'Unpack into this folder, which becomes a module proxy for GOPROXY=file:// or any web server; not into the cache' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l sum -d 'Check against this go.sum; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l sumdb -d 'Verify what no go.sum line covers with the records of the checksum database of GOSUMDB in the bundle' -r -f -a "require\t'What it does not vouch for is refused'
auto\t'Where it cannot be asked, or knows nothing, what came is reported as unverified'
off\t'It is not asked'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l no-extract -d 'Leave the folders out; go extracts the zips when it first needs them'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l no-sum -d 'Do not use the go.sum beside the go.mod of this folder'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -l json -d 'Print an object for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand unpack" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -l trust -d 'Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -l verify -d 'Read all of it, and compare every file with the manifest'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -l json -d 'Print the manifest'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand inspect" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand manifest" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l sort -d 'The order of the versions' -r -f -a "path\t'Module and version'
size\t'Bytes on disk, the largest first'
time\t'The time of the version, the newest first'
used\t'The last use, the latest first'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l sum -d 'Check against this go.sum; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l tree -d 'Group the versions below their modules, and these below their hosts'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l no-sum -d 'Do not use the go.sum beside the go.mod of this folder'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -l json -d 'Print an object for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand list" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -s m -l mirror -d 'Read modules from this git repository; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l proxy -d 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l config -d 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user\'s own]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l available -d 'Ask the mirror or proxy that the rules name for the versions that the cache has not'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l no-builtin-mirrors -d 'Ask only repositories that --mirror or a file of rules names, not even forges'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -l json -d 'Print an object for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand versions" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l sum -d 'Check against this go.sum; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l sumdb -d 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]' -r -f -a "require\t'What it does not vouch for is refused'
auto\t'Where it cannot be asked, or knows nothing, what came is reported as unverified'
off\t'It is not asked'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -s m -l mirror -d 'Read modules from this git repository; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l proxy -d 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l config -d 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user\'s own]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l no-sum -d 'Do not use the go.sum beside the go.mod of this folder'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l repair -d 'Put right what is wrong'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l no-builtin-mirrors -d 'Ask only repositories that --mirror or a file of rules names, not even forges'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -l json -d 'Print an object for each finding'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand verify" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -l dry-run -d 'Tell what would go and how much it frees, and remove nothing'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand rm" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -l keep -d 'Keep all that this project needs: a folder with a go.mod or go.work, or such a file; may be repeated' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -l older-than -d 'Remove what has not been used for so long: 90d, 12h, 2w' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -l max-size -d 'Remove what was used least recently until the versions take no more than this: 20GB, 500MiB' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -s j -l jobs -d 'Threads at work [default: as many as there are processors]' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -l dry-run -d 'Tell what would go, and remove nothing'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand prune" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -s m -l mirror -d 'Read modules from this git repository; may be repeated' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -l proxy -d 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself' -r
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -l config -d 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user\'s own]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -l all -d 'List all rules in force, in the order in which they are asked'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -l no-builtin-mirrors -d 'Ask only repositories that --mirror or a file of rules names, not even forges'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -l json -d 'Print an object for each module or rule'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand mirrors" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -l modcache -d 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]' -r -F
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -l shell -d 'The shell that will read the lines; sh is also for bash and zsh' -r -f -a "sh\t'sh, bash, zsh, dash, ksh'
fish\t'fish'
powershell\t'PowerShell'
go\t'Words for `go env -w`, unquoted'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -l json -d 'Print an object, as `go env -json` does'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand env" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand completions" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand completions" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand completions" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand completions" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand man" -l color -d 'When to use color on stderr; NO_COLOR turns `auto` off' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c gomodcache -n "__fish_gomodcache_using_subcommand man" -s q -l quiet -d 'Print no status, only errors'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand man" -s v -l verbose -d 'Print a status line for each version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand man" -s V -l version -d 'Print version'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "fetch" -d 'Fetch module versions from git mirrors and module proxies into the module cache'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "seed" -d 'Fetch all that projects need, so that go works on them offline'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "check" -d 'Tell which go commands work offline with the cache as it is, and what is missing for the others'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "serve" -d 'Serve the module cache to go as a module proxy'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "pack" -d 'Pack what projects need into one file, to be carried to where there is no network'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "unpack" -d 'Unpack bundles into the module cache, once they are verified'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "inspect" -d 'Tell what is in a bundle, without unpacking it'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "manifest" -d 'Print what the cache has, for `gomodcache pack --since`'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "list" -d 'List the versions in the cache'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "versions" -d 'List the versions of a module in the cache, and all that its mirror has'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "verify" -d 'Verify that the cache holds what it says it holds'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "rm" -d 'Remove versions from the cache'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "prune" -d 'Remove from the cache what projects do not need, or what has not been used for long'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "mirrors" -d 'Tell which rule says where a module comes from'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "env" -d 'Print the go settings for working on the cache offline'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "completions" -d 'Print the completion script for a shell'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "man" -d 'Print the manual page'
complete -c gomodcache -n "__fish_gomodcache_using_subcommand help; and not __fish_seen_subcommand_from fetch seed check serve pack unpack inspect manifest list versions verify rm prune mirrors env completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
