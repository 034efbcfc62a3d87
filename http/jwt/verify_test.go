package jwt_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/jwt"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// now is the cluster's time in these tests, nobody's watch.
const (
	seconds = 1_700_000_000
	now     = fsm.Instant(seconds * int64(time.Second))
)

var (
	signer = jwttest.NewKey("k1")
	other  = jwttest.NewKey("k1") // of the same name
)

func static(keys ...*jwttest.Key) *fsm.JWTConfig {
	c := &fsm.JWTConfig{Mount: 1, Version: 1, Source: fsm.JWTStatic}
	for _, k := range keys {
		c.Keys = append(c.Keys, k.PEM())
	}
	return c
}

func role() *fsm.JWTRole {
	return &fsm.JWTRole{Mount: 1, Name: "dev", Audiences: []string{"jeton"}, UserClaim: "sub"}
}

type claims map[string]any

// good are claims that role takes, changed by some others; nil takes one away.
func good(changes claims) claims {
	c := claims{"iss": "https://issuer.example", "sub": "ann", "aud": "jeton", "exp": seconds + 300, "iat": seconds, "nbf": seconds}
	for name, v := range changes { // order: each stands alone
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

func verifier(t testing.TB, limits jwt.Limits) *jwt.Verifier {
	v := jwt.NewVerifier(limits, slog.New(slog.DiscardHandler))
	t.Cleanup(v.Close)
	return v
}

func verify(t testing.TB, text string, config *fsm.JWTConfig, role *fsm.JWTRole) (*jwt.Identity, error) {
	return verifier(t, jwt.Limits{}).Verify(context.Background(), text, config, role, now)
}

// refused wants a token refused with a reason that holds some words, and none of
// the token.
func refused(t *testing.T, text string, err error, why string) {
	t.Helper()
	var no *jwt.Refusal
	if !errors.As(err, &no) || !strings.Contains(err.Error(), why) {
		t.Errorf("%v, want a refusal with %q", err, why)
		return
	}
	for part := range strings.SplitSeq(text, ".") {
		if len(part) > 8 && strings.Contains(err.Error(), part) {
			t.Errorf("the refusal shows the token: %v", err)
		}
	}
}

func TestVerify(t *testing.T) {
	for name, k := range map[string]*jwttest.Key{"ECDSA": signer, "RSA": jwttest.NewRSA("", 2048), "Ed25519": jwttest.NewEd25519("")} {
		r := role()
		r.Mappings = []fsm.MetaPair{{Key: "/who/mail", Value: "mail"}, {Key: "none", Value: "x"}}
		id, err := verify(t, k.Sign(good(claims{"who": claims{"mail": "ann@a.example"}})), static(k), r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if id.User != "ann" || len(id.Meta) != 2 || id.Meta[0] != (fsm.MetaPair{Key: "mail", Value: "ann@a.example"}) || id.Meta[1] != (fsm.MetaPair{Key: "role", Value: "dev"}) ||
			id.NotBefore != now.Add(-time.Minute) || id.NotAfter != now.Add(6*time.Minute) {
			t.Errorf("%s: %+v", name, id)
		}
	}
}

// What a header says is never believed, and what it asks for is refused.
func TestHeaders(t *testing.T) {
	const alg = `"alg":"ES256"`
	body, err := json.Marshal(good(nil))
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	signed := func(header string) string { return signer.SignText(header, text) }
	plain := jwttest.Encode([]byte(`{"alg":"none"}`)) + "." + jwttest.Encode(body) + "."
	whole := signed(`{` + alg + `}`)
	parts := strings.Split(whole, ".")
	jwk, err := json.Marshal(other.JWK())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, text, why string }{
		{"nothing", "", "missing token"},
		{"one word", "x", "compact form"},
		{"two parts", parts[0] + "." + parts[1], "compact form"},
		{"four parts", whole + ".x", "compact form"},
		{"a JWE", "a.b.c.d.e", "encrypted"},
		{"the JSON form", `{"payload":"","signatures":[]}`, "compact form"},
		{"blanks", " " + whole, "compact form"},
		{"a line break", parts[0] + ".\n" + parts[1] + "." + parts[2], "compact form"},
		{"padding", parts[0] + "=." + parts[1] + "." + parts[2], "compact form"},
		{"huge", strings.Repeat("a", jwt.MaxTokenBytes) + ".b.c", "16384"},
		{"no algorithm", signed(`{}`), "unexpected algorithm"},
		{"alg none", plain, "unexpected algorithm"},
		{"alg None", jwttest.Encode([]byte(`{"alg":"None"}`)) + "." + jwttest.Encode(body) + ".", "unexpected algorithm"},
		{"alg none, signed", signed(`{"alg":"none"}`), "unexpected algorithm"},
		{"alg es256", signed(`{"alg":"es256"}`), "unexpected algorithm"},
		{"no signature", parts[0] + "." + parts[1] + ".", "no known key"},
		{"the public key as a secret", jwttest.SignSecret(signer.PEM(), `{"alg":"HS256"}`, text), "unexpected algorithm"},
		{"the public key as a secret, called ECDSA", jwttest.SignSecret(signer.PEM(), `{`+alg+`}`, text), "no known key"},
		{"another curve", signed(`{"alg":"ES384"}`), "no known key"},
		{"another kind of key", signed(`{"alg":"RS256"}`), "no known key"},
		{"alg twice", signed(`{"alg":"none",` + alg + `}`), "twice"},
		{"alg as a list", signed(`{"alg":["ES256"]}`), `"alg" is not a string`},
		{"kid as a number", signed(`{` + alg + `,"kid":1}`), `"kid" is not a string`},
		{"kid as a path", signed(`{` + alg + `,"kid":"../../etc/passwd"}`), ""},
		{"kid as a query", signed(`{` + alg + `,"kid":"' OR 1=1"}`), ""},
		{"critical", signed(`{` + alg + `,"crit":["exp"],"exp":1}`), `"crit" is not supported`},
		{"critical, empty", signed(`{` + alg + `,"crit":[]}`), `"crit" is not supported`},
		{"payload not encoded", signed(`{` + alg + `,"b64":false,"crit":["b64"]}`), "not supported"},
		{"compressed", signed(`{` + alg + `,"zip":"DEF"}`), `"zip" is not supported`},
		{"encrypted", signed(`{` + alg + `,"enc":"A256GCM"}`), `"enc" is not supported`},
		{"nested", signed(`{` + alg + `,"cty":"jwt"}`), "another token"},
		{"its own key", other.SignText(`{`+alg+`,"jwk":`+string(jwk)+`}`, text), "no known key"},
		{"its own key's address", other.SignText(`{`+alg+`,"jku":"https://evil.example/keys"}`, text), "no known key"},
		{"its own certificate's address", other.SignText(`{`+alg+`,"x5u":"https://evil.example/cert"}`, text), "no known key"},
		{"the signature of another", parts[0] + "." + parts[1] + "." + strings.Split(other.SignText(`{`+alg+`}`, text), ".")[2], "no known key"},
		{"other claims", parts[0] + "." + jwttest.Encode([]byte(`{"sub":"root"}`)) + "." + parts[2], "no known key"},
		{"a header that is no object", signed(`["ES256"]`), "header"},
		{"a header that is no JSON", signed(`{`), "header"},
		{"a header with more behind", signed(`{` + alg + `}{}`), "header"},
		{"a header that is no UTF-8", signed("{" + alg + ",\"kid\":\"\xff\"}"), "header"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := verify(t, tt.text, static(signer), role())
			if tt.why == "" {
				if err != nil { // a key without an id belongs to any
					t.Error(err)
				}
				return
			}
			refused(t, tt.text, err, tt.why)
		})
	}
}

// Which algorithms a configuration allows, whatever its keys could do.
func TestAlgorithms(t *testing.T) {
	k := jwttest.NewRSA("", 2048)
	config := static(k, signer)
	config.Algs = []string{"ES256"}
	text := k.Sign(good(nil))
	_, err := verify(t, text, config, role())
	refused(t, text, err, "unexpected algorithm")
	if _, err := verify(t, signer.Sign(good(nil)), config, role()); err != nil {
		t.Error(err)
	}
}

// Claims of the wrong type, twice, beyond bounds, in other spellings.
func TestClaims(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	with := func(pairs string) string {
		return `{"sub":"ann","aud":"jeton","exp":1700000300` + pairs + `}`
	}
	for _, tt := range []struct{ name, text, why string }{
		{"as they should be", with(""), ""},
		{"sub twice", with(`,"sub":"root"`), "twice"},
		{"twice, once escaped", with(`,"\u0073ub":"root"`), "twice"},
		{"twice inside", with(`,"x":{"a":1,"a":2}`), "twice"},
		{"another case is another claim", with(`,"SUB":"root"`), ""},
		{"a list of claims", `[]`, "claims are not"},
		{"a string", `"x"`, "claims are not"},
		{"nothing", ``, "claims are not"},
		{"null", `null`, "claims are not"},
		{"more behind", with("") + "{}", "claims are not"},
		{"no UTF-8", with(",\"x\":\"\xff\""), "claims are not"},
		{"deep", with(`,"x":` + deep), "deep"},
		{"sub as a number", `{"sub":1,"aud":"jeton","exp":1700000300}`, `"sub" could not be converted`},
		{"sub as null", `{"sub":null,"aud":"jeton","exp":1700000300}`, `"sub" not found`},
		{"sub empty", `{"sub":"","aud":"jeton","exp":1700000300}`, `"sub" could not be converted`},
		{"no sub", `{"aud":"jeton","exp":1700000300}`, `"sub" not found`},
		{"beyond ASCII", `{"sub":"änne 密 🔑","aud":"jeton","exp":1700000300}`, ""},
		{"no aud", `{"sub":"ann","exp":1700000300}`, "(aud)"},
		{"another aud", `{"sub":"ann","aud":"other","exp":1700000300}`, "(aud)"},
		{"aud in a list", `{"sub":"ann","aud":["other","jeton"],"exp":1700000300}`, ""},
		{"aud as an object", `{"sub":"ann","aud":{"jeton":true},"exp":1700000300}`, "(aud)"},
		{"aud as mixed list", `{"sub":"ann","aud":["jeton",1],"exp":1700000300}`, "(aud)"},
		{"no times", `{"sub":"ann","aud":"jeton"}`, "no issued at"},
		{"iat alone", `{"sub":"ann","aud":"jeton","iat":1700000000}`, ""},
		{"iat alone, long ago", `{"sub":"ann","aud":"jeton","iat":1699999789}`, "(exp)"},
		{"iat alone, its leeway ago", `{"sub":"ann","aud":"jeton","iat":1699999791}`, ""},
		{"nbf alone", `{"sub":"ann","aud":"jeton","nbf":1700000000}`, ""},
		{"exp alone, far ahead", `{"sub":"ann","aud":"jeton","exp":1700000211}`, "(nbf)"},
		{"exp long past", `{"sub":"ann","aud":"jeton","exp":1600000000,"iat":1500000000}`, "(exp)"},
		{"exp past within the leeway", `{"sub":"ann","aud":"jeton","exp":1699999941,"iat":1600000000}`, ""},
		{"exp past the leeway", `{"sub":"ann","aud":"jeton","exp":1699999940,"iat":1600000000}`, "(exp)"},
		{"nbf ahead within the leeway", `{"sub":"ann","aud":"jeton","exp":1700009999,"nbf":1700000060}`, ""},
		{"nbf ahead", `{"sub":"ann","aud":"jeton","exp":1700009999,"nbf":1700000061}`, "(nbf)"},
		{"iat ahead", `{"sub":"ann","aud":"jeton","exp":1700009999,"nbf":1,"iat":1700000061}`, "(iat)"},
		{"exp with a fraction", `{"sub":"ann","aud":"jeton","iat":1700000000,"exp":1700000300.75}`, ""},
		{"exp with an exponent", `{"sub":"ann","aud":"jeton","iat":1700000000,"exp":1.7000003e9}`, ""},
		{"exp as a text", `{"sub":"ann","aud":"jeton","exp":"1700000300"}`, `"exp" is not a number`},
		{"exp as null", `{"sub":"ann","aud":"jeton","iat":1700000000,"exp":null}`, `"exp" is not a number`},
		{"exp as true", `{"sub":"ann","aud":"jeton","exp":true}`, `"exp" is not a number`},
		{"exp zero", `{"sub":"ann","aud":"jeton","iat":0,"exp":0}`, "(exp)"},
		{"exp negative", `{"sub":"ann","aud":"jeton","exp":-1}`, "(exp)"},
		{"exp in milliseconds", `{"sub":"ann","aud":"jeton","iat":1700000000,"exp":1700000300000}`, "not a date"},
		{"exp beyond numbers", `{"sub":"ann","aud":"jeton","iat":1700000000,"exp":1e999}`, "not a date"},
		{"exp in the year 9999", `{"sub":"ann","aud":"jeton","iat":1700000000,"exp":253402300799}`, ""},
		{"nbf beyond instants", `{"sub":"ann","aud":"jeton","exp":253402300799,"nbf":99999999999}`, "(nbf)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := role()
			if !strings.Contains(tt.name, "far ahead") {
				r.NotBeforeLeeway = time.Hour
			}
			text := signer.SignText(`{"alg":"ES256"}`, tt.text)
			id, err := verify(t, text, static(signer), r)
			if tt.why != "" {
				refused(t, text, err, tt.why)
			} else if err != nil || id.NotBefore > now || id.NotAfter <= now {
				t.Errorf("%+v, %v", id, err)
			}
		})
	}
}

// Leeways that a role names, and none.
func TestLeeways(t *testing.T) {
	r := role()
	r.ClockSkewLeeway, r.ExpirationLeeway = -time.Second, 10*time.Second
	text := signer.Sign(good(claims{"exp": seconds, "iat": seconds - 9}))
	_, err := verify(t, text, static(signer), r)
	refused(t, text, err, "(exp)") // not even this very instant
	id, err := verify(t, signer.Sign(good(claims{"exp": nil, "nbf": nil, "iat": seconds - 9})), static(signer), r)
	if err != nil || id.NotBefore != now.Add(-9*time.Second) || id.NotAfter != now.Add(time.Second) {
		t.Errorf("%+v, %v", id, err)
	}
}
