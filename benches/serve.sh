#!/usr/bin/env bash
# How fast a module cache is served: requests a second and their latency, throughput of a zip, memory.
#
#   cargo build --release && benches/serve.sh [ROUNDS]
#
# Needs wrk, and what processors.sh and proxies.sh need. The servers take turns, and of each the best of the rounds
# counts. What is required is three times the better of the other proxies for small answers, and of a zip four fifths of
# nginx. The other proxies write no log of requests: they are compared with ours when it writes none.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly rounds=${1:-5} seconds=2 clients=64
# shellcheck source=benches/processors.sh
source benches/processors.sh
# shellcheck source=benches/proxies.sh
source benches/proxies.sh

declare -A targets=([info]=golang.org/x/text/@v/v0.3.0.info [mod]=golang.org/x/text/@v/v0.3.0.mod
    [list]=golang.org/x/text/@v/list [latest]=golang.org/x/text/@latest [zip]=golang.org/x/tools/@v/v0.20.0.zip)
# By server and target: requests a second, and what wrk says of them.
declare -A rates said

# load NAME TARGET: one round. Nothing is to be fetched: goproxy would ask for lists upstream.
load() {
    local key="$1 $2" output rate
    output=$("${client_processors[@]}" wrk -t$threads -c$clients -d"${seconds}s" --latency \
        -H 'Disable-Module-Fetch: true' "${!1}/${targets[$2]}")
    rate=$(awk '/Requests\/sec/ { print int($2) }' <<<"$output")
    if ((rate > ${rates[$key]:-0})); then
        rates[$key]=$rate
        said[$key]=$(awk '/99%/ { slow = $2 } /Transfer\/sec/ { bytes = $2 } /Non-2xx/ { bad = " (" $0 ")" }
            END { printf "p99 %-9s %9s/s%s\n", slow, bytes, bad }' <<<"$output")
    fi
}

# require TARGET TIMES NAME…: whether we give so many times what the better of these gives.
require() {
    local target=$1 wanted=$2 name best=0
    shift 2
    for name in "$@"; do
        ((${rates[$name $target]:-0} > best)) && best=${rates[$name $target]}
    done
    ((best == 0)) || awk -v target="$target" -v ours="${rates[quiet $target]}" -v best="$best" -v wanted="$wanted" \
        -v of="$*" 'BEGIN { printf "%-6s %.1f times %s; %s times is required: %s\n",
            target, ours / best, of, wanted, (ours / best >= wanted) ? "yes" : "NO" }'
}

start_ours
readonly quiet=http://127.0.0.1:3905
start quiet $quiet "${ours_program[@]}" --listen "${quiet#*//}" --log off
names=(ours quiet)
for name in nginx goproxy athens; do
    if has $name; then
        start_$name
        names+=($name)
    fi
done
for target in info mod list latest zip; do
    for ((round = 0; round < rounds; round++)); do
        for name in "${names[@]}"; do
            # Neither of these has it.
            [[ $target == latest && $name == @(nginx|athens) ]] || load "$name" $target
        done
    done
done
for name in "${names[@]}"; do
    printf '%s, memory %s\n' "$name" "$(awk '/VmHWM/ { print $2, $3 }' "/proc/${servers[$name]}/status")"
    for target in info mod list latest zip; do
        [[ -v rates["$name $target"] ]] && printf '  %-6s %7d/s  %s\n' $target "${rates[$name $target]}" "${said[$name $target]}"
    done
done
for target in info mod list latest; do
    require $target 3 goproxy athens
done
require zip 0.8 nginx
