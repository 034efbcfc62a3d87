package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Errors of the handshake. Both mean that nothing was exchanged.
var (
	// ErrUntrusted says that the peer's certificate was not issued by an
	// authority of this ring, or is not one of a node.
	ErrUntrusted = errors.New("peer holds no certificate of this cluster")
	// ErrWrongServer says that the peer is a node of this cluster, but not
	// the one that was wanted.
	ErrWrongServer = errors.New("peer is another server")
)

// Identity is what a node shows to others: a certificate that names its raft
// server id. The key lives as long as the process.
type Identity struct {
	serverID string
	roots    *x509.CertPool
	cert     tls.Certificate
}

// Identity makes the node's key and has it certified by the authority of the
// first secret.
func (r *Ring) Identity(serverID string) (*Identity, error) {
	if err := checkServerID(serverID); err != nil {
		return nil, err
	}
	id := &Identity{serverID: serverID, roots: x509.NewCertPool()}
	var issuer authority
	for i, s := range r.secrets {
		a, err := newAuthority(s, r.cluster)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			issuer = a
		}
		id.roots.AddCert(a.cert)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := issuer.issue(serverID, public)
	if err != nil {
		return nil, err
	}
	id.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
	return id, nil
}

// ServerID returns the id that the certificate names.
func (id *Identity) ServerID() string { return id.serverID }

// Server returns the configuration for accepted connections: TLS 1.3, and
// the client must show a certificate of this cluster. PeerID then says whose.
func (id *Identity) Server() *tls.Config {
	c := id.config()
	c.ClientAuth = tls.RequireAnyClientCert // verified below, by our own rules
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		_, err := id.verify(cs, x509.ExtKeyUsageClientAuth)
		return err
	}
	return c
}

// Client returns the configuration for a connection to the server of the
// given id: any other certificate fails the handshake with ErrWrongServer.
func (id *Identity) Client(serverID string) *tls.Config {
	c := id.config()
	// The library's own check is about host names and the wall clock; ours
	// is about server ids and takes its place.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		got, err := id.verify(cs, x509.ExtKeyUsageServerAuth)
		if err != nil {
			return err
		}
		if got != serverID {
			return fmt.Errorf("%w: want %q, found %q", ErrWrongServer, serverID, got)
		}
		return nil
	}
	return c
}

func (id *Identity) config() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{id.cert},
		Time:         func() time.Time { return judgedAt },
		// A resumed session would outlive a rotation of the secret.
		SessionTicketsDisabled: true,
		// Full records from the first byte: these connections carry bulk.
		DynamicRecordSizingDisabled: true,
	}
}

// verify returns the server id of the peer.
func (id *Identity) verify(cs tls.ConnectionState, usage x509.ExtKeyUsage) (string, error) {
	if len(cs.PeerCertificates) != 1 {
		return "", fmt.Errorf("%w: it shows %d certificates, want 1", ErrUntrusted, len(cs.PeerCertificates))
	}
	leaf := cs.PeerCertificates[0]
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots:       id.roots,
		CurrentTime: judgedAt,
		KeyUsages:   []x509.ExtKeyUsage{usage},
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	return serverIDOf(leaf)
}

// PeerID returns the server id of the peer of a connection whose handshake,
// under a configuration of this package, is done.
func PeerID(cs tls.ConnectionState) (string, error) {
	if !cs.HandshakeComplete || len(cs.PeerCertificates) != 1 {
		return "", ErrUntrusted
	}
	return serverIDOf(cs.PeerCertificates[0])
}
