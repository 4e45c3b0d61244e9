# The module proxies that are compared, before the same modules: sourced by serve.sh, serve_tls.sh and answers.sh.
#
# Needs go, which fills the cache from GOPROXY (a file:// folder will do) and builds the proxies of others, and perhaps
# nginx, which serves the same files from the same folder. The others fill themselves from us first, and then have no
# network. Servers are started by the command server_processor, where that is set.

readonly modules=(golang.org/x/text@v0.3.0 golang.org/x/text@v0.14.0 golang.org/x/tools@v0.20.0
    github.com/BurntSushi/toml@v1.3.2 github.com/golang-jwt/jwt@v3.2.2+incompatible
    golang.org/x/exp@v0.0.0-20240506185415-9bf2ced13842)
readonly ours=http://127.0.0.1:3901 nginx=http://127.0.0.1:3902
readonly goproxy=http://127.0.0.1:3903 athens=http://127.0.0.1:3904
scratch=$(mktemp -d)
# The ids of the processes by the names of the servers.
declare -A servers
declare -A packages=([goproxy]='github.com/goproxy/goproxy v0.23.0 cmd/goproxy'
    [athens]='github.com/gomods/athens v0.17.0 cmd/proxy')
trap 'kill "${servers[@]}" 2>/dev/null; wait 2>/dev/null; chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

# has NAME: whether this server can be started; builds it where that is what is missing.
has() {
    local module version package
    if [[ ! -v packages[$1] ]]; then
        command -v "$1" >/dev/null
        return
    fi
    read -r module version package <<<"${packages[$1]}"
    mkdir -p "$scratch/build/$1"
    printf 'module build\n\nrequire %s %s\n' "$module" "$version" >"$scratch/build/$1/go.mod"
    if ! (cd "$scratch/build/$1" && env -u GOMODCACHE -u GOPATH go build -mod=mod -o "$scratch/$1.program" "$module/$package") \
        2>"$scratch/build/$1.err"; then
        printf 'not compared: %s, for go cannot build it: %s\n' "$1" "$(tail -n 1 "$scratch/build/$1.err")" >&2
        return 1
    fi
}

export GOMODCACHE=$scratch/mod GOFLAGS=-modcacherw GOPATH=$scratch/go
for module in "${modules[@]}"; do
    go mod download "$module"
done
readonly stored=$GOMODCACHE/cache/download

# start NAME URL COMMAND…: starts a server and waits until it answers.
start() {
    local name=$1 url=$2
    shift 2
    "${server_processor[@]}" "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
    servers[$name]=$!
    for _ in {1..100}; do
        curl -sS -o /dev/null "$url/" 2>/dev/null && return
        sleep 0.1
    done
    cat "$scratch/$name.err"
    return 1
}

stop() { # NAME
    kill "${servers[$1]}" && wait "${servers[$1]}" || true
    unset "servers[$1]"
}

# fill URL: asks a proxy for everything that can be stored.
fill() {
    local file
    while read -r file; do
        curl -fsS -o /dev/null "$1/$file"
    done < <(cd "$stored" && find . -name '*.info' -o -name '*.mod' -o -name '*.zip' | cut -c3-)
    for file in "$stored"/*/*/*/@v; do
        file=${file#"$stored/"}
        curl -fsS -o /dev/null "$1/$file/list" -o /dev/null "$1/${file%/@v}/@latest"
    done
}

readonly ours_program=("${GOMODCACHE_BENCH:-target/release/gomodcache}" serve)

start_ours() {
    start ours $ours "${ours_program[@]}" --listen "${ours#*//}"
}

start_nginx() {
    cat >"$scratch/nginx.conf" <<CONF
daemon off; pid $scratch/nginx.pid; error_log stderr; worker_processes $("${server_processor[@]}" nproc);
events { worker_connections 1024; }
http {
    access_log $scratch/access.log; sendfile on; tcp_nopush on; default_type text/plain;
    server { listen ${nginx#*//}; location / { root $stored; } }
}
CONF
    # Its workers become another user where it is started by root.
    chmod 755 "$scratch"
    start nginx $nginx nginx -c "$scratch/nginx.conf"
}

start_goproxy() {
    local command=("$scratch/goproxy.program" server --address "${goproxy#*//}" --cacher-dir "$scratch/goproxy"
        --proxied-sumdbs "sum.golang.org $ours/sumdb/sum.golang.org")
    start goproxy $goproxy env GOPROXY=$ours GOSUMDB=off "${command[@]}"
    fill $goproxy
    stop goproxy
    start goproxy $goproxy env GOPROXY=off GOSUMDB=off "${command[@]}"
}

start_athens() {
    local command=(env ATHENS_PORT="${athens#*//}" ATHENS_STORAGE_TYPE=disk ATHENS_LOG_LEVEL=error
        ATHENS_DISK_STORAGE_ROOT="$scratch/athens" ATHENS_GO_BINARY_ENV_VARS="GOPROXY=$ours;GOSUMDB=off")
    mkdir "$scratch/athens"
    start athens $athens "${command[@]}" "$scratch/athens.program"
    fill $athens
    stop athens
    start athens $athens "${command[@]}" ATHENS_NETWORK_MODE=offline ATHENS_DOWNLOAD_MODE=none "$scratch/athens.program"
}
