// Package check keeps what clients were told and finds the contradictions in it.
//
// A history is a list of events: what was asked of which token, when the request
// was sent, when its answer was there, and what the answer lets one conclude. One
// process records them all, so that "answered before the other was sent" has a
// meaning and is all the order there is. An operation whose outcome is open may
// take effect at any time after it was sent, or never: it can excuse a later
// answer, and proves nothing.
//
// What is checked, for every token:
//
//   - once its creation is acknowledged it is accepted, until something that was
//     sent by then can have ended it: a revocation of it or of an ancestor, its
//     last use, its deadline;
//   - once a revocation of it or of an ancestor is acknowledged, or it was refused,
//     it is not accepted again;
//   - it is used no more often than it allows, and never refused with uses left;
//   - its deadline is kept, to the leader's clock: neither earlier than its time to
//     live after it was asked for, nor later than that after it was acknowledged;
//   - its cubbyhole never shows a value that was overwritten before the read was
//     sent, nor one that nobody wrote;
//   - what a server said was not applied, was not.
package check
