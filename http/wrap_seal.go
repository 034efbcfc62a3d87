package http

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// A sealed answer, as the log and snapshots hold it:
//
//	version     1 byte, 1
//	nonce       12 bytes, random
//	ciphertext  AES-256-GCM of a JSON object with the answer's lease, data, auth
//	            and warnings, tag included, with the path of the request that was
//	            answered as additional data
//
// The key is HKDF-SHA-256 of the wrapping token's text, salted as a cubbyhole's
// is. So opening an answer takes the token, which only the client was shown.
const (
	wrapVersion   = 1
	wrapNonce     = 12
	wrapInfoLabel = "jeton wrapping 1"
	wrapSaltLabel = "wrapping salt " // no token text holds white space
)

// errWrapUnsealable says that a box is not one that this token sealed: a fault,
// since the machine hands out only what was stored with the token.
var errWrapUnsealable = errors.New("wrapped answer does not open")

// wrapBox seals and opens what one wrapping token holds.
type wrapBox struct{ aead cipher.AEAD }

func newWrapBox(token string, digest func(string) (fsm.Digest, error)) (*wrapBox, error) {
	aead, err := tokenAEAD(token, wrapSaltLabel, wrapInfoLabel, digest)
	if err != nil {
		return nil, err
	}
	return &wrapBox{aead}, nil
}

func (b *wrapBox) seal(path string, plain []byte) []byte {
	sealed := make([]byte, 1+wrapNonce, 1+wrapNonce+len(plain)+b.aead.Overhead())
	sealed[0] = wrapVersion
	rand.Read(sealed[1:])
	return b.aead.Seal(sealed, sealed[1:], plain, []byte(path))
}

func (b *wrapBox) open(path string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+wrapNonce || sealed[0] != wrapVersion {
		return nil, errWrapUnsealable
	}
	plain, err := b.aead.Open(nil, sealed[1:1+wrapNonce], sealed[1+wrapNonce:], []byte(path))
	if err != nil {
		return nil, errWrapUnsealable
	}
	return plain, nil
}

// appendWrapped is the plain text of a box: one answer. It keeps every digit and
// every escape that the answer itself would have had.
func appendWrapped(b []byte, ans answer, warnings []string) []byte {
	b = append(b, '{')
	if ans.lease != nil {
		b = appendLease(b, ans.lease)
	}
	b = append(b, `"data":`...)
	b = appendOrNull(b, ans.data)
	b = append(b, `,"auth":`...)
	b = appendOrNull(b, ans.auth)
	b = append(b, `,"warnings":`...)
	b = appendStrings(b, warnings)
	return append(b, '}')
}

// openWrapped is the inverse of appendWrapped.
func openWrapped(plain []byte, accessor string) (ans answer, warnings []string, err error) {
	var w struct {
		Data, Auth json.RawMessage
		Warnings   []string

		LeaseID       string `json:"lease_id"`
		Renewable     bool
		LeaseDuration int64 `json:"lease_duration"`
	}
	if err := json.Unmarshal(plain, &w); err != nil {
		return answer{}, nil, fmt.Errorf("%w: not an answer", errWrapUnsealable)
	}
	if string(w.Data) != "null" {
		ans.data = rawJSON(w.Data)
	}
	if string(w.Auth) != "null" {
		ans.auth = &rawAuth{rawJSON(w.Auth), accessor}
	}
	if w.LeaseID != "" {
		ans.lease = &fsm.Lease{ID: w.LeaseID, Renewable: w.Renewable, TTL: time.Duration(w.LeaseDuration) * time.Second}
	}
	return ans, w.Warnings, nil
}

// rawJSON is a value that is JSON already.
type rawJSON []byte

func (r rawJSON) appendJSON(b []byte) []byte { return append(b, r...) }

// rawAuth is an auth block that is JSON already.
type rawAuth struct {
	rawJSON
	accessor string
}
