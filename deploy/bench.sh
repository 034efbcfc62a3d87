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

# half begins creates at half the rate at which they go, evenly, and whether or not the
# ones before have ended. It leaves that rate in a file.
half() {
    local all
    all=$(bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 256 -d "$DURATION" --keep -format json create 2>/dev/null |
        sed -n 's/.*"per_second": *\([0-9]*\).*/\1/p' | head -1)
    [ -n "$all" ] || return 1
    echo $((all / 2)) >"$RATE"
    echo "creates through the leader at half of $all a second, begun evenly:"
    bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 256 -d 15s -rate $((all / 2)) --keep create 2>/dev/null | sed -n '1,2p'
}
export -f half
export RATE=$dir/rate

for store in ${LOG_STORES:-boltdb wal}; do
    export JETON_RAFT_LOG_STORE=$store
    rm -rf "$dir/run"
    DURATION=${DURATION:-5s} JETON_RUN_DIR=$dir/run JETON_RUN_PORT=${JETON_RUN_PORT:-18200} JETON_LOG_LEVEL=warn deploy/run.sh bash -c half
    echo "the bare server at that rate:"
    on "$PWD/bin/jeton-floor" -to leader -c 256 -d 15s -rate "$(cat "$RATE")" create 2>/dev/null | sed -n '1,2p'
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
