#!/bin/sh
# Runs every fuzzer of the project for FUZZTIME (default 60s), one after the other;
# with FUZZ="FuzzFrames FuzzScan" only those. A finding is kept as a file under the
# package's testdata/fuzz and replayed by every go test from then on. With KEEP=n so are
# the n smallest inputs that reached something new, as far as there are not so many yet:
# the next machine begins where this one has ended.
set -eu
cd "$(dirname "$0")/.."

# keep copies inputs from Go's cache to where they are committed.
keep() { # package fuzzer
    cache=$(go env GOCACHE)/fuzz/$(go list "./$1")/$2
    kept=$1/testdata/fuzz/$2
    [ -d "$cache" ] || return 0
    mkdir -p "$kept"
    room=$((KEEP - $(ls "$kept" | wc -l)))
    [ "$room" -gt 0 ] || return 0
    ls -Sr "$cache" | head -n "$room" | while read -r input; do cp "$cache/$input" "$kept/"; done
}

for package in $(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do
    for fuzzer in $(go test -list '^Fuzz' "./$package" | grep '^Fuzz'); do
        case " ${FUZZ:-$fuzzer} " in *" $fuzzer "*) ;; *) continue ;; esac
        echo "$package $fuzzer"
        go test -run '^$' -fuzz "^$fuzzer\$" -fuzztime "${FUZZTIME:-60s}" "./$package"
        if [ "${KEEP:-0}" -gt 0 ]; then keep "$package" "$fuzzer"; fi
    done
done
