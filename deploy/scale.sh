#!/usr/bin/env bash
# Fills a fresh three-node cluster on this machine with tokens, and says what they cost:
# memory of each process, the collector's share of the processor under all the writes it
# takes, a snapshot beside writes, and the time until nodes that were stopped serve again.
# Called by make scale.
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
    metrics() { curl -s -H "X-Vault-Token: $JETON_TOKEN" "$1/v1/sys/metrics?format=prometheus"; }
    pids=$(pgrep -f "data-dir $top/run/node-" || true)
    memory() {
        for pid in $pids; do
            awk -v p="$pid" '/VmRSS|VmHWM/ {printf "%s %s MiB  ", $1, int($2/1024)} END {print "pid " p}' "/proc/$pid/status"
        done
    }
    count() {
        for addr in ${JETON_ADDRS//,/ }; do
            metrics "$addr" | awk -v a="$addr" '/^jeton_token_count/ {n += $2} $1 == "go_memstats_heap_alloc_bytes" {h = $2}
                $1 == "go_gc_gogc_percent" {g = $2} END {printf "%s: %d tokens, heap %d MiB, %d bytes a token with garbage, GOGC %d\n", a, n, h/1048576, h/(n+1), g}'
        done
    }
    spent() {
        for addr in ${JETON_ADDRS//,/ }; do
            metrics "$addr" | awk '$1 == "process_cpu_seconds_total" {p = $2} $1 == "go_cpu_classes_gc_total_cpu_seconds_total" {g = $2} END {print p, g}'
        done
    }
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
    echo "all the writes it takes:"
    spent >"$top/before"
    bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 256 -d 40s --keep create 2>/dev/null | sed -n '1,2p'
    spent | paste "$top/before" - | awk '{printf "node %d: %.0f s of processor time, %.1f %% of it collecting garbage\n", NR, $3-$1, 100*($4-$2)/($3-$1)}'
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
