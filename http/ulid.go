package http

import (
	"crypto/rand"
	"time"
)

// crockford is the base 32 of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newULID draws an id as Waypoint's: 48 bits of the time in milliseconds, 80 random
// ones, in 26 characters. It is for the commands of this node to carry; its time means
// nothing.
func newULID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: the process ends instead
	ms := uint64(time.Now().UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	var text [26]byte
	var bits, n uint // the first character holds three bits alone
	bits, n = 0, 2
	for i, at := 0, 0; at < len(text); at++ {
		for n < 5 {
			bits, n, i = bits<<8|uint(b[i]), n+8, i+1
		}
		n -= 5
		text[at] = crockford[bits>>n&31]
	}
	return string(text[:])
}
