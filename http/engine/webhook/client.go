package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// errRefusedAddr says that a name led where services are not called.
var errRefusedAddr = errors.New("the name leads to an address that services are not called at")

// cloudAddrs are where clouds tell a machine its credentials, beside the link-local
// addresses, which are refused altogether.
var cloudAddrs = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd20:ce::254"),    // Google
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
}

// refusedAddr tells addresses that no service has. Private ones are not among them:
// that is where services are.
func refusedAddr(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return true
	}
	for _, a := range cloudAddrs {
		if ip == a {
			return true
		}
	}
	return false
}

// newClient makes a client for one configuration. It follows no redirect, asks no
// proxy, and looks at every address that it is about to connect to, after the name
// was resolved: so that a name cannot lead elsewhere than it did when it was checked.
func newClient(c *Config) (*http.Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, errors.New("webhook: a stored url cannot be read")
	}
	plain := u.Scheme == "http"
	d := &net.Dialer{Timeout: time.Duration(c.Timeout) * time.Second, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || refusedAddr(at.Addr()) || plain && !at.Addr().Unmap().IsLoopback() {
			return errRefusedAddr
		}
		return nil
	}}
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CACert != "" {
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM([]byte(c.CACert))
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: d.DialContext, TLSClientConfig: trust, ForceAttemptHTTP2: true,
			MaxConnsPerHost: maxCalls, MaxIdleConnsPerHost: maxCalls, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
	}, nil
}
