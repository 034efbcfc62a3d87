package procs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// network is where nodes live.
type network interface {
	// place gives node i its addresses, free to be bound now and, as far as that
	// can be, whenever it is started again.
	place(i int) (addresses, error)
	// command is what starts a program where node i lives.
	command(i int, program string) []string
	close() error
}

type addresses struct{ http, cluster, gossip, grpc string }

// loopback puts every node on 127.0.0.1, with ports of its own.
type loopback struct{ taken map[int]bool }

// The ports lie below what systems hand out to outgoing connections, so that a
// node that is down finds its own still free.
const (
	firstPort = 20000
	lastPort  = 31999
	portTries = 200
)

func (l *loopback) place(int) (addresses, error) {
	var found []string
	for range portTries {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if l.taken[port] || !free(addr) {
			continue
		}
		l.taken[port] = true
		if found = append(found, addr); len(found) == 4 {
			return addresses{found[0], found[1], found[2], found[3]}, nil
		}
	}
	return addresses{}, errors.New("no free ports")
}

// free says whether both TCP and UDP can be bound.
func free(addr string) bool {
	t, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer t.Close()
	u, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	return u.Close() == nil
}

func (*loopback) command(_ int, program string) []string { return []string{program} }

func (*loopback) close() error { return nil }

// errNoPartition: loopback has no links to cut.
var errNoPartition = fmt.Errorf("cutting nodes off needs network namespaces")
