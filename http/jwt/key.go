package jwt

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeys    = 64 // of one set
	minRSABits = 2048
	maxRSABits = 8192 // above that a verification takes too long
)

// key is a public key that may have signed a token.
type key struct {
	id     string // empty: it has none
	alg    string // the one that its set wants it used with; empty: any
	public any
}

// fits says whether a token may be signed by the key. A token and a key of which
// one has no id may belong together. The algorithm has to be the key's own: a
// public key is never taken for anything else.
func (k *key) fits(alg, kid string) bool {
	if k.id != "" && kid != "" && k.id != kid || k.alg != "" && k.alg != alg {
		return false
	}
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		return curves[alg] == public.Curve
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

var curves = map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}

// checkPublic wants a key of a kind and size that can sign tokens.
func checkPublic(public any) error {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return fmt.Errorf("RSA key has %d bits, expected %d to %d", bits, minRSABits, maxRSABits)
		}
		if k.E < 3 || k.E&1 == 0 {
			return errors.New("RSA key has an exponent that is none")
		}
		return nil
	case *ecdsa.PublicKey:
		for _, c := range curves { // order: at most one is equal
			if k.Curve == c {
				return nil
			}
		}
		return errors.New("elliptic curve is none of P-256, P-384 and P-521")
	case ed25519.PublicKey:
		return nil
	}
	return errors.New("key is none of RSA, ECDSA and Ed25519")
}

// parsePEM reads one public key: PKIX, PKCS #1, or that of a certificate.
func parsePEM(text string) (key, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil {
		return key{}, errors.New("is not PEM")
	}
	if strings.TrimSpace(string(rest)) != "" {
		return key{}, errors.New("holds more than one PEM block; give each key as an item of the list")
	}
	var public any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = cert.PublicKey
		}
	default:
		return key{}, errors.New("is not a public key or a certificate")
	}
	if err != nil {
		return key{}, errors.New("does not parse")
	}
	if err := checkPublic(public); err != nil {
		return key{}, err
	}
	return key{public: public}, nil
}

// parseSet reads a JWK set. Keys that cannot have signed a token are passed over,
// as RFC 7517 wants it: of other kinds, for encryption, secret ones.
func parseSet(data []byte) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("answer is not a JWK set")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("JWK set has %d keys, at most %d are allowed", len(set.Keys), maxKeys)
	}
	var keys []key
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil || !k.IsPublic() || k.Use != "" && k.Use != "sig" || checkPublic(k.Key) != nil {
			continue
		}
		keys = append(keys, key{id: k.KeyID, alg: k.Algorithm, public: k.Key})
	}
	if len(keys) == 0 {
		return nil, errors.New("JWK set has no key that can sign tokens")
	}
	return keys, nil
}

// decodePart reads a header or a payload.
func decodePart(text string) (map[string]any, error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errNotStrict
	}
	return decodeObject(data)
}
