// Package snapshot reads and writes archives of a cluster's state. It knows the
// archive and not the state: what stands in state.bin is the business of package
// fsm, and this package imports nothing of ours.
//
// It promises that an archive is written in constant memory, that equal states
// give equal tar bytes, and that Read accepts only what Write can have written: a
// file that is cut off, changed, or puts anything else than the four members in
// their order is refused with a reason. What Read has handed out before it returns
// nil is not to be believed.
//
// # Format
//
// An archive is one gzip member (RFC 1952) without name, comment or extra field,
// and nothing behind it. Inside is a tar of four regular files, in this order:
//
//	meta.json           what the archive holds (Meta), at most 64 KiB
//	state.bin           the canonical stream of the state (docs/formats.md)
//	SHA256SUMS          two lines as sha256sum writes them, of meta.json and state.bin
//	SHA256SUMS.sealed   who made SHA256SUMS, as the writer has it; 1 to 4096 bytes
//
// Each has one ustar header of 512 bytes with mode 0600, owner and group 0 without
// names and the time 1970-01-01, then its content, then zeros up to a multiple of
// 512; two blocks of zeros end the tar. The header follows from the name and the
// size, so Read compares it whole: there is one spelling, and no links, long names
// or extended headers. The official clients of Vault look for the last member to
// know that a download is complete.
//
// meta.json is one JSON object with the fields of Meta in their order, without
// white space, then a line feed. This is the one of the golden archive:
//
//	{"format":1,"level":1,"cluster":"0101010101010101010101010101010101010101010101010101010101010101","index":42,"epoch":0,"serial":7,"time":"2026-11-25T12:00:00Z","seal_key":"k1","state_bytes":11,"state_hash":"0000000000000000000000000000000000000000000000000000000000000007"}
package snapshot
