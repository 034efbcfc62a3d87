// Package rpc answers Waypoint's gRPC interface by asking the REST interface of the
// same server.
//
// It decides about nobody. Every call becomes a request of an http.Handler, made in
// memory, with the caller's token, cookie, address and TLS connection; the JSON of its
// answer becomes the message of the response. So it is the HTTP surface that judges
// callers, counts them, bounds them and tells the audit devices of them, and the two
// surfaces cannot come to differ. What this package has to say of its own (the header
// of the protocol's version, names that fit into no path) it says after the handler
// has judged the caller, wherever it would tell something to one who may not know.
//
// It promises:
//
//   - Metadata mean what they mean to Waypoint 0.11: metadata.go, protocol.go.
//   - An error has the code and the details that the REST answer names, or else the
//     code that its status stands for: failure.go. A bad token is Unauthenticated, as
//     over REST; Waypoint itself said Unknown.
//   - Messages, answers and the streams of a connection are bounded, and so is for how
//     long a client may take to send its message: arrival.go. An answer that it does
//     not take is kept as long as it answers pings, for the library does not say when
//     an answer was sent; it is one that the handler gave to a caller it knows.
//   - Streams stay open as long as their client and the node do, and their caller is
//     judged again every half minute: hold.go. When a runner's client goes away, the
//     runner is taken offline; when the node stops, the client is told to go to another
//     one, and the runner is not.
//   - A panic ends one call.
//
// Calls are spread over files as their resources are: version.go, token.go, user.go,
// runner.go, with runner_token.go, runner_config.go, runner_jobs.go and entrypoint.go
// for those that wait. What has no method here is answered with Unimplemented.
package rpc
