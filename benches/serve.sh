#!/usr/bin/env bash
# How fast a module cache is served: requests a second and their latency, throughput of a zip, memory.
#
#   cargo build --release && benches/serve.sh [ROUNDS]
#
# Needs wrk, and what proxies.sh needs. The servers take turns, and of each the best of the rounds counts. Clients and
# servers share the processors, and wrk needs more time for a request than a fast server does. So what is required, three
# times the better of the other proxies for small answers and of a zip four fifths of nginx, is told by requests a second
# of the clock and, for the small answers, also by requests a second of the server's own processor time. The other proxies
# write no log of requests: they are compared with ours when it writes none.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=benches/proxies.sh
source benches/proxies.sh

readonly rounds=${1:-5} seconds=2 clients=64 threads=2
declare -A targets=([info]=golang.org/x/text/@v/v0.3.0.info [mod]=golang.org/x/text/@v/v0.3.0.mod
    [list]=golang.org/x/text/@v/list [latest]=golang.org/x/text/@latest [zip]=golang.org/x/tools/@v/v0.20.0.zip)
# By server and target: requests a second, what wrk says of them, all requests, their processor time in nanoseconds.
declare -A rates said counts times

# spent NAME: the processor time of a server and its children, in nanoseconds.
spent() {
    local process
    for process in "${servers[$1]}" $(pgrep -P "${servers[$1]}"); do
        cat "/proc/$process/stat"
    done | awk -v tick="$(getconf CLK_TCK)" '{ ticks += $14 + $15 } END { printf "%.0f\n", ticks * 1e9 / tick }'
}

# load NAME TARGET: one round. Nothing is to be fetched: goproxy would ask for lists upstream.
load() {
    local key="$1 $2" before output rate
    before=$(spent "$1")
    output=$(wrk -t$threads -c$clients -d"${seconds}s" --latency -H 'Disable-Module-Fetch: true' "${!1}/${targets[$2]}")
    times[$key]=$((${times[$key]:-0} + $(spent "$1") - before))
    counts[$key]=$((${counts[$key]:-0} + $(awk '/requests in/ { print $1 }' <<<"$output")))
    rate=$(awk '/Requests\/sec/ { print int($2) }' <<<"$output")
    if ((rate > ${rates[$key]:-0})); then
        rates[$key]=$rate
        said[$key]=$(awk '/99%/ { slow = $2 } /Transfer\/sec/ { bytes = $2 } /Non-2xx/ { bad = " (" $0 ")" }
            END { printf "p99 %-9s %9s/s%s\n", slow, bytes, bad }' <<<"$output")
    fi
}

# require TARGET TIMES MEASURE…: whether we give so many times what the better of the others gives, by name of an array.
require() {
    local target=$1 wanted=$2
    shift 2
    local -n ours_and_others=$1
    local name best=0
    for name in "${@:2}"; do
        [[ -v servers[$name] ]] && ((${ours_and_others[$name $target]:-0} > best)) && best=${ours_and_others[$name $target]}
    done
    ((best == 0)) || awk -v target="$target" -v by="$1" -v ours="${ours_and_others[quiet $target]}" -v best="$best" \
        -v wanted="$wanted" -v of="${*:2}" 'BEGIN { printf "%-6s %s: %.1f times %s; %s times is required: %s\n",
            target, by, ours / best, of, wanted, (ours / best >= wanted) ? "yes" : "NO" }'
}

start_ours
readonly quiet=http://127.0.0.1:3905
start quiet $quiet "${ours_program[@]}" --listen "${quiet#*//}" --log off
names=(ours quiet)
for name in nginx:nginx goproxy:goproxy athens:athens-proxy; do
    if command -v "${name#*:}" >/dev/null; then
        "start_${name%:*}"
        names+=("${name%:*}")
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
declare -A per_processor_second
for name in "${names[@]}"; do
    printf '%s, memory %s\n' "$name" "$(awk '/VmHWM/ { print $2, $3 }' "/proc/${servers[$name]}/status")"
    for target in info mod list latest zip; do
        key="$name $target"
        [[ -v rates[$key] ]] || continue
        per_processor_second[$key]=$((counts[$key] * 1000000000 / (times[$key] + 1)))
        printf '  %-6s %7d/s  %7d a second of processor time  %s\n' \
            $target "${rates[$key]}" "${per_processor_second[$key]}" "${said[$key]}"
    done
done
for target in info mod list latest; do
    require $target 3 rates goproxy athens
    require $target 3 per_processor_second goproxy athens
done
require zip 0.8 rates nginx
