package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
)

// hkdfSalt separates this use of HKDF from any other and names its version.
const hkdfSalt = "jeton cluster secret v1"

// maxClusterName is in bytes. The name also is the label of gossip packets,
// for which memberlist allows 255.
const maxClusterName = 128

// ephemeralSecret stands in for the secret file on a node that binds to
// loopback only. It is public, so that the nodes of a cluster on one machine
// find each other without a file: whoever can reach the loopback interface is
// trusted, and Ring.RequireSecret keeps such a node off every other one.
var ephemeralSecret = secret(sha256.Sum256([]byte("jeton: no secret, loopback only")))

// ErrSecretRequired says that an address may not be bound without a secret
// file.
var ErrSecretRequired = errors.New("not a loopback address, so a secret file is required")

// Ring holds the secrets of one cluster, the one in use first. It is
// immutable.
type Ring struct {
	cluster   string
	secrets   []secret
	warning   string
	ephemeral bool
}

// Load reads the secret file of the named cluster. See Warning.
func Load(path, cluster string) (*Ring, error) {
	if err := checkCluster(cluster); err != nil {
		return nil, err
	}
	secrets, warning, err := readSecrets(path)
	if err != nil {
		return nil, err
	}
	return &Ring{cluster: cluster, secrets: secrets, warning: warning}, nil
}

// Ephemeral returns the ring of a node without a secret file. It is the same
// in every process, and RequireSecret refuses all but loopback addresses.
func Ephemeral(cluster string) (*Ring, error) {
	if err := checkCluster(cluster); err != nil {
		return nil, err
	}
	return &Ring{cluster: cluster, secrets: []secret{ephemeralSecret}, ephemeral: true}, nil
}

func checkCluster(name string) error {
	if name == "" || len(name) > maxClusterName {
		return fmt.Errorf("cluster name has %d bytes, want 1 to %d", len(name), maxClusterName)
	}
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("cluster name %q: only printable ASCII without spaces is allowed", name)
		}
	}
	return nil
}

// Cluster returns the name of the cluster.
func (r *Ring) Cluster() string { return r.cluster }

// Warning returns a sentence for the log when the secret file can be read by
// others, else "".
func (r *Ring) Warning() string { return r.warning }

// RequireSecret returns an error that wraps ErrSecretRequired when the ring
// has no secret file behind it and one of the addresses (host:port, as given
// to listen) is not a loopback one. Names other than localhost count as not
// loopback: what they mean can change after the check.
func (r *Ring) RequireSecret(addrs ...string) error {
	if !r.ephemeral {
		return nil
	}
	for _, addr := range addrs {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("address %q: %w", addr, err)
		}
		if host == "localhost" {
			continue
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("address %q: %w", addr, ErrSecretRequired)
		}
	}
	return nil
}

// Gossip returns the AES-256 keys of gossip, the one to encrypt with first.
func (r *Ring) Gossip() [][]byte {
	keys := make([][]byte, len(r.secrets))
	for i, s := range r.secrets {
		keys[i] = derive(s, "gossip", r.cluster, 32)
	}
	return keys
}

// String keeps secrets out of logs when a ring is printed by mistake.
func (r *Ring) String() string { return "keys.Ring(" + r.cluster + ")" }

// GoString is String for %#v.
func (r *Ring) GoString() string { return r.String() }

// derive returns length bytes for one use. Labels hold no slash, so the info
// string has one reading.
func derive(s secret, label, cluster string, length int) []byte {
	key, err := hkdf.Key(sha256.New, s[:], []byte(hkdfSalt), "jeton/"+label+"/"+cluster, length)
	if err != nil {
		panic("keys: derive: " + err.Error()) // only for lengths above 255 hashes
	}
	return key
}
