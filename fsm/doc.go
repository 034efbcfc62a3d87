// Package fsm is the deterministic state machine of a Jeton cluster.
//
// It promises to be
//
//   - deterministic: the same entries in the same order make the same State,
//     byte for byte, on every node and in every later release. Nothing in here
//     reads a clock, randomness, the environment, map order or configuration;
//     time and identity come with the entry.
//   - total: every entry that decodes can be applied. A command that may not
//     or cannot be done is answered with a verdict (*Error), which is part of
//     the replicated result. Bytes that do not decode, or name a command this
//     binary does not know, are a fault: Apply panics, because a stopped node
//     is repaired while a diverged one is believed.
//   - atomic: an entry makes the next State in a draft that is swapped in
//     whole. A command that ends in a verdict leaves nothing behind but its
//     outcome in the request-id window and the use it was charged.
//   - bounded: every length, count and depth has a limit, all of them in
//     limits.go, and every command does a bounded amount of work.
//
// The life of a command inside Apply: recognise a request id that was seen
// before, resolve the caller, charge its use if it is counted, authorize path
// and capability, apply. Reads take the immutable State from View and go
// through the same Resolve and Authorize.
//
// Secrets never come here: tokens are named by a Digest or an accessor.
package fsm
