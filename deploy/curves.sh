#!/usr/bin/env bash
# Measures what one operation costs as one thing in the state grows (BenchmarkCurves, the
# machine alone), and what a fresh three-node cluster does as clients become more; writes
# the data to docs/curves and draws them there. Called by make curves; needs gnuplot to
# draw and five gigabytes for ten million tokens.
#
#   BENCHTIME   operations for each point of the machine's curves (default 50000x)
#   DURATION    to measure, for each number of clients (default 4s)
#   CURVES      which of the machine's, as go test takes it (default .)
#   LOG_STORE   boltdb or wal (default boltdb)
set -euo pipefail
cd "$(dirname "$0")/.."

to=docs/curves
work=$(mktemp -d)
mkdir -p "$to"
trap 'rm -rf "$work"' EXIT

go test ./fsm -run '^$' -bench "Curves/${CURVES:-.}" -benchtime "${BENCHTIME:-50000x}" -timeout 0 | tee "$work/machine"
if [ -z "${CURVES:-}" ]; then
    awk 'BEGIN {print "axis,n,operation,nanoseconds (memory: bytes a token)"}
        /^BenchmarkCurves\// {
            split($1, part, "/"); split(part[2], of, "="); sub(/-[0-9]+$/, "", part[3])
            gsub("_", " ", of[1]); gsub("_", " ", part[3])
            value = $3
            for (i = 4; i <= NF; i++) if ($i == "B/token" || $i == "ns/token") value = $(i-1)
            printf "%s,%s,%s,%s\n", of[1], of[2], part[3], value
        }' "$work/machine" >"$to/machine.csv"
fi

JETON_RAFT_LOG_STORE=${LOG_STORE:-boltdb} JETON_LOG_LEVEL=warn JETON_RUN_DIR=$work/run JETON_RUN_PORT=${JETON_RUN_PORT:-18200} \
    deploy/run.sh sh -c 'exec bin/jeton bench -addr "$JETON_ADDRS" -to leader -c 1,2,4,8,16,32,64,128,256,512,1024 -d "$0" --keep create lookup 2>/dev/null' \
    "${DURATION:-4s}" | tee "$work/clients"
awk 'BEGIN {print "operation,clients,per second,p50 ms,p99 ms,p99.9 ms"}
    $1 == $2 && $4 ~ /^[0-9]+$/ {gsub(",", "", $5); printf "%s,%s,%s,%s,%s,%s\n", $1, $4, $5, $6, $7, $8}' "$work/clients" >"$to/clients.csv"

if command -v gnuplot >/dev/null; then
    gnuplot deploy/curves.gp
else
    echo "gnuplot is not there: the data are in $to, the plots are the old ones" >&2
fi
