#!/bin/sh
# Starts docker-compose.yml and waits until every node serves. Called by make up.
set -eu
cd "$(dirname "$0")/.."

if [ -z "${COMPOSE:-}" ]; then
    COMPOSE=docker-compose
    ! docker compose version >/dev/null 2>&1 || COMPOSE="docker compose"
fi
JETON_SECRETS=${JETON_SECRETS:-$PWD/.jeton/compose}
export JETON_SECRETS

# Compose mounts the files into containers whose user is another one: they must be
# readable for all, and are kept from all by the directory around them.
. deploy/secrets.sh
make_secrets "$JETON_SECRETS" bin/jeton 444

$COMPOSE -p "${PROJECT:-jeton}" up -d

for port in "${JETON_PORT_1:-8200}" "${JETON_PORT_2:-8210}" "${JETON_PORT_3:-8220}"; do
    if ! bin/jeton status -address "http://127.0.0.1:$port" -wait 60s >/dev/null; then
        echo "the node on port $port does not serve; see $COMPOSE -p ${PROJECT:-jeton} logs" >&2
        exit 1
    fi
    echo "http://127.0.0.1:$port serves"
done
echo "root token: $(cat "$JETON_SECRETS/root-token")"
