package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// ringOf returns a ring of secrets whose bytes are all the given one.
func ringOf(cluster string, fill ...byte) *Ring {
	r := &Ring{cluster: cluster}
	for _, b := range fill {
		r.secrets = append(r.secrets, secret(bytes.Repeat([]byte{b}, secretBytes)))
	}
	return r
}

// TestDerivedKeys pins the derivation: a release that derives otherwise could
// not talk to the one before it. The values were computed by another
// implementation (RFC 5869 written out with Python's hmac).
func TestDerivedKeys(t *testing.T) {
	s := secret(bytes.Repeat([]byte{1}, secretBytes))
	for _, tt := range []struct {
		label, cluster string
		length         int
		want           string
	}{
		{"gossip", "jeton", 32, "d0ff25f38b2d064146b71e5ac7d34d9844bedec1bd211b4b2b39b1b5ad9f7fe5"},
		{"authority", "jeton", 32, "1488af133c683c662e87ead735603f13f4b4eaf50147911e3d27ec54466d662f"},
		{"seal", "jeton", 32, "e56e8e8708272cf9b30f06110d159b869e2a7b2a094fab0e6559c2c74cfe610d"},
		{"seal id", "jeton", 8, "d86f30a236ceca16"},
		{"seal", "", 32, "fb7639d741ad185ce8599e8c6901cf7e2ac94861fef27f1f0feb2874f649c7ec"},
	} {
		if got := hex.EncodeToString(derive(s, tt.label, tt.cluster, tt.length)); got != tt.want {
			t.Errorf("%s of %q: got %s, want %s", tt.label, tt.cluster, got, tt.want)
		}
	}
}

func TestGossipKeys(t *testing.T) {
	both, swapped := ringOf("c", 1, 2).Gossip(), ringOf("c", 2, 1).Gossip()
	if len(both) != 2 || !bytes.Equal(both[0], swapped[1]) || !bytes.Equal(both[1], swapped[0]) {
		t.Error("the order of keys is not that of the lines")
	}
	if bytes.Equal(both[0], both[1]) || bytes.Equal(both[0], ringOf("d", 1).Gossip()[0]) {
		t.Error("other secrets or clusters give the same key")
	}
}

func TestRequireSecret(t *testing.T) {
	loose, err := Ephemeral("c")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		addr    string
		allowed bool
	}{
		{"127.0.0.1:8201", true},
		{"127.9.9.9:0", true},
		{"[::1]:8201", true},
		{"[::ffff:127.0.0.1]:8201", true},
		{"localhost:8201", true},
		{":8201", false},
		{"0.0.0.0:8201", false},
		{"[::]:8201", false},
		{"10.0.0.1:8201", false},
		{"192.0.2.1:8201", false},
		{"localhost.example:8201", false},
		{"node-1:8201", false},
		{"127.0.0.1", false}, // no port
		{"", false},
	} {
		err := loose.RequireSecret("127.0.0.1:1", tt.addr)
		if (err == nil) != tt.allowed {
			t.Errorf("%q: %v", tt.addr, err)
		}
		if err := ringOf("c", 1).RequireSecret(tt.addr); err != nil {
			t.Errorf("%q with a secret: %v", tt.addr, err)
		}
	}
	if err := loose.RequireSecret("0.0.0.0:1"); !errors.Is(err, ErrSecretRequired) {
		t.Error(err)
	}
}

// TestEphemeral checks that two nodes without a file get the same keys.
func TestEphemeral(t *testing.T) {
	a, err := Ephemeral("c")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Ephemeral("c")
	if !bytes.Equal(a.Gossip()[0], b.Gossip()[0]) || a.Sealer().ID() != b.Sealer().ID() {
		t.Fatal("two nodes on one machine do not share their keys")
	}
}

func TestClusterName(t *testing.T) {
	for name, ok := range map[string]bool{
		"jeton": true, "a": true, "prod/eu-1": true, strings.Repeat("x", 128): true,
		"": false, strings.Repeat("x", 129): false, "two words": false, "tab\t": false, "ä": false, "\x00": false,
	} {
		if _, err := Ephemeral(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := Load("/nowhere", name); err == nil {
			t.Errorf("%q: loaded from nowhere", name)
		}
	}
}

func TestRingDoesNotPrintSecrets(t *testing.T) {
	r := ringOf("c", 0x41) // 'A'
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, r); text != "keys.Ring(c)" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}
