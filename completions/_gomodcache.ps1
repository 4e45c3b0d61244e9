
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'gomodcache' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'gomodcache'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'gomodcache' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Fetch module versions from git mirrors and module proxies into the module cache')
            [CompletionResult]::new('seed', 'seed', [CompletionResultType]::ParameterValue, 'Fetch all that projects need, so that go works on them offline')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Tell which go commands work offline with the cache as it is, and what is missing for the others')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the module cache to go as a module proxy')
            [CompletionResult]::new('pack', 'pack', [CompletionResultType]::ParameterValue, 'Pack what projects need into one file, to be carried to where there is no network')
            [CompletionResult]::new('unpack', 'unpack', [CompletionResultType]::ParameterValue, 'Unpack bundles into the module cache, once they are verified')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Tell what is in a bundle, without unpacking it')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print what the cache has, for `gomodcache pack --since`')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the versions in the cache')
            [CompletionResult]::new('versions', 'versions', [CompletionResultType]::ParameterValue, 'List the versions of a module in the cache, and all that its mirror has')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify that the cache holds what it says it holds')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove versions from the cache')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove from the cache what projects do not need, or what has not been used for long')
            [CompletionResult]::new('mirrors', 'mirrors', [CompletionResultType]::ParameterValue, 'Tell which rule says where a module comes from')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print the go settings for working on the cache offline')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'gomodcache;fetch' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]')
            [CompletionResult]::new('--toolchain', '--toolchain', [CompletionResultType]::ParameterName, 'Fetch this Go toolchain, such as go1.23.4, from a module proxy; may be repeated')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'The platforms of the toolchains, such as linux/amd64,darwin/arm64 [default: this one]')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Make a Go toolchain of the archive of an official release on this machine; may be repeated')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--sum', '--sum', [CompletionResultType]::ParameterName, 'Check against this go.sum; may be repeated')
            [CompletionResult]::new('--sumdb', '--sumdb', [CompletionResultType]::ParameterName, 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--no-builtin-mirrors', '--no-builtin-mirrors', [CompletionResultType]::ParameterName, 'Ask only repositories that --mirror or a file of rules names, not even forges')
            [CompletionResult]::new('--all-versions', '--all-versions', [CompletionResultType]::ParameterName, 'Fetch every version that go would list')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Write .info and .mod of every tag besides, so that version lists and queries work offline')
            [CompletionResult]::new('--no-extract', '--no-extract', [CompletionResultType]::ParameterName, 'Leave the folders out; go extracts the zips when it first needs them')
            [CompletionResult]::new('--no-sum', '--no-sum', [CompletionResultType]::ParameterName, 'Do not use the go.sum beside the go.mod of this folder')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what `go mod download -json` prints')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;seed' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--sum', '--sum', [CompletionResultType]::ParameterName, 'Check against this go.sum besides those of the projects; may be repeated')
            [CompletionResult]::new('--write-sums', '--write-sums', [CompletionResultType]::ParameterName, 'Write the lines that the go.sum files lack into this go.sum; lines that it has stay')
            [CompletionResult]::new('--sumdb', '--sumdb', [CompletionResultType]::ParameterName, 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--no-builtin-mirrors', '--no-builtin-mirrors', [CompletionResultType]::ParameterName, 'Ask only repositories that --mirror or a file of rules names, not even forges')
            [CompletionResult]::new('--mod-only', '--mod-only', [CompletionResultType]::ParameterName, 'Write only .mod and .info, which is enough for `go list -m all`')
            [CompletionResult]::new('--no-extract', '--no-extract', [CompletionResultType]::ParameterName, 'Leave the folders out; go extracts the zips when it first needs them')
            [CompletionResult]::new('--tidy', '--tidy', [CompletionResultType]::ParameterName, 'Fetch what `go mod tidy` reads besides, when the project is not tidy')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Tell what would be fetched; reads what the module graph needs and writes nothing into the cache')
            [CompletionResult]::new('--require-sums', '--require-sums', [CompletionResultType]::ParameterName, 'Refuse versions that no go.sum line covers')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each version')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;check' {
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Module proxies for the command that gets what is missing, as GOPROXY lists them; they are not asked')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--prove-limit', '--prove-limit', [CompletionResultType]::ParameterName, 'How long go may take for one verb')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--prove', '--prove', [CompletionResultType]::ParameterName, 'Run the go command that is on PATH offline as well, and compare what it says')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each project')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;serve' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen: address and port, or `unix:` and the path of a socket; port 0 is any that is free')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What all paths begin with, for a place behind a web server that has others')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]')
            [CompletionResult]::new('--sumdb', '--sumdb', [CompletionResultType]::ParameterName, 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'What is told of each request on stderr')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Speak TLS with this certificate, in PEM with those that lead to its authority; read again when it changes')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The private key of the certificate, in PEM')
            [CompletionResult]::new('--users', '--users', [CompletionResultType]::ParameterName, 'Answer only the users in this file; read again when it changes')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Connections that are open; more wait')
            [CompletionResult]::new('--max-header', '--max-header', [CompletionResultType]::ParameterName, 'The size of the head of a request, in KiB')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long a client may send no whole request, or take nothing of an answer, in seconds')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'How long requests may take to end once the server is to stop, in seconds')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--fetch', '--fetch', [CompletionResultType]::ParameterName, 'Fetch what is not stored')
            [CompletionResult]::new('--no-builtin-mirrors', '--no-builtin-mirrors', [CompletionResultType]::ParameterName, 'Ask only repositories that --mirror or a file of rules names, not even forges')
            [CompletionResult]::new('--hash-secret', '--hash-secret', [CompletionResultType]::ParameterName, 'Read a secret from stdin, print its lines for the file of users, and end')
            [CompletionResult]::new('--behind-proxy', '--behind-proxy', [CompletionResultType]::ParameterName, 'Believe the X-Forwarded-For, -Proto and -Host of a web server in front')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;pack' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file or folder to write; `-` is stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file or folder to write; `-` is stdout')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Leave out what the receiver has: his `gomodcache manifest`, or a bundle that he has unpacked')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'What to write: one file, or a folder that is a module proxy, for GOPROXY=file:// or behind any web server')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'Write parts of this size, for media that the whole does not fit on: FILE.001, FILE.002, …, and FILE.sha256')
            [CompletionResult]::new('--sbom', '--sbom', [CompletionResultType]::ParameterName, 'Write a bill of materials beside the bundle: FILE.cdx.json (CycloneDX 1.5) or FILE.spdx.json (SPDX 2.3), without the .tar.zst; may be repeated')
            [CompletionResult]::new('--sign', '--sign', [CompletionResultType]::ParameterName, 'Sign with this private key of OpenSSH (Ed25519 or ECDSA P-256), or have the agent sign with that of a .pub file')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--sum', '--sum', [CompletionResultType]::ParameterName, 'Check against this go.sum besides those of the projects; may be repeated')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Pack the whole cache')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;unpack' {
            [CompletionResult]::new('--trust', '--trust', [CompletionResultType]::ParameterName, 'Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be repeated')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--to-proxy', '--to-proxy', [CompletionResultType]::ParameterName, 'Unpack into this folder, which becomes a module proxy for GOPROXY=file:// or any web server; not into the cache')
            [CompletionResult]::new('--sum', '--sum', [CompletionResultType]::ParameterName, 'Check against this go.sum; may be repeated')
            [CompletionResult]::new('--sumdb', '--sumdb', [CompletionResultType]::ParameterName, 'Verify what no go.sum line covers with the records of the checksum database of GOSUMDB in the bundle')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--no-extract', '--no-extract', [CompletionResultType]::ParameterName, 'Leave the folders out; go extracts the zips when it first needs them')
            [CompletionResult]::new('--no-sum', '--no-sum', [CompletionResultType]::ParameterName, 'Do not use the go.sum beside the go.mod of this folder')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each version')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;inspect' {
            [CompletionResult]::new('--trust', '--trust', [CompletionResultType]::ParameterName, 'Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Read all of it, and compare every file with the manifest')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the manifest')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;manifest' {
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;list' {
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'The order of the versions')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--sum', '--sum', [CompletionResultType]::ParameterName, 'Check against this go.sum; may be repeated')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--tree', '--tree', [CompletionResultType]::ParameterName, 'Group the versions below their modules, and these below their hosts')
            [CompletionResult]::new('--no-sum', '--no-sum', [CompletionResultType]::ParameterName, 'Do not use the go.sum beside the go.mod of this folder')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each version')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;versions' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--available', '--available', [CompletionResultType]::ParameterName, 'Ask the mirror or proxy that the rules name for the versions that the cache has not')
            [CompletionResult]::new('--no-builtin-mirrors', '--no-builtin-mirrors', [CompletionResultType]::ParameterName, 'Ask only repositories that --mirror or a file of rules names, not even forges')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each version')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;verify' {
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--sum', '--sum', [CompletionResultType]::ParameterName, 'Check against this go.sum; may be repeated')
            [CompletionResult]::new('--sumdb', '--sumdb', [CompletionResultType]::ParameterName, 'Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module proxy on a network is asked, else off]')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--no-sum', '--no-sum', [CompletionResultType]::ParameterName, 'Do not use the go.sum beside the go.mod of this folder')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Put right what is wrong')
            [CompletionResult]::new('--no-builtin-mirrors', '--no-builtin-mirrors', [CompletionResultType]::ParameterName, 'Ask only repositories that --mirror or a file of rules names, not even forges')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each finding')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;rm' {
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Tell what would go and how much it frees, and remove nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;prune' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep all that this project needs: a folder with a go.mod or go.work, or such a file; may be repeated')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Remove what has not been used for so long: 90d, 12h, 2w')
            [CompletionResult]::new('--max-size', '--max-size', [CompletionResultType]::ParameterName, 'Remove what was used least recently until the versions take no more than this: 20GB, 500MiB')
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads at work [default: as many as there are processors]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Tell what would go, and remove nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;mirrors' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Read modules from this git repository; may be repeated')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take the rules of this file [default: gomodcache.toml in this folder or above, then the user''s own]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'List all rules in force, in the order in which they are asked')
            [CompletionResult]::new('--no-builtin-mirrors', '--no-builtin-mirrors', [CompletionResultType]::ParameterName, 'Ask only repositories that --mirror or a file of rules names, not even forges')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object for each module or rule')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;env' {
            [CompletionResult]::new('--modcache', '--modcache', [CompletionResultType]::ParameterName, 'The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell that will read the lines; sh is also for bash and zsh')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print an object, as `go env -json` does')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color on stderr; NO_COLOR turns `auto` off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no status, only errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print a status line for each version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'gomodcache;help' {
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Fetch module versions from git mirrors and module proxies into the module cache')
            [CompletionResult]::new('seed', 'seed', [CompletionResultType]::ParameterValue, 'Fetch all that projects need, so that go works on them offline')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Tell which go commands work offline with the cache as it is, and what is missing for the others')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the module cache to go as a module proxy')
            [CompletionResult]::new('pack', 'pack', [CompletionResultType]::ParameterValue, 'Pack what projects need into one file, to be carried to where there is no network')
            [CompletionResult]::new('unpack', 'unpack', [CompletionResultType]::ParameterValue, 'Unpack bundles into the module cache, once they are verified')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Tell what is in a bundle, without unpacking it')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print what the cache has, for `gomodcache pack --since`')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the versions in the cache')
            [CompletionResult]::new('versions', 'versions', [CompletionResultType]::ParameterValue, 'List the versions of a module in the cache, and all that its mirror has')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify that the cache holds what it says it holds')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove versions from the cache')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove from the cache what projects do not need, or what has not been used for long')
            [CompletionResult]::new('mirrors', 'mirrors', [CompletionResultType]::ParameterValue, 'Tell which rule says where a module comes from')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print the go settings for working on the cache offline')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'gomodcache;help;fetch' {
            break
        }
        'gomodcache;help;seed' {
            break
        }
        'gomodcache;help;check' {
            break
        }
        'gomodcache;help;serve' {
            break
        }
        'gomodcache;help;pack' {
            break
        }
        'gomodcache;help;unpack' {
            break
        }
        'gomodcache;help;inspect' {
            break
        }
        'gomodcache;help;manifest' {
            break
        }
        'gomodcache;help;list' {
            break
        }
        'gomodcache;help;versions' {
            break
        }
        'gomodcache;help;verify' {
            break
        }
        'gomodcache;help;rm' {
            break
        }
        'gomodcache;help;prune' {
            break
        }
        'gomodcache;help;mirrors' {
            break
        }
        'gomodcache;help;env' {
            break
        }
        'gomodcache;help;completions' {
            break
        }
        'gomodcache;help;man' {
            break
        }
        'gomodcache;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
