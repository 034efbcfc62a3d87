package waypoint

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Timestamp is an instant as a token has it: seconds since the Unix epoch and
// nanoseconds, which may be any number and are added.
type Timestamp struct {
	Seconds int64
	Nanos   int32

	unknown []byte
}

// maxSeconds bounds what is taken for an instant. Beyond it the count of seconds
// in a time.Time, which begins in the year 1, may overflow.
const maxSeconds = 1 << 62

// At is the timestamp of an instant.
func At(t time.Time) *Timestamp {
	return &Timestamp{Seconds: t.Unix(), Nanos: int32(t.Nanosecond())}
}

// Time is the instant, and false if it is too far away to be one.
func (t *Timestamp) Time() (time.Time, bool) {
	if t.Seconds > maxSeconds || t.Seconds < -maxSeconds {
		return time.Time{}, false
	}
	return time.Unix(t.Seconds, int64(t.Nanos)).UTC(), true
}

// before says whether t is past. What is too far away to be an instant is past,
// whichever way: a token must not live for an overflow.
func (t *Timestamp) before(at time.Time) bool {
	instant, ok := t.Time()
	return !ok || instant.Before(at)
}

// String is the instant for people.
func (t *Timestamp) String() string {
	if instant, ok := t.Time(); ok {
		return instant.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%d s from 1970", t.Seconds)
}

func (t *Timestamp) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.VarintType):
			t.Seconds = int64(r.varint)
		case r.is(2, protowire.VarintType):
			t.Nanos = int32(r.varint)
		default:
			t.unknown = r.keep(t.unknown)
		}
	}
	return r.why
}

func (t *Timestamp) append(data []byte) []byte {
	data = appendVarint(data, 1, uint64(t.Seconds))
	data = appendVarint(data, 2, uint64(int64(t.Nanos)))
	return append(data, t.unknown...)
}
