#!/usr/bin/env bash
# Measures a fresh three-node cluster on this machine: every workload at 1, 64 and
# 256 connections, on the leader and on the followers. Called by make bench.
#
#   DURATION  to measure, for each figure (default 5s)
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# --keep: revoking what one figure made would weigh on the next
for to in leader follower; do
    rm -rf "$dir/run"
    JETON_RUN_DIR=$dir/run JETON_RUN_PORT=${JETON_RUN_PORT:-18200} JETON_LOG_LEVEL=warn \
        deploy/run.sh sh -c 'exec bin/jeton bench -addr "$JETON_ADDRS" "$@"' bench \
        -to "$to" -c 1,64,256 -d "${DURATION:-5s}" --keep
done
