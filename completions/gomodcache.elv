
use builtin;
use str;

set edit:completion:arg-completer[gomodcache] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'gomodcache'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'gomodcache'= {
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand fetch 'Fetch module versions from git mirrors and module proxies into the module cache'
            cand seed 'Fetch all that projects need, so that go works on them offline'
            cand check 'Tell which go commands work offline with the cache as it is, and what is missing for the others'
            cand serve 'Serve the module cache to go as a module proxy'
            cand pack 'Pack what projects need into one file, to be carried to where there is no network'
            cand unpack 'Unpack bundles into the module cache, once they are verified'
            cand inspect 'Tell what is in a bundle, without unpacking it'
            cand manifest 'Print what the cache has, for `gomodcache pack --since`'
            cand list 'List the versions in the cache'
            cand versions 'List the versions of a module in the cache, and all that its mirror has'
            cand verify 'Verify that the cache holds what it says it holds'
            cand rm 'Remove versions from the cache'
            cand prune 'Remove from the cache what projects do not need, or what has not been used for long'
            cand mirrors 'Tell which rule says where a module comes from'
            cand env 'Print the go settings for working on the cache offline'
            cand completions 'Print the completion script for a shell'
            cand man 'Print the manual page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'gomodcache;fetch'= {
            cand -m 'Read modules from this git repository; may be repeated'
            cand --mirror 'Read modules from this git repository; may be repeated'
            cand --proxy 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself'
            cand --config 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]'
            cand --toolchain 'Fetch this Go toolchain, such as go1.23.4, from a module proxy; may be repeated'
            cand --platform 'The platforms of the toolchains, such as linux/amd64,darwin/arm64 [default: this one]'
            cand --from 'Make a Go toolchain of the archive of an official release on this machine; may be repeated'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --sum 'Check against this go.sum; may be repeated'
            cand --sumdb 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --no-builtin-mirrors 'Ask only repositories that --mirror or a file of rules names, not even forges'
            cand --all-versions 'Fetch every version that go would list'
            cand --metadata 'Write .info and .mod of every tag besides, so that version lists and queries work offline'
            cand --no-extract 'Leave the folders out; go extracts the zips when it first needs them'
            cand --no-sum 'Do not use the go.sum beside the go.mod of this folder'
            cand --json 'Print what `go mod download -json` prints'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;seed'= {
            cand -m 'Read modules from this git repository; may be repeated'
            cand --mirror 'Read modules from this git repository; may be repeated'
            cand --proxy 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself'
            cand --config 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --sum 'Check against this go.sum besides those of the projects; may be repeated'
            cand --write-sums 'Write the lines that the go.sum files lack into this go.sum; lines that it has stay'
            cand --sumdb 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --no-builtin-mirrors 'Ask only repositories that --mirror or a file of rules names, not even forges'
            cand --mod-only 'Write only .mod and .info, which is enough for `go list -m all`'
            cand --no-extract 'Leave the folders out; go extracts the zips when it first needs them'
            cand --tidy 'Fetch what `go mod tidy` reads besides, when the project is not tidy'
            cand --dry-run 'Tell what would be fetched; reads what the module graph needs and writes nothing into the cache'
            cand --require-sums 'Refuse versions that no go.sum line covers'
            cand --json 'Print an object for each version'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;check'= {
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --proxy 'Module proxies for the command that gets what is missing, as GOPROXY lists them; they are not asked'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --prove-limit 'How long go may take for one verb'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --prove 'Run the go command that is on PATH offline as well, and compare what it says'
            cand --json 'Print an object for each project'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;serve'= {
            cand --listen 'Where to listen: address and port, or `unix:` and the path of a socket; port 0 is any that is free'
            cand --prefix 'What all paths begin with, for a place behind a web server that has others'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand -m 'Read modules from this git repository; may be repeated'
            cand --mirror 'Read modules from this git repository; may be repeated'
            cand --proxy 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself'
            cand --config 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]'
            cand --sumdb 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --log 'What is told of each request on stderr'
            cand --tls-cert 'Speak TLS with this certificate, in PEM with those that lead to its authority; read again when it changes'
            cand --tls-key 'The private key of the certificate, in PEM'
            cand --users 'Answer only the users in this file; read again when it changes'
            cand --max-connections 'Connections that are open; more wait'
            cand --max-header 'The size of the head of a request, in KiB'
            cand --idle-timeout 'How long a client may send no whole request, or take nothing of an answer, in seconds'
            cand --grace 'How long requests may take to end once the server is to stop, in seconds'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --fetch 'Fetch what is not stored'
            cand --no-builtin-mirrors 'Ask only repositories that --mirror or a file of rules names, not even forges'
            cand --hash-secret 'Read a secret from stdin, print its lines for the file of users, and end'
            cand --behind-proxy 'Believe the X-Forwarded-For, -Proto and -Host of a web server in front'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;pack'= {
            cand -o 'The file or folder to write; `-` is stdout'
            cand --output 'The file or folder to write; `-` is stdout'
            cand --since 'Leave out what the receiver has: his `gomodcache manifest`, or a bundle that he has unpacked'
            cand --layout 'What to write: one file, or a folder that is a module proxy, for GOPROXY=file:// or behind any web server'
            cand --split 'Write parts of this size, for media that the whole does not fit on: FILE.001, FILE.002, …, and FILE.sha256'
            cand --sbom 'Write a bill of materials beside the bundle: FILE.cdx.json (CycloneDX 1.5) or FILE.spdx.json (SPDX 2.3), without the .tar.zst; may be repeated'
            cand --sign 'Sign with this private key of OpenSSH (Ed25519 or ECDSA P-256), or have the agent sign with that of a .pub file'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --sum 'Check against this go.sum besides those of the projects; may be repeated'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --all 'Pack the whole cache'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;unpack'= {
            cand --trust 'Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be repeated'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --to-proxy 'Unpack into this folder, which becomes a module proxy for GOPROXY=file:// or any web server; not into the cache'
            cand --sum 'Check against this go.sum; may be repeated'
            cand --sumdb 'Verify what no go.sum line covers with the records of the checksum database of GOSUMDB in the bundle'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --no-extract 'Leave the folders out; go extracts the zips when it first needs them'
            cand --no-sum 'Do not use the go.sum beside the go.mod of this folder'
            cand --json 'Print an object for each version'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;inspect'= {
            cand --trust 'Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be repeated'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --verify 'Read all of it, and compare every file with the manifest'
            cand --json 'Print the manifest'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;manifest'= {
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;list'= {
            cand --sort 'The order of the versions'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --sum 'Check against this go.sum; may be repeated'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --tree 'Group the versions below their modules, and these below their hosts'
            cand --no-sum 'Do not use the go.sum beside the go.mod of this folder'
            cand --json 'Print an object for each version'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;versions'= {
            cand -m 'Read modules from this git repository; may be repeated'
            cand --mirror 'Read modules from this git repository; may be repeated'
            cand --proxy 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself'
            cand --config 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --available 'Ask the mirror or proxy that the rules name for the versions that the cache has not'
            cand --no-builtin-mirrors 'Ask only repositories that --mirror or a file of rules names, not even forges'
            cand --json 'Print an object for each version'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;verify'= {
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --sum 'Check against this go.sum; may be repeated'
            cand --sumdb 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]'
            cand -m 'Read modules from this git repository; may be repeated'
            cand --mirror 'Read modules from this git repository; may be repeated'
            cand --proxy 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself'
            cand --config 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --no-sum 'Do not use the go.sum beside the go.mod of this folder'
            cand --repair 'Put right what is wrong'
            cand --no-builtin-mirrors 'Ask only repositories that --mirror or a file of rules names, not even forges'
            cand --json 'Print an object for each finding'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;rm'= {
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --dry-run 'Tell what would go and how much it frees, and remove nothing'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;prune'= {
            cand --keep 'Keep all that this project needs: a folder with a go.mod or go.work, or such a file; may be repeated'
            cand --older-than 'Remove what has not been used for so long: 90d, 12h, 2w'
            cand --max-size 'Remove what was used least recently until the versions take no more than this: 20GB, 500MiB'
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand -j 'Threads at work [default: as many as there are processors]'
            cand --jobs 'Threads at work [default: as many as there are processors]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --dry-run 'Tell what would go, and remove nothing'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;mirrors'= {
            cand -m 'Read modules from this git repository; may be repeated'
            cand --mirror 'Read modules from this git repository; may be repeated'
            cand --proxy 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself'
            cand --config 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --all 'List all rules in force, in the order in which they are asked'
            cand --no-builtin-mirrors 'Ask only repositories that --mirror or a file of rules names, not even forges'
            cand --json 'Print an object for each module or rule'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;env'= {
            cand --modcache 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]'
            cand --shell 'The shell that will read the lines; sh is also for bash and zsh'
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand --json 'Print an object, as `go env -json` does'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;completions'= {
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;man'= {
            cand --color 'When to use color on stderr; NO_COLOR turns `auto` off'
            cand -q 'Print no status, only errors'
            cand --quiet 'Print no status, only errors'
            cand -v 'Print a status line for each version'
            cand --verbose 'Print a status line for each version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'gomodcache;help'= {
            cand fetch 'Fetch module versions from git mirrors and module proxies into the module cache'
            cand seed 'Fetch all that projects need, so that go works on them offline'
            cand check 'Tell which go commands work offline with the cache as it is, and what is missing for the others'
            cand serve 'Serve the module cache to go as a module proxy'
            cand pack 'Pack what projects need into one file, to be carried to where there is no network'
            cand unpack 'Unpack bundles into the module cache, once they are verified'
            cand inspect 'Tell what is in a bundle, without unpacking it'
            cand manifest 'Print what the cache has, for `gomodcache pack --since`'
            cand list 'List the versions in the cache'
            cand versions 'List the versions of a module in the cache, and all that its mirror has'
            cand verify 'Verify that the cache holds what it says it holds'
            cand rm 'Remove versions from the cache'
            cand prune 'Remove from the cache what projects do not need, or what has not been used for long'
            cand mirrors 'Tell which rule says where a module comes from'
            cand env 'Print the go settings for working on the cache offline'
            cand completions 'Print the completion script for a shell'
            cand man 'Print the manual page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'gomodcache;help;fetch'= {
        }
        &'gomodcache;help;seed'= {
        }
        &'gomodcache;help;check'= {
        }
        &'gomodcache;help;serve'= {
        }
        &'gomodcache;help;pack'= {
        }
        &'gomodcache;help;unpack'= {
        }
        &'gomodcache;help;inspect'= {
        }
        &'gomodcache;help;manifest'= {
        }
        &'gomodcache;help;list'= {
        }
        &'gomodcache;help;versions'= {
        }
        &'gomodcache;help;verify'= {
        }
        &'gomodcache;help;rm'= {
        }
        &'gomodcache;help;prune'= {
        }
        &'gomodcache;help;mirrors'= {
        }
        &'gomodcache;help;env'= {
        }
        &'gomodcache;help;completions'= {
        }
        &'gomodcache;help;man'= {
        }
        &'gomodcache;help;help'= {
        }
    ]
    $completions[$command]
}
