package dialer

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestRefused(t *testing.T) {
	for text, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "::ffff:169.254.169.254": true, "fe80::1%eth0": true, "fd00:ec2::254": true,
		"100.100.100.200": true, "168.63.129.16": true, "0.0.0.0": true, "::": true, "224.0.0.1": true, "ff02::1": true,
		"10.0.0.1": false, "127.0.0.1": false, "192.168.1.1": false, "fd00::1": false, "8.8.8.8": false, "100.100.100.201": false,
	} {
		if got := Refused(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is refused: %v", text, got)
		}
	}
}

// What may be connected to is decided by the address, whatever name led there.
func TestNew(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, tt := range []struct {
		address string
		local   bool
		refused bool
	}{
		{l.Addr().String(), false, false},
		{l.Addr().String(), true, false},
		{"169.254.169.254:80", false, true},
		{"[fe80::1]:80", false, true},
		{"192.0.2.1:80", true, true},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		conn, err := New(time.Second, tt.local).DialContext(ctx, "tcp", tt.address)
		cancel()
		if errors.Is(err, ErrRefused) != tt.refused || !tt.refused && err != nil {
			t.Errorf("%s, local %v: %v", tt.address, tt.local, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
}
