// Package waypoint reads and writes the tokens of Waypoint's server, byte for byte
// as Waypoint 0.11 does.
//
// Such a token is signed and stands in no table: its text says what it is for and
// until when, and the key that signed it. The package answers what can be told from
// the text with the keys at hand. Whether the user is still there, the runner still
// adopted or the token revoked is the machine's to say, and the time by which a
// token is expired is handed in. The package has no clock, no randomness and no
// keys of its own, and no error of it holds any part of a text or a key.
//
// # Text
//
// A text is base 58 of the bytes "wp24" and a Transport, a message of protobuf,
// whose body is another, a Token. The signature is BLAKE2b-256 of the body, keyed.
// It is taken of the bytes that came and compared in constant time, before anything
// in the body is looked at. docs/formats.md has the fields. This is the token of
// runner R-1 with the label env=prod, issued on 2024-05-01 at 12:00:00 UTC for an
// hour, signed with the key of the bytes 00 to 1f, which is called k1:
//
//	i9KfqLiYYWmjFM5Zu8NFeH4WkfvqSwUueaMqvQvtaEAhghSZs6s2Z85mALTvqtw8P2W6KiiEQWvKwnBKWNjkquyGBc7rPF9H6S38atocebavLSAbSL6qqm26FHiHXdjwxe4
//
// and these are its bytes:
//
//	77 70 32 34                       the magic wp24
//	0a 34                             1, body: 52 bytes
//	12 10                               2, accessor: 16 bytes
//	a0 a1 a2 a3 a4 a5 a6 a7
//	a8 a9 aa ab ac ad ae af
//	1a 06                               3, valid until: 6 bytes
//	08 d0 f9 c8 b1 06                     1, seconds: 1714568400
//	3a 06                               7, issued: 6 bytes
//	08 c0 dd c8 b1 06                     1, seconds: 1714564800
//	5a 10                               11, runner: 16 bytes
//	0a 03 52 2d 31                        1, id: R-1
//	10 fa d3 fc 94 96 a0 a0 b7 cf 01      2, label hash: cf6e8101629f29fa
//	12 20                             2, signature: 32 bytes
//	bf 04 90 66 8f d6 13 c0
//	8e ee 9d 3f 99 62 1c 52
//	ee 64 d8 b6 19 ae 0d c9
//	19 c7 be 39 68 3b 4f c0
//	1a 02 6b 31                       3, key id: k1
//
// # What is strict and what is not
//
// Base 58 gives each row of bytes one text. Protobuf does not give each message one
// row of bytes: fields may come in any order and twice, numbers may be padded, and
// fields that nobody knows are kept. Waypoint takes all of that, so it is taken
// here. In the body it is harmless, being signed. Around it, anyone who has a token
// can make other texts of the same token: metadata, credentials and the letter case
// of the key's id are not signed. So a token is known by its accessor or its body,
// never by its text. Refused are, as by Waypoint, strings that are not UTF-8, field
// numbers out of range and what is cut short, and beyond it what passes a bound: of
// the text, of the metadata, of nested groups.
//
// A key of no bytes is refused where BLAKE2b would hash without one.
//
// The messages are few, so they are read and written by hand with protowire, the
// lowest layer of protobuf's own library. It brings the library's judgement of what
// is well formed, while a body stays the bytes that came, an empty part differs
// from none, and the parts can only hold one kind. Tests hold both directions
// against the library itself.
package waypoint
