package dialer

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrRefused says that a name led where nothing is connected to.
var ErrRefused = errors.New("the name leads to an address that services are not called at")

// cloudAddrs are where clouds tell a machine its credentials, beside the link-local
// addresses, which are refused altogether.
var cloudAddrs = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd20:ce::254"),    // Google
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
}

// Refused tells addresses that no service has.
func Refused(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || slices.Contains(cloudAddrs, ip)
}

// New makes a dialer that gives up after a time and fails with ErrRefused where it
// may not connect. A local one connects to this machine alone: for what is not
// encrypted.
func New(timeout time.Duration, local bool) *net.Dialer {
	return &net.Dialer{Timeout: timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || Refused(at.Addr()) || local && !at.Addr().Unmap().IsLoopback() {
			return ErrRefused
		}
		return nil
	}}
}
