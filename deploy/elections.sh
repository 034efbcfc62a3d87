#!/usr/bin/env bash
# Keeps every core of this machine busy with a three-node cluster, and fails when an
# election was held meanwhile: nobody was ended, so none was called for. Called by
# make elections.
#
#   DURATION    of the load (default 30m)
#   LOG_STORE   boltdb or wal (default boltdb)
set -euo pipefail
cd "$(dirname "$0")/.."

top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

term() {
    curl -s -H "X-Vault-Token: $JETON_TOKEN" "$JETON_ADDR/v1/sys/metrics?format=prometheus" |
        awk '$1 == "jeton_cluster_term" {print int($2)}'
}

# busy is writes to the leader, writes to the others and reads of all, which keep no
# token alive but those they began with.
busy() {
    local from to
    from=$(term)
    [ -n "$from" ] || return 1
    local loads=() load
    bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 128 -d "$DURATION" -ttl 24h renew >"$top/leader" 2>/dev/null &
    loads+=($!)
    bin/jeton bench -addr "$JETON_ADDRS" -to follower -c 64 -d "$DURATION" -ttl 24h renew >"$top/follower" 2>/dev/null &
    loads+=($!)
    bin/jeton bench -addr "$JETON_ADDRS" -c 64 -d "$DURATION" -ttl 24h lookup >"$top/reads" 2>/dev/null &
    loads+=($!)
    sleep 5
    local idle busy
    read -r idle busy < <(awk '/^cpu / {print $5+$6, $2+$3+$4+$7+$8}' /proc/stat)
    for load in "${loads[@]}"; do wait "$load" || return 1; done
    awk -v i="$idle" -v b="$busy" '/^cpu / {i = $5+$6 - i; b = $2+$3+$4+$7+$8 - b; printf "processors busy: %.1f %%\n", 100*b/(b+i)}' /proc/stat
    for load in leader follower reads; do echo "$load:"; cat "$top/$load"; done
    to=$(term)
    echo "term before: $from, after: $to, in $DURATION"
    [ "$from" = "$to" ]
}
export -f term busy
export top DURATION=${DURATION:-30m}
JETON_RAFT_LOG_STORE=${LOG_STORE:-boltdb} JETON_LOG_LEVEL=warn \
    JETON_RUN_DIR=$top/run JETON_RUN_PORT=${JETON_RUN_PORT:-18300} deploy/run.sh bash -c busy
