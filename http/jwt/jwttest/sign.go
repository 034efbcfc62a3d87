package jwttest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// Key is a pair of keys with an id.
type Key struct {
	ID      string
	private crypto.Signer
}

// NewKey draws a P-256 key.
func NewKey(id string) *Key {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Key{id, must(k, err)}
}

// NewRSA draws an RSA key of so many bits.
func NewRSA(id string, bits int) *Key {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	return &Key{id, must(k, err)}
}

// NewEd25519 draws an Ed25519 key.
func NewEd25519(id string) *Key {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	return &Key{id, must(k, err)}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("jwttest: " + err.Error())
	}
	return v
}

// Alg is the algorithm that the key signs with.
func (k *Key) Alg() string {
	switch k.private.(type) {
	case *rsa.PrivateKey:
		return "RS256"
	case ed25519.PrivateKey:
		return "EdDSA"
	}
	return "ES256"
}

// PEM is the public key.
func (k *Key) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(k.private.Public()))}))
}

// JWK is the public key as a member of a set.
func (k *Key) JWK() map[string]any {
	j := map[string]any{"use": "sig"}
	if k.ID != "" {
		j["kid"] = k.ID
	}
	switch public := k.private.Public().(type) {
	case *ecdsa.PublicKey:
		point := must(public.Bytes())
		half := (len(point) - 1) / 2
		j["kty"], j["crv"], j["x"], j["y"] = "EC", public.Params().Name, Encode(point[1:1+half]), Encode(point[1+half:])
	case *rsa.PublicKey:
		j["kty"], j["n"], j["e"] = "RSA", Encode(public.N.Bytes()), Encode(big.NewInt(int64(public.E)).Bytes())
	case ed25519.PublicKey:
		j["kty"], j["crv"], j["x"] = "OKP", "Ed25519", Encode(public)
	}
	return j
}

// Encode is base64url without padding.
func Encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Sign makes a token of claims.
func (k *Key) Sign(claims map[string]any) string {
	header := map[string]any{"alg": k.Alg(), "typ": "JWT"}
	if k.ID != "" {
		header["kid"] = k.ID
	}
	return k.SignText(string(must(json.Marshal(header))), string(must(json.Marshal(claims))))
}

// SignText makes a token of a header and claims as they are, whatever they say.
func (k *Key) SignText(header, claims string) string {
	text := Encode([]byte(header)) + "." + Encode([]byte(claims))
	hash := sha256.Sum256([]byte(text))
	var sig []byte
	switch private := k.private.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, private, hash[:])
		if err != nil {
			panic(err)
		}
		size := (private.Params().BitSize + 7) / 8
		sig = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	case *rsa.PrivateKey:
		sig = must(rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, hash[:]))
	case ed25519.PrivateKey:
		sig = ed25519.Sign(private, []byte(text))
	default:
		panic(fmt.Sprintf("jwttest: a key of type %T", private))
	}
	return text + "." + Encode(sig)
}

// SignSecret makes a token whose HMAC key is a text: a public key, for one.
func SignSecret(secret, header, claims string) string {
	text := Encode([]byte(header)) + "." + Encode([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + Encode(mac.Sum(nil))
}

// Verify says whether a token's signature is an ECDSA key's own.
func Verify(k *Key, token string) bool {
	i := strings.LastIndexByte(token, '.')
	sig, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	if i < 0 || err != nil || len(sig) != 64 {
		return false
	}
	hash := sha256.Sum256([]byte(token[:i]))
	return ecdsa.Verify(k.private.Public().(*ecdsa.PublicKey), hash[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}
