#!/usr/bin/env bash
# What the proxies of others answer to the same requests, and where it is not what we answer.
#
#   cargo build --release && benches/answers.sh
#
# Needs jq, and what proxies.sh needs; none of the proxies has a network. A line of the table for each request that is
# not answered alike: the status, and `other` for content that is not ours, be it written in another way or order.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=benches/proxies.sh
source benches/proxies.sh

readonly text=golang.org/x/text exp=golang.org/x/exp/@v/v0.0.0-20240506185415-9bf2ced13842
readonly toml=github.com/!burnt!sushi/toml jwt=github.com/golang-jwt/jwt
requests=(
    "GET $text/@v/list" "GET $text/@latest" "HEAD $text/@v/list"
    "GET $text/@v/v0.3.0.info" "GET $text/@v/v0.3.0.mod" "GET $text/@v/v0.3.0.zip" "HEAD $text/@v/v0.3.0.zip"
    "GET $toml/@v/list" "GET $toml/@v/v1.3.2.info" "GET ${toml//!/%21}/@v/v1.3.2.mod" "GET $toml/@v/v1.3.2.zip"
    "GET github.com/BurntSushi/toml/@v/list"
    "GET $jwt/@v/v3.2.2+incompatible.info" "GET $jwt/@v/v3.2.2%2Bincompatible.mod" "GET $jwt/@v/v3.2.2+incompatible.zip"
    "GET golang.org/x/exp/@v/list" "GET golang.org/x/exp/@latest" "GET $exp.info" "GET $exp.mod" "GET $exp.zip"
    "GET golang.org/x/exp/@v/9bf2ced13842.info" "GET $text/@v/v0.info"
    "GET $text/@v/v0.99.0.info" "GET $text/@v/v0.99.0.zip" "GET $text/@v/v0.3.0.lock" "GET $text/@v/nothing.info"
    "GET github.com/@v/list" "GET example.com/absent/@v/list" "GET example.com/absent/@latest" "GET robots.txt"
    "POST $text/@v/list" "GET $text/@v/..%2f..%2fv0.3.0.info" "GET $text/@v/v0.3.0.info%00"
    "RANGE $text/@v/v0.3.0.zip" "KNOWN $text/@v/v0.3.0.zip"
    "GET sumdb/sum.golang.org/supported" "GET sumdb/sum.golang.org/lookup/$text@v0.3.0" "GET sumdb/sum.golang.org/latest"
)

# ask URL METHOD TARGET: writes the content to $scratch/body and prints the status.
ask() {
    local options=()
    case $2 in
    HEAD) options=(--head) ;;
    POST) options=(--data '') ;;
    RANGE) options=(--header 'Range: bytes=10-19') ;;
    KNOWN)
        local tag
        tag=$(curl -sS --head "$1/$3" | tr -d '\r' | sed -n 's/^etag: //Ip')
        options=(--header "If-None-Match: ${tag:-none}")
        ;;
    esac
    curl -sS --path-as-is --max-time 60 "${options[@]}" -o "$scratch/body" -w '%{http_code}' "$1/$3"
    case $2 in
    HEAD) : >"$scratch/body" ;;
    esac
}

# meaning STATUS METHOD TARGET: the content in a form in which what means the same is the same.
meaning() {
    case $1,$3 in
    200,*.info | 200,*@latest) jq -c '{Version, Time}' "$scratch/body" ;;
    200,*/list) sort "$scratch/body" ;;
    200,* | 206,*) sha256sum <"$scratch/body" ;;
    esac
}

start_ours
has goproxy && start_goproxy
has athens && start_athens
printf '| request | gomodcache | goproxy | Athens |\n|---|---|---|---|\n'
alike=0
for request in "${requests[@]}"; do
    read -r method target <<<"$request"
    cells=()
    for url in $ours $goproxy $athens; do
        status=$(ask "$url" "$method" "$target")
        said=$(meaning "$status" "$method" "$target" 2>&1)
        [[ $url == "$ours" ]] && expected=$said
        [[ $status != 20? || $said == "$expected" ]] || status+=' other'
        cells+=("$status")
    done
    if [[ ${cells[1]} == "${cells[0]}" && ${cells[2]} == "${cells[0]}" ]]; then
        alike=$((alike + 1))
    else
        printf '| `%s` | %s | %s | %s |\n' "$request" "${cells[@]}"
    fi
done
printf '%d of %d requests are answered alike.\n' "$alike" "${#requests[@]}"
