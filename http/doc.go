// Package http speaks Vault's HTTP API for tokens on every node of a cluster.
// It is the only package that knows Vault's JSON, paths and headers.
//
// It promises:
//
//   - Secrets stay here. The caller's token is read from the request, turned into
//     a digest at once and kept in the request's memory only where something is
//     derived from it. Tokens never reach an error text, a log line, a metric or
//     a path that is handed on.
//   - A request is judged before it is faulted: whoever may not do what it asks
//     learns nothing from a 400, and a counted token pays for every request that
//     names it, be it malformed or for a path that does not exist.
//   - Bodies are decoded strictly: one object, valid UTF-8, bounded in depth and
//     size, and every error names the field and what was expected. Vault's
//     coercions ("1h", 3600, "3600"; "true", 1) are kept. As in Vault the last of
//     two equal fields counts and an unknown one is ignored; both with a warning.
//   - Every refusal has Vault's shape {"errors":[...]} and a status from one
//     table. Unknown errors reach the client as "internal error".
//   - What cannot be answered now is a 503 with Retry-After that says whether the
//     request was, was not or may have been done.
//
// Each resource has a file with its routes and handlers. A handler decodes, calls
// (*call).read or (*call).propose once, and returns an answer; call.go does
// everything else. A request's way: route.go finds its handler, line.go and
// caller.go read what it is and who asks, body.go and fields.go what it says,
// propose.go takes it to the cluster, envelope.go and errors.go answer.
package http
