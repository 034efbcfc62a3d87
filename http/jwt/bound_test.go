package jwt_test

import (
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

func TestBounds(t *testing.T) {
	text := func(s ...string) (v []fsm.ClaimValue) {
		for _, s := range s {
			v = append(v, fsm.ClaimValue{Kind: fsm.ClaimString, Text: s})
		}
		return v
	}
	number := func(s string) []fsm.ClaimValue { return []fsm.ClaimValue{{Kind: fsm.ClaimNumber, Text: s}} }
	bind := func(name string, values []fsm.ClaimValue) func(*fsm.JWTRole) {
		return func(r *fsm.JWTRole) { r.Claims = []fsm.BoundClaim{{Name: name, List: true, Values: values}} }
	}
	glob := func(name, pattern string) func(*fsm.JWTRole) {
		return func(r *fsm.JWTRole) { bind(name, text(pattern))(r); r.Globs = true }
	}
	for _, tt := range []struct {
		name   string
		claims string
		change func(*fsm.JWTRole)
		why    string
	}{
		{"the subject", ``, func(r *fsm.JWTRole) { r.Subject = "ann" }, ""},
		{"another subject", ``, func(r *fsm.JWTRole) { r.Subject = "Ann" }, "(sub)"},
		{"an audience where none is bound", ``, func(r *fsm.JWTRole) { r.Audiences = nil }, "no audiences bound"},
		{"a claim", `"team":"web"`, bind("team", text("db", "web")), ""},
		{"another value", `"team":"webs"`, bind("team", text("db", "web")), `"team" does not match`},
		{"no such claim", ``, bind("team", text("web")), `"team" is missing`},
		{"a null claim", `"team":null`, bind("team", text("web")), `"team" is missing`},
		{"a list that has it", `"team":["x","web"]`, bind("team", text("web")), ""},
		{"a list of other things", `"team":[{"web":1},["web"],null]`, bind("team", text("web")), "does not match"},
		{"an empty list", `"team":[]`, bind("team", text("web")), "does not match"},
		{"an object", `"team":{"web":true}`, bind("team", text("web")), "is not a string"},
		{"no values at all", `"team":"web"`, bind("team", nil), "does not match"},
		{"a boolean", `"ok":true`, bind("ok", []fsm.ClaimValue{{Kind: fsm.ClaimBool, Text: "true"}}), ""},
		{"a boolean as text", `"ok":"true"`, bind("ok", []fsm.ClaimValue{{Kind: fsm.ClaimBool, Text: "true"}}), "does not match"},
		{"a number", `"n":7`, bind("n", number("7")), ""},
		{"a number in another spelling", `"n":0.7e1`, bind("n", number("7")), ""},
		{"a number as text", `"n":"7"`, bind("n", number("7")), "does not match"},
		{"large numbers that floats confuse", `"n":9007199254740993`, bind("n", number("9007199254740992")), "does not match"},
		{"a number beyond all", `"n":1e999`, bind("n", number("7")), "is not a string"},
		{"minus zero", `"n":-0`, bind("n", number("0")), ""},
		{"by pointer", `"a":{"b/c":[{"~d":"x"}]}`, bind("/a/b~1c/0/~0d", text("x")), ""},
		{"by pointer beyond the list", `"a":["x"]`, bind("/a/1", text("x")), "is missing"},
		{"by pointer with a leading zero", `"a":["x"]`, bind("/a/00", text("x")), "is missing"},
		{"by pointer into a string", `"a":"x"`, bind("/a/b", text("x")), "is missing"},
		{"a pattern", `"repo":"org/app:main"`, glob("repo", "org/*:main"), ""},
		{"not the pattern", `"repo":"evil/org/app:main"`, glob("repo", "org/*:main"), "does not match"},
		{"a pattern without globs", `"repo":"org/app"`, bind("repo", text("org/*")), "does not match"},
		{"a pattern and a number", `"repo":7`, glob("repo", "*"), "does not match"},
		{"groups", `"groups":["a","b"]`, func(r *fsm.JWTRole) { r.GroupsClaim = "groups" }, ""},
		{"no groups", ``, func(r *fsm.JWTRole) { r.GroupsClaim = "groups" }, `"groups" not found`},
		{"groups of numbers", `"groups":[1]`, func(r *fsm.JWTRole) { r.GroupsClaim = "groups" }, `"groups" could not be converted`},
		{"a mapping of a number", `"n":7`, func(r *fsm.JWTRole) { r.Mappings = []fsm.MetaPair{{Key: "n", Value: "n"}} }, `"n" to string`},
		{"a mapping of too much", `"n":"` + strings.Repeat("x", 4090) + `"`, func(r *fsm.JWTRole) { r.Mappings = []fsm.MetaPair{{Key: "n", Value: "n"}} }, "at most 4096"},
		{"a user by pointer", `"who":{"name":"bob"}`, func(r *fsm.JWTRole) { r.UserClaim, r.UserPointer = "/who/name", true }, ""},
		{"a pointer that is a name", `"/who":"bob"`, func(r *fsm.JWTRole) { r.UserClaim = "/who" }, ""},
		{"a pointer that is taken for a name", `"who":"bob"`, func(r *fsm.JWTRole) { r.UserClaim = "/who" }, "not found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := role()
			tt.change(r)
			body := `{"sub":"ann","aud":"jeton","iat":1700000000`
			if tt.claims != "" {
				body += "," + tt.claims
			}
			token := signer.SignText(`{"alg":"ES256"}`, body+"}")
			_, err := verify(t, token, static(signer), r)
			if tt.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, token, err, tt.why)
		})
	}
}

func TestIssuer(t *testing.T) {
	config := static(signer)
	config.Issuer = "https://issuer.example"
	for iss, ok := range map[any]bool{"https://issuer.example": true, "https://issuer.example/": false, "": false, 7: false} {
		text := signer.Sign(good(claims{"iss": iss}))
		if _, err := verify(t, text, config, role()); ok != (err == nil) {
			t.Errorf("issuer %v: %v", iss, err)
		}
	}
	text := signer.Sign(good(claims{"iss": nil}))
	_, err := verify(t, text, config, role())
	refused(t, text, err, "(iss)")
}
