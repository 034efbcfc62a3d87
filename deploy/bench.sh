#!/usr/bin/env bash
# Measures on this machine what the stack gives (cmd/jeton-floor, in three processes) and
# what a fresh three-node cluster gives, at 1, 64 and 256 connections, on the leader and
# on the followers, for each kind of log store. Called by make bench.
#
#   DURATION    to measure, for each figure (default 5s)
#   LOG_STORES  kinds of log store (default "boltdb wal")
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# on starts a fresh cluster of a program, and measures it; what follows goes to bench.
# --keep: revoking what one figure made would weigh on the next
on() {
    local server=$1
    shift
    rm -rf "$dir/run"
    JETON_RUN_SERVER=$server JETON_RUN_DIR=$dir/run JETON_RUN_PORT=${JETON_RUN_PORT:-18200} JETON_LOG_LEVEL=warn \
        deploy/run.sh sh -c 'exec bin/jeton bench -addr "$JETON_ADDRS" "$@"' bench \
        -c 1,64,256 -d "${DURATION:-5s}" --keep "$@"
}

for store in ${LOG_STORES:-boltdb wal}; do
    export JETON_RAFT_LOG_STORE=$store
    for to in leader follower; do
        on "$PWD/bin/jeton-floor" -to "$to" -format json create lookup 2>/dev/null >"$dir/floors"
        if [ "$to" = leader ]; then
            echo "log in $store; a local read, which asks nobody, by the bare server:"
            on "$PWD/bin/jeton-floor -local" -to "$to" lookup 2>/dev/null | sed -n '1,4p'
        fi
        echo "log in $store, nodes: $to"
        on "$PWD/bin/jeton" -to "$to" -floors "$dir/floors" 2>/dev/null
    done
done
