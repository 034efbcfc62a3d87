package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// meet runs a handshake between a client that wants a server, and a server.
// The server's byte shows the client that its own certificate was accepted.
func meet(t *testing.T, client, server *tls.Config) (peerID string, clientErr, serverErr error) {
	t.Helper()
	near, far := connect(t)
	deadline := time.Now().Add(20 * time.Second)
	near.SetDeadline(deadline)
	far.SetDeadline(deadline)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer far.Close()
		c := tls.Server(far, server)
		if serverErr = c.Handshake(); serverErr == nil {
			peerID, serverErr = PeerID(c.ConnectionState())
			c.Write([]byte{1})
		}
	}()
	c := tls.Client(near, client)
	_, clientErr = io.ReadFull(c, make([]byte, 1))
	near.Close()
	<-done
	return peerID, clientErr, serverErr
}

// connect returns both ends of a TCP connection.
func connect(t *testing.T) (near, far net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if near, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	if far, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return near, far
}

func identityOf(t *testing.T, r *Ring, id string) *Identity {
	t.Helper()
	identity, err := r.Identity(id)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func TestHandshake(t *testing.T) {
	r := ringOf("c", 1)
	for _, id := range []string{"node-1-0011223344556677", "a", "ä/%2f?#@:", strings.Repeat("x", maxServerID)} {
		a, b := identityOf(t, r, "caller"), identityOf(t, r, id)
		got, clientErr, serverErr := meet(t, a.Client(id), b.Server())
		if got != "caller" || clientErr != nil || serverErr != nil {
			t.Errorf("%q: server saw %q, %v; client %v", id, got, serverErr, clientErr)
		}
		got, clientErr, serverErr = meet(t, b.Client("caller"), a.Server())
		if got != id || clientErr != nil || serverErr != nil {
			t.Errorf("%q the other way: server saw %q, %v; client %v", id, got, serverErr, clientErr)
		}
	}
}

func TestHandshakeRefused(t *testing.T) {
	ours := ringOf("c", 1)
	server := identityOf(t, ours, "b")
	client := identityOf(t, ours, "a")
	for _, tt := range []struct {
		name                 string
		client               *tls.Config
		server               *tls.Config
		clientErr, serverErr error // nil: any
	}{
		{"another server", client.Client("c"), server.Server(), ErrWrongServer, nil},
		{"client of another secret", identityOf(t, ringOf("c", 2), "a").Client("b"), server.Server(), ErrUntrusted, nil},
		{"server of another secret", client.Client("b"), identityOf(t, ringOf("c", 2), "b").Server(), ErrUntrusted, nil},
		{"server of another cluster", client.Client("b"), identityOf(t, ringOf("d", 1), "b").Server(), ErrUntrusted, nil},
		{"client without certificate", func() *tls.Config {
			c := client.Client("b")
			c.Certificates = nil
			return c
		}(), server.Server(), nil, nil},
		{"client of another secret that trusts all", func() *tls.Config {
			c := identityOf(t, ringOf("c", 2), "a").Client("b")
			c.VerifyConnection = nil
			return c
		}(), server.Server(), nil, ErrUntrusted},
		{"TLS 1.2", func() *tls.Config {
			c := client.Client("b")
			c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
			return c
		}(), server.Server(), nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, clientErr, serverErr := meet(t, tt.client, tt.server)
			if clientErr == nil || serverErr == nil && tt.serverErr != nil {
				t.Fatalf("client %v, server %v", clientErr, serverErr)
			}
			if tt.clientErr != nil && !errors.Is(clientErr, tt.clientErr) {
				t.Errorf("client: %v, want %v", clientErr, tt.clientErr)
			}
			if tt.serverErr != nil && !errors.Is(serverErr, tt.serverErr) {
				t.Errorf("server: %v, want %v", serverErr, tt.serverErr)
			}
		})
	}
}

// TestRotation walks the steps of the package comment: neighbours in the
// sequence must talk, both ways.
func TestRotation(t *testing.T) {
	steps := []*Ring{ringOf("c", 1), ringOf("c", 1, 2), ringOf("c", 2, 1), ringOf("c", 2)}
	for i := range len(steps) - 1 {
		a, b := identityOf(t, steps[i], "a"), identityOf(t, steps[i+1], "b")
		if _, clientErr, serverErr := meet(t, a.Client("b"), b.Server()); clientErr != nil || serverErr != nil {
			t.Errorf("step %d calls %d: %v, %v", i, i+1, clientErr, serverErr)
		}
		if _, clientErr, serverErr := meet(t, b.Client("a"), a.Server()); clientErr != nil || serverErr != nil {
			t.Errorf("step %d calls %d: %v, %v", i+1, i, clientErr, serverErr)
		}
	}
	a, b := identityOf(t, steps[0], "a"), identityOf(t, steps[3], "b")
	if _, clientErr, _ := meet(t, a.Client("b"), b.Server()); clientErr == nil {
		t.Error("the first step and the last still talk")
	}
}

func TestAuthorityIsTheSameEverywhere(t *testing.T) {
	s := ringOf("c", 1).secrets[0]
	a, err := newAuthority(s, "c")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := newAuthority(s, "c")
	if !a.private.Equal(b.private) || !bytes.Equal(a.cert.Raw, b.cert.Raw) {
		t.Fatal("two derivations differ")
	}
}

// TestForgedLeaves has the right authority sign what it never would: the
// checks on a leaf do not rest on its issuer alone.
func TestForgedLeaves(t *testing.T) {
	r := ringOf("c", 1)
	issuer, err := newAuthority(r.secrets[0], "c")
	if err != nil {
		t.Fatal(err)
	}
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	server := identityOf(t, r, "b").Server()
	uri := func(text string) *url.URL {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, tt := range []struct {
		name  string
		uris  []*url.URL
		usage []x509.ExtKeyUsage
		ok    bool
	}{
		{"as it should be", []*url.URL{uri("jeton:a")}, both, true},
		{"no name", nil, both, false},
		{"two names", []*url.URL{uri("jeton:a"), uri("jeton:b")}, both, false},
		{"another scheme", []*url.URL{uri("https://a")}, both, false},
		{"a path instead", []*url.URL{uri("jeton:/a")}, both, false},
		{"server only", []*url.URL{uri("jeton:a")}, both[:1], false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			template := &x509.Certificate{
				SerialNumber: big.NewInt(7), NotBefore: validFrom, NotAfter: validUntil,
				KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: tt.usage, URIs: tt.uris,
			}
			der, err := x509.CreateCertificate(rand.Reader, template, issuer.cert, public, issuer.private)
			if err != nil {
				t.Fatal(err)
			}
			client := identityOf(t, r, "a").Client("b")
			client.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}
			_, clientErr, serverErr := meet(t, client, server)
			if ok := clientErr == nil && serverErr == nil; ok != tt.ok {
				t.Fatalf("client %v, server %v", clientErr, serverErr)
			}
			if !tt.ok && !errors.Is(serverErr, ErrUntrusted) {
				t.Errorf("server: %v", serverErr)
			}
		})
	}
}

func TestServerIDChecked(t *testing.T) {
	for _, id := range []string{"", strings.Repeat("x", maxServerID+1), "\xff"} {
		if _, err := ringOf("c", 1).Identity(id); err == nil {
			t.Errorf("%q got a certificate", id)
		}
	}
}

func TestPeerIDNeedsAHandshake(t *testing.T) {
	if _, err := PeerID(tls.ConnectionState{}); !errors.Is(err, ErrUntrusted) {
		t.Fatal(err)
	}
}

// TestConfigIgnoresTheClock: certificates are judged at a fixed instant, and
// nothing outlives a rotation in a session ticket.
func TestConfigIgnoresTheClock(t *testing.T) {
	id := identityOf(t, ringOf("c", 1), "a")
	for name, c := range map[string]*tls.Config{"server": id.Server(), "client": id.Client("b")} {
		if c.Time == nil || !c.Time().Equal(judgedAt) {
			t.Errorf("%s looks at the clock", name)
		}
		if c.MinVersion != tls.VersionTLS13 || !c.SessionTicketsDisabled {
			t.Errorf("%s: version %#x, tickets disabled %v", name, c.MinVersion, c.SessionTicketsDisabled)
		}
	}
	leaf, err := x509.ParseCertificate(id.cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{time.Unix(0, 0), time.Now(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
			t.Errorf("not valid at %v", at)
		}
	}
}
