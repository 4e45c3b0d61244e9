#!/usr/bin/env bash
# How fast small answers are given over TLS and HTTP/2, as go asks when it downloads a build list: 64 clients with ten
# requests at a time each.
#
#   cargo build --release && benches/serve_tls.sh [ROUNDS]
#
# Needs h2load and openssl, and what proxies.sh needs. Processors are shared out as in serve.sh. The servers take turns,
# and of each the best of the rounds counts. What is required is three times the better of the other proxies.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly rounds=${1:-3} seconds=2 clients=64 at_once=10
# shellcheck source=benches/processors.sh
source benches/processors.sh
# shellcheck source=benches/proxies.sh
source benches/proxies.sh

readonly targets=(golang.org/x/text/@v/v0.3.0.info golang.org/x/text/@v/v0.3.0.mod golang.org/x/text/@v/list
    golang.org/x/text/@latest)
declare -A ports=([ours]=3911 [goproxy]=3913 [athens]=3914) rates

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null
export CURL_CA_BUNDLE=$scratch/cert.pem

# begin NAME COMMAND…: starts a server that speaks TLS, in place of the one that has filled it.
begin() {
    local name=$1
    shift
    [[ $name == ours ]] || stop "$name"
    start "tls-$name" "https://localhost:${ports[$name]}" "$@"
}

start_ours
names=(ours)
for name in goproxy athens; do
    has $name || continue
    "start_$name"
    names+=("$name")
done
for name in "${names[@]}"; do
    case $name in
    ours)
        begin ours "${ours_program[@]}" --listen "127.0.0.1:${ports[ours]}" --log off \
            --tls-cert "$scratch/cert.pem" --tls-key "$scratch/key.pem"
        ;;
    goproxy)
        begin goproxy env GOPROXY=off GOSUMDB=off "$scratch/goproxy.program" server --address "127.0.0.1:${ports[goproxy]}" \
            --cacher-dir "$scratch/goproxy" --tls-cert-file "$scratch/cert.pem" --tls-key-file "$scratch/key.pem"
        ;;
    athens)
        begin athens env ATHENS_PORT="127.0.0.1:${ports[athens]}" ATHENS_STORAGE_TYPE=disk ATHENS_LOG_LEVEL=error \
            ATHENS_DISK_STORAGE_ROOT="$scratch/athens" ATHENS_NETWORK_MODE=offline ATHENS_DOWNLOAD_MODE=none \
            ATHENS_TLSCERT_FILE="$scratch/cert.pem" ATHENS_TLSKEY_FILE="$scratch/key.pem" "$scratch/athens.program"
        ;;
    esac
done

for ((round = 0; round < rounds; round++)); do
    for target in "${targets[@]}"; do
        for name in "${names[@]}"; do
            said=$("${client_processors[@]}" h2load -t$threads -c$clients -m$at_once -D$seconds "https://localhost:${ports[$name]}/$target" 2>/dev/null)
            rate=$(awk '/^finished in/ { print int($4) }' <<<"$said")
            grep -q '^status codes: [1-9][0-9]* 2xx, 0 3xx, 0 4xx, 0 5xx' <<<"$said" || rate=0
            ((rate > ${rates[$name $target]:-0})) && rates[$name $target]=$rate
        done
    done
done

for target in "${targets[@]}"; do
    best=0
    for name in "${names[@]}"; do
        printf '%-8s %-42s %7d/s\n' "$name" "$target" "${rates[$name $target]:-0}"
        [[ $name != ours ]] && ((${rates[$name $target]:-0} > best)) && best=${rates[$name $target]}
    done
    ((best == 0)) || awk -v ours="${rates[ours $target]}" -v best="$best" 'BEGIN {
        printf "         %.1f times the better; 3 times is required: %s\n", ours / best, (ours / best >= 3) ? "yes" : "NO" }'
done
