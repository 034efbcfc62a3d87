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
