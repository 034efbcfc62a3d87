#!/bin/sh
# Starts docker-compose.yml and waits until every node serves. Called by make up. With
# COMPOSE_PROFILES=monitoring it makes Prometheus a token then, and starts that and
# Grafana, too.
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

# docker-compose warns of a secret without a file, also when nothing that is on uses it
[ -f "$JETON_SECRETS/metrics-token" ] || : >"$JETON_SECRETS/metrics-token"

# the nodes first, by name: what belongs to a profile needs them
$COMPOSE -p "${PROJECT:-jeton}" up -d node-1 node-2 node-3

for port in "${JETON_PORT_1:-8200}" "${JETON_PORT_2:-8210}" "${JETON_PORT_3:-8220}"; do
    if ! bin/jeton status -address "http://127.0.0.1:$port" -wait 60s >/dev/null; then
        echo "the node on port $port does not serve; see $COMPOSE -p ${PROJECT:-jeton} logs" >&2
        exit 1
    fi
    echo "http://127.0.0.1:$port serves"
done

case ",${COMPOSE_PROFILES:-}," in
*,monitoring,*)
    make_metrics_token "$JETON_SECRETS" bin/jeton "http://127.0.0.1:${JETON_PORT_1:-8200}"
    $COMPOSE -p "${PROJECT:-jeton}" up -d
    echo "Prometheus: http://127.0.0.1:${JETON_PROMETHEUS_PORT:-9090}"
    echo "Grafana: http://127.0.0.1:${JETON_GRAFANA_PORT:-3000}"
    ;;
esac
echo "root token: $(cat "$JETON_SECRETS/root-token")"
