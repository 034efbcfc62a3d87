package fsm_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// enableJWT is the command that mounts the method at a path.
func enableJWT(path string) *fsm.AuthEnable {
	return &fsm.AuthEnable{Path: path, Type: fsm.MountJWT, Accessor: "auth_jwt_0123"}
}

// static is a configuration with one key; the machine does not look at it.
func static(mount string) *fsm.JWTConfigSet {
	return &fsm.JWTConfigSet{Mount: mount, Config: fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{"-----BEGIN PUBLIC KEY-----"}}}
}

// jwtRole is the command that writes a role bound to an audience.
func jwtRole(mount, name string, params fsm.TokenParams, given fsm.ParamFields) *fsm.JWTRoleSet {
	return &fsm.JWTRoleSet{
		Mount: mount, Role: fsm.JWTRole{Name: name, Audiences: []string{"jeton"}, UserClaim: "sub", Params: params},
		Given: fsm.GivenAudiences | fsm.GivenUserClaim, GivenParams: given,
	}
}

// jwtLogin is the command by which a JWT gets the token of a name from a role as
// it is now.
func jwtLogin(l *fsmtest.Lab, mount, role, token string) *fsm.JWTLogin {
	c := &fsm.JWTLogin{
		Mount: mount, Role: role, User: "ann", Meta: []fsm.MetaPair{{Key: "role", Value: role}},
		NotAfter: l.At.Add(time.Hour), From: netip.MustParseAddr("10.0.0.1"),
		Token: fsmtest.Digest(token), Accessor: fsmtest.Accessor(token),
	}
	if m, ok := l.State().AuthMount(mount); ok {
		if config, ok := l.State().JWTConfig(m); ok {
			c.Config = config.Version
		}
		if r, ok := l.State().JWTRole(m, role); ok {
			c.Version = r.Version
		}
	}
	return c
}

// issued is a lab with a role, dev, of a configured mount named jwt.
func issued(t testing.TB) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", enableJWT("jwt"))
	l.Must("root", static("jwt"))
	l.Must("root", jwtRole("jwt", "dev", fsm.TokenParams{Policies: []string{"dev"}}, fsm.GivenTokenPolicies))
	return l
}

// jwtSamples is one command of each kind that the jwt method has.
func jwtSamples() []fsm.Command {
	return []fsm.Command{
		&fsm.JWTConfigSet{Mount: "corp/ci", Config: fsm.JWTConfig{
			Source: fsm.JWTPairs, Endpoints: []fsm.JWTEndpoint{{URL: "https://a.example/keys", CA: "pem"}, {URL: "https://b.example/keys"}},
			Issuer: "https://a.example", Algs: []string{"ES256", "EdDSA"}, DefaultRole: "dev",
		}},
		&fsm.JWTRoleSet{
			Mount: "corp/ci", Given: fsm.GivenAudiences | fsm.GivenClockSkewLeeway, GivenParams: fsm.GivenTokenTTL,
			Role: fsm.JWTRole{
				Name: "dev", Audiences: []string{"jeton"}, Subject: "me", Globs: true,
				Claims: []fsm.BoundClaim{
					{Name: "/a/b", Values: []fsm.ClaimValue{{Kind: fsm.ClaimString, Text: "x*"}}},
					{Name: "c", List: true, Values: []fsm.ClaimValue{{Kind: fsm.ClaimNumber, Text: "1"}, {Kind: fsm.ClaimBool, Text: "true"}}},
				},
				Mappings:  []fsm.MetaPair{{Key: "email", Value: "mail"}},
				UserClaim: "/sub", UserPointer: true, GroupsClaim: "groups",
				ExpirationLeeway: time.Second, NotBeforeLeeway: -time.Second, ClockSkewLeeway: time.Minute,
				Params: fsm.TokenParams{Policies: []string{"web"}, TTL: time.Minute},
			},
		},
		&fsm.JWTRoleDelete{Mount: "corp/ci", Name: "dev"},
		&fsm.JWTLogin{
			Mount: "corp/ci", Role: "dev", Config: 300, Version: 301, User: "ann",
			Meta:      []fsm.MetaPair{{Key: "mail", Value: "ann@a.example"}, {Key: "role", Value: "dev"}},
			NotBefore: fsmtest.Start.Add(-time.Second), NotAfter: fsmtest.Start.Add(time.Second), From: netip.MustParseAddr("2001:db8::1"),
			Token: fsmtest.Digest("t"), Accessor: fsmtest.Accessor("t"),
		},
	}
}

// addJWTs brings about records of every kind that the jwt method has.
func addJWTs(l *fsmtest.Lab) {
	l.Must("root", enableJWT("jwt"))
	l.Must("root", static("jwt"))
	l.Must("root", jwtRole("jwt", "dev", fsm.TokenParams{TTL: time.Minute}, fsm.GivenTokenTTL))
	l.Must("", jwtLogin(l, "jwt", "dev", "ann's"))
}

// TestJWTsAtRandom runs random commands on few mounts and roles. After each the
// state is sound, and a token lives only if the mount that made it is there.
func TestJWTsAtRandom(t *testing.T) {
	for seed := range uint64(seeds(t)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			randomJWTs(t, rand.New(rand.NewPCG(seed, 2)))
		})
	}
}

func randomJWTs(t *testing.T, r *rand.Rand) {
	l := fsmtest.New(t)
	paths, names := []string{"a", "b/c"}, []string{"x", "y"}
	serial := func(path string) uint64 {
		if m, ok := l.State().AuthMount(path); ok {
			return m.Serial
		}
		return 0
	}
	made, where := make(map[string]uint64), make(map[string]string)
	logins := 0
	for i := range 300 {
		path, name, token := paths[r.IntN(len(paths))], names[r.IntN(len(names))], fmt.Sprint("t", i)
		switch r.IntN(12) {
		case 0, 1:
			l.Do("root", enableJWT(path))
		case 2:
			if r.IntN(3) == 0 {
				l.Do("root", &fsm.AuthDisable{Path: path})
			}
		case 3, 4:
			l.Do("root", static(path))
		case 5, 6:
			l.Do("root", jwtRole(path, name, fsm.TokenParams{TTL: time.Minute * time.Duration(1+r.IntN(9))}, fsm.GivenTokenTTL))
		case 7, 8:
			c := jwtLogin(l, path, name, token)
			c.NotBefore = l.At.Add(time.Duration(r.IntN(3)-2) * time.Hour)
			if _, err := l.Do("", c); err == nil {
				made[token], where[token] = serial(path), path
				logins++
				if c.NotBefore > l.State().Clock || c.NotAfter <= l.State().Clock {
					t.Fatalf("step %d: a JWT that is no good at %d: %+v", i, l.State().Clock, c)
				}
			}
		case 9:
			l.Do("root", &fsm.JWTRoleDelete{Mount: path, Name: name})
		case 10:
			l.Do("root", fsmtest.Renew(fmt.Sprint("t", r.IntN(i+1)), time.Minute))
		case 11:
			l.Wait(time.Duration(r.IntN(600)) * time.Second)
			l.Cluster(&fsm.Expire{Limit: 1 + r.Uint32N(4)})
			l.Cluster(&fsm.Sweep{Limit: 1 + r.Uint32N(4)})
		}
		for token, by := range made { // order: each stands alone
			if l.Alive(token) && serial(where[token]) != by {
				t.Fatalf("step %d: %s outlived the mount that made it", i, token)
			}
		}
		if err := fsm.CheckInvariants(l.State()); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if logins == 0 {
		t.Error("no login in 300 steps")
	}
	comesBack(t, l)
	for _, path := range paths {
		l.Must("root", &fsm.AuthDisable{Path: path})
	}
	l.Wait(time.Hour)
	l.Clean(1 + r.Uint32N(5))
	if s := l.State(); fsm.CountJWTs(s)+fsm.CountMounts(s) > 0 {
		t.Fatalf("%d records, %d mounts are left", fsm.CountJWTs(s), fsm.CountMounts(s))
	}
}
