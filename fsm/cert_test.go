package fsm_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// enableCert is the command that mounts the method at a path.
func enableCert(path string) *fsm.AuthEnable {
	return &fsm.AuthEnable{Path: path, Type: fsm.MountCert, Accessor: "auth_cert_0123"}
}

// cert is the command that writes a record; the machine does not look into its PEM.
func cert(mount, name string, params fsm.TokenParams, given fsm.ParamFields) *fsm.CertSet {
	return &fsm.CertSet{
		Mount: mount, Cert: fsm.Cert{Name: name, Certificates: "-----BEGIN CERTIFICATE-----", Params: params},
		Given: fsm.GivenCertificates, GivenParams: given,
	}
}

// fingerprint is that of a certificate of a name.
func fingerprint(name string) string {
	d := fsmtest.Digest(name)
	return fmt.Sprintf("%x", d[:])
}

// shownCert is what a node says of a certificate that a record takes, as it is now.
func shownCert(l *fsmtest.Lab, mount, name, certificate string) fsm.ShownCert {
	c := fsm.ShownCert{Name: name, Fingerprint: fingerprint(certificate), NotAfter: l.At.Add(10 * time.Hour)}
	if m, ok := l.State().AuthMount(mount); ok {
		if r, ok := l.State().Cert(m, name); ok {
			c.Version = r.Version
		}
	}
	return c
}

// certLogin is the command by which a certificate gets the token of a name.
func certLogin(l *fsmtest.Lab, mount, name, certificate, token string) *fsm.CertLogin {
	return &fsm.CertLogin{
		Mount: mount, Shown: shownCert(l, mount, name, certificate),
		Meta: []fsm.MetaPair{{Key: "cert_name", Value: name}, {Key: "certificate_sha256", Value: fingerprint(certificate)}},
		From: netip.MustParseAddr("10.0.0.1"), Token: fsmtest.Digest(token), Accessor: fsmtest.Accessor(token),
	}
}

// certRenew renews a token by showing a certificate.
func certRenew(l *fsmtest.Lab, mount, name, certificate, token string) *fsm.CertRenew {
	return &fsm.CertRenew{Renew: *fsmtest.Renew(token, 0), Shown: shownCert(l, mount, name, certificate)}
}

// certified is a lab with a record, web, of a mount named cert.
func certified(t testing.TB) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", enableCert("cert"))
	l.Must("root", cert("cert", "web", fsm.TokenParams{Policies: []string{"dev"}}, fsm.GivenTokenPolicies))
	return l
}

// certSamples is one command of each kind that the cert method has.
func certSamples() []fsm.Command {
	shown := fsm.ShownCert{
		Name: "web", Version: 300, Fingerprint: strings.Repeat("0f", 32),
		NotBefore: fsmtest.Start.Add(-time.Second), NotAfter: fsmtest.Start.Add(time.Second),
	}
	return []fsm.Command{
		&fsm.CertSet{
			Mount: "corp/tls", Given: fsm.GivenCertificates | fsm.GivenCertExtensions, GivenParams: fsm.GivenTokenTTL,
			Cert: fsm.Cert{
				Name: "web", Certificates: "pem", DisplayName: "Web", Names: []string{"a"}, CommonNames: []string{"b"},
				DNSNames: []string{"*.c"}, Emails: []string{"d"}, URIs: []string{"e"}, Units: []string{"f"},
				Extensions: []string{"1.2.3:g*", "hex:1.2.4:0c*"},
				Params:     fsm.TokenParams{Policies: []string{"web"}, TTL: time.Minute},
			},
		},
		&fsm.CertDelete{Mount: "corp/tls", Name: "web"},
		&fsm.CertLogin{
			Mount: "corp/tls", Shown: shown, From: netip.MustParseAddr("2001:db8::1"),
			Meta:  []fsm.MetaPair{{Key: "cert_name", Value: "web"}, {Key: "certificate_sha256", Value: shown.Fingerprint}},
			Token: fsmtest.Digest("t"), Accessor: fsmtest.Accessor("t"),
		},
		&fsm.CertRenew{
			Renew: fsm.TokenRenew{Target: fsm.Target{By: fsm.ByAccessor, Accessor: fsmtest.Accessor("t")}, Increment: time.Minute},
			Shown: shown,
		},
	}
}

// addCerts brings about records of every kind that the cert method has.
func addCerts(l *fsmtest.Lab) {
	l.Must("root", enableCert("cert"))
	l.Must("root", cert("cert", "web", fsm.TokenParams{TTL: time.Minute}, fsm.GivenTokenTTL))
	l.Must("", certLogin(l, "cert", "web", "c", "web's"))
}

// TestCertsAtRandom runs random commands on few mounts and records. After each the
// state is sound, a token lives only if the mount that made it is there, and none was
// renewed but by its own certificate.
func TestCertsAtRandom(t *testing.T) {
	for seed := range uint64(seeds(t)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			randomCerts(t, rand.New(rand.NewPCG(seed, 3)))
		})
	}
}

func randomCerts(t *testing.T, r *rand.Rand) {
	l := fsmtest.New(t)
	paths, names, shows := []string{"a", "b/c"}, []string{"x", "y"}, []string{"one", "two"}
	serial := func(path string) uint64 {
		if m, ok := l.State().AuthMount(path); ok {
			return m.Serial
		}
		return 0
	}
	type login struct {
		path, name, certificate string
		serial                  uint64
	}
	made := make(map[string]login)
	renewals, last := 0, ""
	for i := range 400 {
		path, name, shows, token := paths[r.IntN(2)], names[r.IntN(2)], shows[r.IntN(2)], fmt.Sprint("t", i)
		switch r.IntN(12) {
		case 0, 1:
			l.Do("root", enableCert(path))
		case 2:
			if r.IntN(5) == 0 {
				l.Do("root", &fsm.AuthDisable{Path: path})
			}
		case 3, 4:
			l.Do("root", cert(path, name, fsm.TokenParams{TTL: time.Minute * time.Duration(1+r.IntN(9))}, fsm.GivenTokenTTL))
		case 5, 6, 7:
			if _, err := l.Do("", certLogin(l, path, name, shows, token)); err == nil {
				made[token], last = login{path, name, shows, serial(path)}, token
			}
		case 8:
			if r.IntN(3) == 0 {
				l.Do("root", &fsm.CertDelete{Mount: path, Name: name})
			}
		case 9, 10:
			if last == "" {
				continue
			}
			token, by := last, made[last]
			if r.IntN(2) == 0 {
				path, name, shows = by.path, by.name, by.certificate
			}
			if _, err := l.Do("root", certRenew(l, path, name, shows, token)); err == nil {
				renewals++
				if by.path != path || by.name != name || by.certificate != shows {
					t.Fatalf("step %d: %+v renewed by %s, %s, %s", i, by, path, name, shows)
				}
			}
			if _, err := l.Do("root", fsmtest.Renew(token, 0)); err == nil {
				t.Fatalf("step %d: renewed without a certificate", i)
			}
		case 11:
			l.Wait(time.Duration(r.IntN(200)) * time.Second)
			l.Cluster(&fsm.Expire{Limit: 1 + r.Uint32N(4)})
			l.Cluster(&fsm.Sweep{Limit: 1 + r.Uint32N(4)})
		}
		for token, by := range made { // order: each stands alone
			if l.Alive(token) && serial(by.path) != by.serial {
				t.Fatalf("step %d: %s outlived the mount that made it", i, token)
			}
		}
		if err := fsm.CheckInvariants(l.State()); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if len(made) == 0 || renewals == 0 {
		t.Errorf("%d logins and %d renewals in 400 steps", len(made), renewals)
	}
	comesBack(t, l)
	for _, path := range paths {
		l.Do("root", &fsm.AuthDisable{Path: path})
	}
	l.Wait(time.Hour)
	l.Clean(1 + r.Uint32N(5))
	if s := l.State(); fsm.CountCerts(s)+fsm.CountMounts(s) > 0 {
		t.Fatalf("%d records, %d mounts are left", fsm.CountCerts(s), fsm.CountMounts(s))
	}
}
