package jwt

import (
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/jeton-io/jeton/fsm"
)

// MaxTokenBytes bounds the text of a token.
const MaxTokenBytes = 16 << 10

// token is a JWT whose signature nobody has looked at yet.
type token struct {
	jws *jose.JSONWebSignature
	alg string
	kid string
}

// parse reads a token and judges its header: nothing is believed of it, but what
// it asks for may be refused.
func parse(text string, algs []string) (*token, error) {
	switch {
	case text == "":
		return nil, refuse("missing token")
	case len(text) > MaxTokenBytes:
		return nil, refuse("token has %d bytes, at most %d are allowed", len(text), MaxTokenBytes)
	case strings.Count(text, ".") == 4:
		return nil, refuse("error validating token: it is encrypted (JWE), expected a signed one (JWS)")
	case strings.Count(text, ".") != 2 || strings.ContainsFunc(text, notCompact):
		return nil, refuse("error validating token: it is not a JWS in compact form")
	}
	if len(algs) == 0 {
		algs = fsm.JWTAlgs
	}
	known := make([]jose.SignatureAlgorithm, 0, len(algs))
	for _, a := range algs {
		known = append(known, jose.SignatureAlgorithm(a))
	}
	t := new(token)
	if err := t.readHeader(text, algs); err != nil {
		return nil, err
	}
	var err error
	if t.jws, err = jose.ParseSignedCompact(text, known); err != nil || len(t.jws.Signatures) != 1 {
		return nil, refuse("error validating token: it is not a JWS in compact form")
	}
	return t, nil
}

// notCompact says whether a character has no place in a compact serialization.
func notCompact(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
}

func (t *token) readHeader(text string, algs []string) error {
	encoded, _, _ := strings.Cut(text, ".")
	header, err := decodePart(encoded)
	if err != nil {
		return refuse("error validating token: its header is %v", err)
	}
	for _, name := range [...]string{"crit", "b64", "zip", "enc"} {
		if _, there := header[name]; there {
			return refuse("error validating token: header parameter %q is not supported", name)
		}
	}
	for name, to := range map[string]*string{"alg": &t.alg, "kid": &t.kid, "typ": new(string), "cty": new(string)} { // order: any of them refuses
		v, there := header[name]
		if !there {
			continue
		}
		var ok bool
		if *to, ok = v.(string); !ok {
			return refuse("error validating token: header parameter %q is not a string", name)
		}
		if name == "cty" && strings.EqualFold(*to, "JWT") {
			return refuse("error validating token: it holds another token")
		}
	}
	if !slices.Contains(algs, t.alg) {
		return refuse("error validating token: invalid algorithm (alg) header parameter: token signed with unexpected algorithm")
	}
	return nil
}

// verify is the payload if one of the keys has signed it. It says besides whether
// the header names one of the keys.
func (t *token) verify(keys []key) (payload []byte, named, signed bool) {
	for i := range keys {
		k := &keys[i]
		named = named || t.kid != "" && k.id == t.kid
		if !k.fits(t.alg, t.kid) {
			continue
		}
		if payload, err := t.jws.Verify(k.public); err == nil {
			return payload, named, true
		}
	}
	return nil, named, false
}
