package waypoint_test

import (
	"testing"

	"github.com/jeton-io/jeton/http/waypoint"
)

func TestTimestamp(t *testing.T) {
	tests := []struct {
		seconds int64
		nanos   int32
		want    string
		ok      bool
	}{
		{0, 0, "1970-01-01T00:00:00Z", true},
		{1714564800, 1999999999, "2024-05-01T12:00:01.999999999Z", true},
		{1714564801, -900000000, "2024-05-01T12:00:00.1Z", true},
		{-62135596800, 0, "0001-01-01T00:00:00Z", true},
		{253402300799, 999999999, "9999-12-31T23:59:59.999999999Z", true},
		{1<<62 + 1, 0, "4611686018427387905 s from 1970", false},
		{-1<<62 - 1, 0, "-4611686018427387905 s from 1970", false},
	}
	for _, tt := range tests {
		stamp := &waypoint.Timestamp{Seconds: tt.seconds, Nanos: tt.nanos}
		instant, ok := stamp.Time()
		if ok != tt.ok || ok && instant.Unix() != tt.seconds+floor(tt.nanos) || stamp.String() != tt.want {
			t.Errorf("%d s %d ns: %s %v, want %s", tt.seconds, tt.nanos, stamp, ok, tt.want)
		}
	}
}

// floor is how many whole seconds the nanoseconds make.
func floor(nanos int32) int64 {
	seconds := int64(nanos) / 1_000_000_000
	if int64(nanos)%1_000_000_000 < 0 {
		seconds--
	}
	return seconds
}
