// Package bench loads a Vault-compatible token server and reports what it held.
//
// The generator usually shares its cores with the cluster it measures, so it is
// built to stay out of the way: requests are rendered once and written as they
// are, one goroutine owns one keep-alive connection, responses are parsed in
// place, and nothing is allocated per request. What it does not do follows from
// that: no HTTP/2, no redirects (a 307 is counted under its status), no retries
// (an error is a figure, not something to hide).
//
// The loop is closed: every connection sends its next request when the last one
// is answered. Latency is therefore the time to an answer at the load that c
// connections make, not at a fixed rate of arrival.
//
// Every token that a run makes descends from one token of its own, which is
// revoked at the end unless Config.Keep is set.
package bench
