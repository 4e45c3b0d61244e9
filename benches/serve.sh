#!/usr/bin/env bash
# How fast a module cache is served: requests a second of small answers, throughput of a zip, memory.
#
#   cargo build --release && benches/serve.sh [SECONDS]
#
# Needs wrk and go, which fills the cache from GOPROXY (a file:// folder will do). Next to us it measures whatever is
# on PATH of nginx, which serves the same files from the same folder, and the module proxies `athens-proxy` and
# `goproxy`, which fill themselves from us first.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly seconds=${1:-5} clients=64 threads=2
readonly small=golang.org/x/text/@v large=golang.org/x/tools/@v/v0.20.0.zip
scratch=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait 2>/dev/null; chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

export GOMODCACHE=$scratch/mod GOFLAGS=-modcacherw GOPATH=$scratch/go
go mod download golang.org/x/text@v0.3.0 golang.org/x/text@v0.14.0 golang.org/x/tools@v0.20.0

# start NAME URL COMMAND…: starts a server and waits until it answers.
start() {
    local name=$1 url=$2
    shift 2
    "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
    servers+=($!)
    for _ in {1..100}; do
        curl -fsS -o /dev/null "$url/$small/v0.3.0.info" 2>/dev/null && return
        sleep 0.1
    done
    cat "$scratch/$name.err"
    return 1
}

# requests URL: requests a second and the latency of the 99th percentile.
requests() {
    wrk -t$threads -c$clients -d"${seconds}s" --latency "$1" |
        awk '/99%/ { slow = $2 } /Requests\/sec/ { rate = $2 } /Non-2xx/ { bad = " (" $0 ")" }
             END { printf "%9.0f/s  p99 %-9s%s", rate, slow, bad }'
}

# throughput URL: of 8 clients that take the zip again and again.
throughput() {
    wrk -t$threads -c8 -d"${seconds}s" "$1" | awk '/Transfer\/sec/ { print $2 "/s" }'
}

measure() { # NAME URL PID
    printf '%s\n' "$1"
    local what
    for what in v0.3.0.info v0.3.0.mod list; do
        printf '  %-12s %s\n' "$what" "$(requests "$2/$small/$what")"
    done
    printf '  %-12s %s\n' zip "$(throughput "$2/$large")"
    printf '  %-12s %s\n' memory "$(awk '/VmHWM/ { print $2, $3 }' "/proc/$3/status")"
}

ours=http://127.0.0.1:3901
start ours $ours "${GOMODCACHE_BENCH:-target/release/gomodcache}" serve --listen 127.0.0.1:3901
measure "gomodcache serve" $ours "${servers[-1]}"

if command -v nginx >/dev/null; then
    cat >"$scratch/nginx.conf" <<CONF
daemon off; pid $scratch/nginx.pid; error_log stderr; worker_processes auto;
events { worker_connections 1024; }
http {
    access_log $scratch/access.log; sendfile on; tcp_nopush on; default_type text/plain;
    server { listen 127.0.0.1:3902; location / { root $GOMODCACHE/cache/download; } }
}
CONF
    # Its workers become another user where it is started by root.
    chmod 755 "$scratch"
    start nginx http://127.0.0.1:3902 nginx -c "$scratch/nginx.conf"
    measure "nginx, the same files" http://127.0.0.1:3902 "${servers[-1]}"
fi
if command -v goproxy >/dev/null; then
    start goproxy http://127.0.0.1:3903 \
        env GOPROXY=$ours goproxy server --address 127.0.0.1:3903 --cacher-dir "$scratch/goproxy"
    measure goproxy http://127.0.0.1:3903 "${servers[-1]}"
fi
if command -v athens-proxy >/dev/null; then
    mkdir "$scratch/athens"
    start athens http://127.0.0.1:3904 env ATHENS_PORT=127.0.0.1:3904 ATHENS_STORAGE_TYPE=disk \
        ATHENS_DISK_STORAGE_ROOT="$scratch/athens" ATHENS_GO_BINARY_ENV_VARS="GOPROXY=$ours" athens-proxy
    measure Athens http://127.0.0.1:3904 "${servers[-1]}"
fi
