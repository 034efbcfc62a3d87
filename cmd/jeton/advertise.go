package main

import (
	"fmt"
	"net"
)

// advertised is the address that others are told. If none is configured it is the
// bound one; if that is bound to all of the host's addresses, which nobody can
// dial, it is the first that others are likely to reach.
func advertised(configured, bound string, interfaces func() ([]net.Addr, error)) (string, error) {
	if configured != "" {
		return configured, nil
	}
	host, port, err := net.SplitHostPort(bound)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return bound, nil
	}
	addrs, err := interfaces()
	if err != nil {
		return "", fmt.Errorf("find an address to advertise for %s: %w", bound, err)
	}
	ip := reachable(addrs)
	if ip == nil {
		return "", fmt.Errorf("%s is no address that others can dial and this host has no other; set its advertise address", bound)
	}
	return net.JoinHostPort(ip.String(), port), nil
}

// reachable picks IPv4 before IPv6 and otherwise the first; neither loopback nor
// link-local addresses lead here from another host.
func reachable(addrs []net.Addr) net.IP {
	var found net.IP
	for _, addr := range addrs {
		network, ok := addr.(*net.IPNet)
		if !ok || !network.IP.IsGlobalUnicast() {
			continue
		}
		if network.IP.To4() != nil {
			return network.IP
		}
		if found == nil {
			found = network.IP
		}
	}
	return found
}
