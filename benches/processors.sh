# Which processors are whose, while a server is measured: sourced by serve.sh and serve_tls.sh.
#
# Every server has the first one to itself, and its clients have the others: they take longer to ask than a fast server
# to answer, so on shared processors it is they who are measured.

threads=$(($(nproc) - 1))
if ((threads == 0)); then
    echo 'error: two processors are needed, one for the server and one for its clients' >&2
    exit 1
fi
readonly threads server_processor=(taskset -c 0) client_processors=(taskset -c "1-$threads")
