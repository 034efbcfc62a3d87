// Package audit writes audit entries to where an operator wants them: files,
// standard output, syslog, sockets. It knows devices, not requests; package http
// makes the entries.
//
// A device is one goroutine with a bounded queue before it. Whoever hands over
// an entry never touches a disk or a network, so nothing that hangs there can
// hold it up:
//
//   - A required device gives a receipt. Waiting for it takes no longer than the
//     device's deadline and ends in "written" or in an error; an entry that was
//     still in the queue then is never written.
//   - A best-effort device gives none. It keeps what it could not write yet, as
//     much as its queue holds, and counts what it had to drop. Once it writes
//     again it says in the log itself how many entries are missing.
//
// "Written" means that the operating system took the whole entry: a crash of the
// machine, or of the other end of a socket, can still lose it.
//
// Entries are lines. When a write was cut off in the middle of a line, the next
// one begins with a line break: the reader finds a fragment on a line of its own
// and nothing else is damaged.
package audit
