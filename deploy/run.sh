#!/usr/bin/env bash
# Starts a real three-node cluster on this machine: three processes, each with its
# own disk under .jeton/run. Without arguments it stays in the foreground with the
# three logs and stops the nodes on Ctrl-C; a second start finds their data again.
# With arguments it runs them as a command against the cluster (JETON_ADDRS,
# JETON_ADDR and JETON_TOKEN are set) and stops the nodes when that ends.
#
#   JETON_RUN_DIR   where the data is (default .jeton/run)
#   JETON_RUN_PORT  HTTP port of the first node (default 8200); the others follow
#                   ten apart, cluster, gossip and gRPC use the three after each
#   JETON_LOG_LEVEL as for the server
#   JETON_RUN_SERVER another program (and flags) that is started in place of jeton
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${JETON_RUN_DIR:-.jeton/run}
first=${JETON_RUN_PORT:-8200}
binary=$PWD/bin/jeton
read -ra server <<<"${JETON_RUN_SERVER:-$binary}"
[ -x "$binary" ] || { echo "there is no bin/jeton: make build" >&2; exit 1; }

. deploy/secrets.sh
make_secrets "$dir" "$binary" 600
token=$(cat "$dir/root-token")

port() { echo $((first + 10 * ($1 - 1))); }

# prefix is a filter that must outlive Ctrl-C: the nodes still have things to say.
prefix() {
    trap '' INT TERM
    while IFS= read -r line; do printf '%s | %s\n' "$1" "$line"; done
}

pids=()
start() {
    local i=$1 join= other
    for other in 1 2 3; do
        [ "$other" = "$i" ] || join+=${join:+,}127.0.0.1:$(($(port "$other") + 2))
    done
    "${server[@]}" server --node-id "node-$i" --data-dir "$dir/node-$i" \
        --http-addr "127.0.0.1:$(port "$i")" \
        --cluster-addr "127.0.0.1:$(($(port "$i") + 1))" \
        --gossip-addr "127.0.0.1:$(($(port "$i") + 2))" \
        --grpc-addr "127.0.0.1:$(($(port "$i") + 3))" \
        --join "$join" --bootstrap-expect 3 \
        --secret-file "$dir/cluster.secret" --initial-root-token-file "$dir/root-token" \
        > >(prefix "node-$i" >&3) 2>&1 &
    pids+=($!)
}

stop() {
    trap '' INT TERM
    [ ${#pids[@]} -eq 0 ] && return
    kill -TERM "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
}

# logs go to standard error, or to a file when a command has the terminal
if [ $# -gt 0 ]; then exec 3>"$dir/log"; else exec 3>&2; fi

trap 'stop; exit 130' INT TERM
trap stop EXIT
for i in 1 2 3; do start "$i"; done

addrs=
for i in 1 2 3; do
    addr=http://127.0.0.1:$(port "$i")
    if ! "$binary" status -address "$addr" -wait 60s >/dev/null; then
        echo "node-$i does not serve${1:+; see $dir/log}" >&2
        exit 1
    fi
    addrs+=${addrs:+,}$addr
done

if [ $# -gt 0 ]; then
    JETON_ADDRS=$addrs JETON_ADDR=${addrs%%,*} JETON_TOKEN=$token "$@"
    exit
fi

cat <<TEXT

Three nodes serve, and any of them takes any request:

$(for i in 1 2 3; do echo "  node-$i  http://127.0.0.1:$(port "$i")  (process ${pids[$((i - 1))]})"; done)

root token: $token

In another terminal:

  export JETON_ADDR=http://127.0.0.1:$(port 2) JETON_TOKEN=$token
  export PATH=\$PWD/bin:\$PATH
  jeton operator members

Ctrl-C stops them; the data stays in $dir.

TEXT
trap 'stop; trap - EXIT; exit 0' INT TERM
wait "${pids[@]}" || true
