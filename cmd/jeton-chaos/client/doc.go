// Package client is an HTTP client for judging a server by: it sends each request
// once, and says exactly what is known of its effect afterwards.
//
// net/http is not used to send, because its transport repeats a GET on its own
// when a kept connection breaks, and a repeated GET spends a one-time token twice.
package client
