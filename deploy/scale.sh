#!/usr/bin/env bash
# Fills a fresh three-node cluster on this machine with tokens, and says what they cost:
# memory of each process, a snapshot beside writes, and the time until a node that was
# killed serves again. Called by make scale.
#
#   TOKENS      how many, about (default 1000000)
#   LOG_STORE   boltdb or wal (default boltdb)
#   IDLE        seconds of rest before memory is looked at again (default 150)
set -euo pipefail
cd "$(dirname "$0")/.."

top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
export JETON_RAFT_LOG_STORE=${LOG_STORE:-boltdb} JETON_LOG_LEVEL=warn

measure() {
    local metrics='curl -s -H "X-Vault-Token: $JETON_TOKEN" "$JETON_ADDR/v1/sys/metrics?format=prometheus"'
    pids=$(pgrep -f "data-dir $top/run/node-" || true)
    memory() {
        for pid in $pids; do
            awk -v p="$pid" '/VmRSS|VmHWM/ {printf "%s %s MiB  ", $1, int($2/1024)} END {print "pid " p}' "/proc/$pid/status"
        done
    }
    count() { eval "$metrics" | awk '/^jeton_token_count|^go_memstats_heap_(inuse|alloc)_bytes |^go_memstats_gc_cpu_fraction/ {print}'; }
    echo "before:"; memory
    local have=0
    while [ "$have" -lt "$TOKENS" ]; do
        bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 256 -d 20s -ttl 24h --keep -format json create 2>/dev/null >"$top/round"
        have=$((have + $(sed -n 's/.*"count": *\([0-9]*\).*/\1/p' "$top/round" | head -1)))
        echo "$have created, $(sed -n 's/.*"per_second": *\([0-9]*\).*/\1/p' "$top/round" | head -1)/s"
    done
    echo "after the last create:"; memory; count
    sleep "$IDLE" # two minutes without one, and Go collects by itself
    echo "idle for $IDLE s:"; memory; count
    echo "writes alone:"
    bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 32 -d 10s --keep create 2>/dev/null | sed -n '1,2p'
    echo "writes beside a snapshot:"
    (time -p bin/jeton snapshot save "$top/a.snap" >/dev/null) 2>"$top/save" &
    bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 32 -d 10s --keep create 2>/dev/null | sed -n '2p'
    wait
    sed -n 's/^real/snapshot: seconds/p' "$top/save"; du -h "$top/a.snap"
}
export -f measure
export top IDLE=${IDLE:-150} TOKENS=${TOKENS:-1000000}
JETON_RUN_DIR=$top/run JETON_RUN_PORT=${JETON_RUN_PORT:-18200} deploy/run.sh bash -c measure

echo "started again on what is there, until all three serve:"
time JETON_RUN_DIR=$top/run JETON_RUN_PORT=${JETON_RUN_PORT:-18200} deploy/run.sh true
