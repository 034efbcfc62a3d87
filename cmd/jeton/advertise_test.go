package main

import (
	"errors"
	"net"
	"testing"
)

func TestAdvertised(t *testing.T) {
	hosts := func(cidrs ...string) func() ([]net.Addr, error) {
		return func() ([]net.Addr, error) {
			var addrs []net.Addr
			for _, s := range cidrs {
				ip, network, err := net.ParseCIDR(s)
				if err != nil {
					return nil, err
				}
				addrs = append(addrs, &net.IPNet{IP: ip, Mask: network.Mask})
			}
			return addrs, nil
		}
	}
	docker := hosts("127.0.0.1/8", "fe80::1/64", "2001:db8::2/64", "172.18.0.3/16")
	tests := []struct {
		name, configured, bound string
		hosts                   func() ([]net.Addr, error)
		want                    string // empty: an error
	}{
		{"configured", "node-1:8200", "0.0.0.0:8200", docker, "node-1:8200"},
		{"bound to one", "", "10.0.0.1:8200", docker, "10.0.0.1:8200"},
		{"bound to a name", "", "localhost:8200", docker, "localhost:8200"},
		{"bound to all of IPv4", "", "0.0.0.0:8200", docker, "172.18.0.3:8200"},
		{"bound to all", "", ":8200", docker, "172.18.0.3:8200"},
		{"bound to all of IPv6", "", "[::]:8200", hosts("::1/128", "2001:db8::2/64"), "[2001:db8::2]:8200"},
		{"nothing reachable", "", "0.0.0.0:8200", hosts("127.0.0.1/8", "169.254.1.1/16"), ""},
		{"no interfaces", "", "0.0.0.0:8200", func() ([]net.Addr, error) { return nil, errors.New("denied") }, ""},
		{"no port", "", "0.0.0.0", docker, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := advertised(tt.configured, tt.bound, tt.hosts)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q %v, want %q", got, err, tt.want)
			}
		})
	}
}
