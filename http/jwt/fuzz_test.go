package jwt_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/jwt"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// FuzzJWT shows whatever text as a token, and signs whatever header and claims.
// Nothing panics, nothing is accepted that the key has not signed, and what is
// accepted is good now and fits a login.
func FuzzJWT(f *testing.F) {
	whole := signer.Sign(good(nil))
	for _, text := range []string{"", "..", "a.b.c", whole, whole + ".", strings.Replace(whole, ".", "..", 1), other.Sign(good(nil))} {
		f.Add(text, `{"alg":"ES256"}`, `{"sub":"ann","aud":"jeton","iat":1700000000}`)
	}
	for _, header := range []string{`{}`, `{"alg":"none"}`, `{"alg":"ES256","kid":"k1","crit":["b64"],"b64":false}`, `{"alg":"ES256","jwk":{}}`, `[]`, `{"alg":"ES256","x5c":["AA"]}`} {
		f.Add(whole, header, `{"sub":"ann","aud":["jeton"],"exp":1.7000003e9,"nbf":-1,"iat":0}`)
	}
	f.Add(whole, `{"alg":"EdDSA"}`, `{"sub":{"a":[1,null]},"aud":"jeton","iat":1e99,"groups":["a"],"n":9007199254740993}`)
	v := verifier(f, jwt.Limits{})
	config := static(signer)
	r := role()
	r.Claims = []fsm.BoundClaim{}
	r.Mappings = []fsm.MetaPair{{Key: "/a/0", Value: "a"}, {Key: "mail", Value: "mail"}}
	f.Fuzz(func(t *testing.T, text, header, body string) {
		for _, text := range []string{text, signer.SignText(header, body), jwttest.Encode([]byte(header)) + "." + jwttest.Encode([]byte(body)) + "."} {
			id, err := v.Verify(context.Background(), text, config, r, now)
			if err != nil {
				var no *jwt.Refusal
				if !errors.As(err, &no) {
					t.Fatalf("%v is no refusal", err)
				}
				continue
			}
			if text != whole && text != signerText(text) {
				t.Fatalf("accepted %q", text)
			}
			if id.User == "" || id.NotBefore > now || id.NotAfter <= now {
				t.Fatalf("accepted %+v", id)
			}
		}
	})
}

// signerText is the text if its signature is the signer's, found without this
// package.
func signerText(text string) string {
	if jwttest.Verify(signer, text) {
		return text
	}
	return ""
}

// FuzzKeys reads whatever an issuer answers.
func FuzzKeys(f *testing.F) {
	jwk, err := json.Marshal(signer.JWK())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"keys":[` + string(jwk) + `]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"},null,1]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AA"},{"kty":"RSA","x5c":["AA"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := jwt.ParseSet(data)
		if (n == 0) != (err != nil) || n > 64 {
			t.Fatalf("%d keys, %v", n, err)
		}
	})
}
