#!/usr/bin/env bash
# Draws where the time of a leader and of a follower goes while a fresh three-node cluster
# on this machine creates tokens, and while it looks them up: docs/curves/cpu-*.svg, and
# the tables on standard output. Called by make profile; needs graphviz to draw.
#
#   DURATION    that is looked at, in seconds (default 8)
#   LOG_STORE   boltdb or wal (default wal)
set -euo pipefail
cd "$(dirname "$0")/.."

top=$(mktemp -d)
mkdir -p docs/curves
trap 'rm -rf "$top"' EXIT
CGO_ENABLED=0 go build -tags profile -trimpath -o "$top/jeton" ./cmd/jeton

# look profiles all nodes under a load. Who leads is seen by how much is written down.
look() {
    bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 256 -d $((DURATION + 6))s --keep "$1" 2>/dev/null | sed -n '1,2p' &
    sleep 3
    pkill -USR1 -f "$top/jeton server"
    sleep "$DURATION"
    pkill -USR1 -f "$top/jeton server"
    wait
}
export -f look
export top DURATION=${DURATION:-8}

for load in create lookup; do
    mkdir -p "$top/$load"
    JETON_PROFILE_DIR=$top/$load JETON_RAFT_LOG_STORE=${LOG_STORE:-wal} JETON_LOG_LEVEL=warn \
        JETON_RUN_SERVER=$top/jeton JETON_RUN_DIR=$top/run-$load JETON_RUN_PORT=${JETON_RUN_PORT:-18200} \
        deploy/run.sh bash -c "look $load"
    leader=$(ls -S "$top/$load"/cpu-* | head -1)
    follower=$(ls -S "$top/$load"/cpu-* | tail -1)
    for role in leader follower; do
        echo "== $load, $role"
        go tool pprof -top -cum -nodecount 40 "$top/jeton" "${!role}" 2>/dev/null
        if command -v dot >/dev/null; then
            go tool pprof -svg -nodecount 50 "$top/jeton" "${!role}" 2>/dev/null >"docs/curves/cpu-$load-$role.svg"
        else
            echo "graphviz is not there: nothing is drawn" >&2
        fi
    done
done
