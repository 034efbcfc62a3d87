// Package load works a cluster as many clients would, and writes down what they
// are told.
//
// Every worker has a node of its own. One of each node's stays with it; the others
// sometimes ask another node, so that the answers of all about the same tokens meet
// in one history. Requests are
// never repeated behind the history's back; only creations with an idempotency key
// are, which are recorded as one operation, from the first attempt to the last.
package load
