package main

import (
	"strings"
	"testing"
)

func TestReadEvents(t *testing.T) {
	const stream = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"chatter\n"}
{"Action":"pass","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestBad","Output":"what was wrong\n"}
{"Action":"fail","Package":"a","Test":"TestBad"}
{"Action":"output","Package":"a","Test":"TestLater","Output":"=== RUN   TestLater\n"}
{"Action":"output","Package":"a","Test":"TestLater","Output":"    a_test.go:7: NO SERVER IS HERE\n"}
{"Action":"output","Package":"a","Test":"TestLater","Output":"--- SKIP: TestLater (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestLater"}
{"Action":"output","Package":"a","Output":"FAIL a\n"}
{"Action":"fail","Package":"a"}
{"Action":"output","Package":"b","Output":"? b [no test files]\n"}
{"Action":"skip","Package":"b"}
{"ImportPath":"c","Action":"build-output","Output":"c.go:1: undefined\n"}
{"ImportPath":"c","Action":"build-fail"}
{"Action":"fail","Package":"c","FailedBuild":"c"}
{"Action":"output","Package":"d","Output":"panic: at once\n"}
{"Action":"fail","Package":"d"}
warning: from elsewhere
`
	var out strings.Builder
	got := readEvents(strings.NewReader(stream), &out)
	if want := (tally{passed: 1, failed: 3, skipped: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	for _, want := range []string{"what was wrong", "c.go:1: undefined", "panic: at once", "warning: from elsewhere", "skipped: a_test.go:7: NO SERVER IS HERE\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "chatter") {
		t.Errorf("the output of a test that passed:\n%s", &out)
	}
}

func TestReadSuite(t *testing.T) {
	const out = `wrap-lookup    wrapping    3  what it shows
2 scenarios, 9 steps
FAIL role-crud step 2 GET /v1/x: status: want 200, got 404
area roles   1 passed   1 failed    5 steps
7 passed, 1 failed
`
	if got, want := readSuite(out, nil), (tally{passed: 7, failed: 1, skipped: 2}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if got := readSuite("2 scenarios, 9 steps\nno such host\n", nil); got.failed != 1 || got.passed != 0 {
		t.Errorf("a suite that did not finish: %+v", got)
	}
}
