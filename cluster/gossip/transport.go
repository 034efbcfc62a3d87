package gossip

import (
	"context"
	"fmt"
	"log"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"
)

// bindTries is how often port 0 is tried: the port that is free for TCP may
// be taken for UDP.
const bindTries = 10

// transport is memberlist's own, but for two things: dialing ends with the
// node, and the streams that strangers open are bounded.
type transport struct {
	*memberlist.NetTransport
	ctx   context.Context
	addr  *net.TCPAddr // as bound
	guard *guard
}

func listen(ctx context.Context, bind string, logger *log.Logger) (*transport, error) {
	addr, err := lookup(ctx, bind)
	if err != nil {
		return nil, err
	}
	tries := 1
	if addr.Port == 0 {
		tries = bindTries
	}
	var inner *memberlist.NetTransport
	for range tries {
		inner, err = memberlist.NewNetTransport(&memberlist.NetTransportConfig{
			BindAddrs: []string{addr.IP.String()},
			BindPort:  addr.Port,
			Logger:    logger,
		})
		if err == nil {
			addr.Port = inner.GetAutoBindPort()
			return &transport{NetTransport: inner, ctx: ctx, addr: addr, guard: newGuard(inner.StreamCh())}, nil
		}
	}
	return nil, err
}

// advertise puts the advertised address into conf. memberlist wants an IP.
func advertise(ctx context.Context, conf *memberlist.Config, addr string, t *transport) error {
	conf.BindAddr, conf.BindPort = t.addr.IP.String(), t.addr.Port
	conf.AdvertiseAddr, conf.AdvertisePort = "", t.addr.Port
	if addr == "" {
		if t.addr.IP.IsUnspecified() && t.addr.IP.To4() == nil {
			return fmt.Errorf("gossip: bound to %s, so an address to advertise is required", t.addr)
		}
		return nil
	}
	a, err := lookup(ctx, addr)
	if err != nil {
		return fmt.Errorf("gossip: address to advertise: %w", err)
	}
	if a.IP.IsUnspecified() {
		return fmt.Errorf("gossip: cannot advertise %s: others could not reach it", addr)
	}
	conf.AdvertiseAddr = a.IP.String()
	if a.Port != 0 {
		conf.AdvertisePort = a.Port
	}
	return nil
}

// lookup resolves host:port to one address, IPv4 before IPv6. No host means
// all interfaces.
func lookup(ctx context.Context, hostport string) (*net.TCPAddr, error) {
	addrs, err := lookupAll(ctx, hostport)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if a.IP.To4() != nil {
			return a, nil
		}
	}
	return addrs[0], nil
}

// lookupAll resolves host:port to all its addresses, at least one.
func lookupAll(ctx context.Context, hostport string) ([]*net.TCPAddr, error) {
	host, service, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("address %q: port %q is not a number below 65536", hostport, service)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	if ip := net.ParseIP(host); ip != nil { // the resolver makes two of "::"
		return []*net.TCPAddr{{IP: ip, Port: int(port)}}, nil
	}
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	addrs := make([]*net.TCPAddr, len(ips))
	for i, ip := range ips {
		addrs[i] = &net.TCPAddr{IP: ip, Port: int(port)}
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("address %q: no such host", hostport)
	}
	return addrs, nil
}

// StreamCh implements memberlist.Transport.
func (t *transport) StreamCh() <-chan net.Conn { return t.guard.out }

// Shutdown implements memberlist.Transport. The inner one waits for its
// listener, which may be handing over a stream: the guard takes them until it
// is done.
func (t *transport) Shutdown() error {
	t.guard.closing()
	err := t.NetTransport.Shutdown()
	t.guard.close()
	return err
}

// DialAddressTimeout implements memberlist.NodeAwareTransport.
func (t *transport) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return t.DialTimeout(a.Addr, timeout)
}

// DialTimeout implements memberlist.Transport.
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout}
	return d.DialContext(t.ctx, "tcp", addr)
}
