#!/bin/sh
# Runs every fuzzer of the project for FUZZTIME (default 60s), one after the other.
# A finding is kept as a file under the package's testdata/fuzz and replayed by
# every go test from then on.
set -eu
cd "$(dirname "$0")/.."

for package in $(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do
    for fuzzer in $(go test -list '^Fuzz' "./$package" | grep '^Fuzz'); do
        echo "$package $fuzzer"
        go test -run '^$' -fuzz "^$fuzzer\$" -fuzztime "${FUZZTIME:-60s}" "./$package"
    done
done
