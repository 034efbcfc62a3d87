# shellcheck shell=sh
# Sourced. make_secrets DIR BINARY MODE: the cluster secret and the root token of a
# cluster of this machine, made once and kept.

make_secrets() {
    mkdir -p "$1"
    chmod 700 "$1"
    if [ ! -f "$1/cluster.secret" ]; then
        "$2" operator keygen --out "$1/cluster.secret"
        chmod "$3" "$1/cluster.secret"
    fi
    if [ ! -f "$1/root-token" ]; then
        # no token of our own form: those are the server's to draw
        (umask 077 && printf 'root-%s\n' "$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')" >"$1/root-token.new")
        chmod "$3" "$1/root-token.new"
        mv "$1/root-token.new" "$1/root-token"
    fi
}

# make_metrics_token DIR BINARY URL: a token that may read sys/metrics and nothing else,
# in DIR/metrics-token. It lives for 32 days, the longest that a cluster gives untuned;
# the next call renews it, or makes another.
make_metrics_token() (
    JETON_TOKEN=$(cat "$1/root-token")
    export JETON_TOKEN
    if [ -s "$1/metrics-token" ] && "$2" token renew -address "$3" - <"$1/metrics-token" >/dev/null 2>&1; then
        exit
    fi
    printf 'path "sys/metrics" { capabilities = ["read"] }\n' | "$2" policy write -address "$3" metrics - >/dev/null
    umask 077
    "$2" token create -address "$3" -policy=metrics -no-default-policy -orphan -period=768h \
        -display-name=prometheus -field=token >"$1/metrics-token.new"
    chmod 444 "$1/metrics-token.new"
    mv "$1/metrics-token.new" "$1/metrics-token"
)
