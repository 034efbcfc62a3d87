package gossip

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// TestStreamFlood opens more silent streams than one address may have: the
// rest is closed at once, and others still join.
func TestStreamFlood(t *testing.T) {
	a := start(t, "a", nil)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 77)}}
	for range maxStreamsPerAddr {
		c, err := dialer.DialContext(t.Context(), "tcp", a.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	extra, err := dialer.DialContext(t.Context(), "tcp", a.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	extra.SetReadDeadline(time.Now().Add(patience))
	begun := time.Now()
	if _, err := extra.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("one stream too many was kept for %v: %v", time.Since(begun), err)
	}
	start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
}
