#!/usr/bin/env bash
# How fast a module cache is served: requests a second and their latency, throughput of a zip, memory.
#
#   cargo build --release && benches/serve.sh [SECONDS]
#
# Needs wrk, and what proxies.sh needs. Ends with what is required: of small answers three times what the better of the
# other proxies gives, and of a zip four fifths of what nginx gives.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=benches/proxies.sh
source benches/proxies.sh

readonly seconds=${1:-5} clients=64 threads=2
declare -A targets=([info]=golang.org/x/text/@v/v0.3.0.info [mod]=golang.org/x/text/@v/v0.3.0.mod
    [list]=golang.org/x/text/@v/list [latest]=golang.org/x/text/@latest [zip]=golang.org/x/tools/@v/v0.20.0.zip)
# Requests a second, by server and target.
declare -A rates

# load URL: what wrk says. Nothing is to be fetched: goproxy would ask for lists upstream.
load() {
    wrk -t$threads -c$clients -d"${seconds}s" --latency -H 'Disable-Module-Fetch: true' "$1"
}

measure() { # NAME URL TARGET…
    local name=$1 url=$2 target said
    shift 2
    printf '%s\n' "$name"
    for target in "$@"; do
        said=$(load "$url/${targets[$target]}")
        rates[$name $target]=$(awk '/Requests\/sec/ { print int($2) }' <<<"$said")
        awk -v what="$target" '/99%/ { slow = $2 } /Requests\/sec/ { rate = $2 } /Transfer\/sec/ { bytes = $2 }
            /Non-2xx/ { bad = " (" $0 ")" }
            END { printf "  %-8s %8.0f/s  p99 %-9s %9s/s%s\n", what, rate, slow, bytes, bad }' <<<"$said"
    done
    printf '  %-8s %s\n' memory "$(awk '/VmHWM/ { print $2, $3 }' "/proc/${servers[$name]}/status")"
}

# require TARGET TIMES NAME…: whether we give so many times what the best of these gives.
require() {
    local target=$1 times=$2 name best=0
    shift 2
    for name in "$@"; do
        ((${rates[$name $target]:-0} > best)) && best=${rates[$name $target]}
    done
    ((best == 0)) || awk -v target="$target" -v ours="${rates[ours $target]}" -v best="$best" -v times="$times" -v of="$*" \
        'BEGIN { printf "%-8s %5.2f times %s; %s times is required: %s\n",
                 target, ours / best, of, times, (ours / best >= times) ? "yes" : "NO" }'
}

start_ours
measure ours $ours info mod list latest zip
if command -v nginx >/dev/null; then
    start_nginx
    measure nginx $nginx info mod list zip
fi
if command -v goproxy >/dev/null; then
    start_goproxy
    measure goproxy $goproxy info mod list latest zip
fi
if command -v athens-proxy >/dev/null; then
    start_athens
    measure athens $athens info mod list zip
fi
for target in info mod list latest; do
    require $target 3 goproxy athens
done
require zip 0.8 nginx
