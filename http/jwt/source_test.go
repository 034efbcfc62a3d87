package jwt_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/jwt"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// bench is a verifier with an issuer and a watch that only the test moves.
type bench struct {
	*testing.T
	*jwt.Verifier
	issuer *jwttest.Issuer
	config *fsm.JWTConfig

	mu   sync.Mutex
	time time.Time
}

func newBench(t *testing.T, limits jwt.Limits, keys ...*jwttest.Key) *bench {
	b := &bench{T: t, Verifier: verifier(t, limits), issuer: jwttest.NewIssuer(keys...), time: time.Unix(0, 0)}
	t.Cleanup(b.issuer.Close)
	b.SetClock(func() time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.time
	})
	b.config = &fsm.JWTConfig{Mount: 1, Version: 1, Source: fsm.JWTURL, Endpoints: []fsm.JWTEndpoint{{URL: b.issuer.Keys(), CA: b.issuer.CA()}}}
	return b
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.time = b.time.Add(d)
}

func (b *bench) try(k *jwttest.Key) error {
	_, err := b.Verify(context.Background(), k.Sign(good(nil)), b.config, role(), now)
	return err
}

func (b *bench) accepted(k *jwttest.Key) {
	b.Helper()
	if err := b.try(k); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) unknown(k *jwttest.Key) {
	b.Helper()
	var no *jwt.Refusal
	if err := b.try(k); !errors.As(err, &no) {
		b.Fatalf("%v, want a refusal", err)
	}
}

func (b *bench) away(k *jwttest.Key, why string) {
	b.Helper()
	var away *jwt.Unavailable
	if err := b.try(k); !errors.As(err, &away) || !strings.Contains(err.Error(), why) {
		b.Fatalf("%v, want it unavailable: %s", err, why)
	}
}

func (b *bench) fetched(want int64) {
	b.Helper()
	if n := b.issuer.Fetches.Load(); n != want {
		b.Fatalf("%d fetches, want %d", n, want)
	}
}

// landed waits until no fetch is under way.
func (b *bench) landed() {
	for b.Flying() {
		time.Sleep(time.Millisecond)
	}
}

func TestKeysAreKept(t *testing.T) {
	b := newBench(t, jwt.Limits{}, signer)
	for range 10 {
		b.accepted(signer)
	}
	b.fetched(1)
	b.pass(10 * time.Minute)
	b.accepted(signer)
	b.fetched(2)
	config := *b.config
	config.Version = 2 // whoever writes the configuration wants its keys now
	b.config = &config
	b.accepted(signer)
	b.fetched(3)
	config.Version = 1
	if err := b.try(signer); !errors.Is(err, jwt.ErrMoved) {
		t.Errorf("with the configuration of before: %v", err)
	}
}

func TestDiscovery(t *testing.T) {
	b := newBench(t, jwt.Limits{}, signer)
	b.config.Source, b.config.Endpoints[0].URL = fsm.JWTDiscovery, b.issuer.URL
	b.unknown(signer) // of another issuer than the one that was found
	text := signer.Sign(good(claims{"iss": b.issuer.URL}))
	if _, err := b.Verify(context.Background(), text, b.config, role(), now); err != nil {
		t.Error(err)
	}
	b.config.Issuer = "https://issuer.example" // said to sign with the same keys
	b.accepted(signer)
}

// A new key is found at once, and made-up ones cost the issuer nothing.
func TestRotation(t *testing.T) {
	next, evil := jwttest.NewKey("k2"), jwttest.NewKey("k3")
	b := newBench(t, jwt.Limits{}, signer)
	b.accepted(signer)
	b.pass(10 * time.Second)
	b.issuer.Rotate(signer, next)
	b.accepted(next)
	b.fetched(2)
	for range 100 {
		b.unknown(evil)
	}
	b.fetched(2)
	b.pass(10 * time.Second)
	for range 100 {
		b.unknown(evil)
	}
	b.fetched(3)
	b.pass(time.Minute)
	for range 100 {
		b.unknown(other) // named as a key that is there, which has not signed it
	}
	b.fetched(3)
	b.issuer.Rotate(next)
	b.pass(10 * time.Minute)
	b.unknown(signer) // taken away
}

// Keys that were fetched go on being used while their server is away, at no cost
// for the logins, until they are stale.
func TestOutage(t *testing.T) {
	b := newBench(t, jwt.Limits{}, signer)
	b.accepted(signer)
	b.issuer.Answer(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	b.pass(10 * time.Minute)
	b.accepted(signer)
	b.fetched(2)
	b.accepted(signer)
	b.fetched(2)
	b.away(jwttest.NewKey("k2"), "status 500") // it may be a good one
	b.pass(23 * time.Hour)
	b.accepted(signer)
	b.landed()
	b.fetched(3)
	b.pass(time.Hour)
	b.away(signer, "status 500")
	b.issuer.Answer(nil)
	b.pass(10 * time.Second)
	b.accepted(signer)
}

// A server that answers nothing holds up those who need it, for no longer than a
// fetch may take and not too many of them, and nobody else.
func TestSlowServer(t *testing.T) {
	b := newBench(t, jwt.Limits{Timeout: 200 * time.Millisecond, Waiting: 8}, signer)
	release := make(chan struct{})
	b.issuer.Answer(func(w http.ResponseWriter, r *http.Request) { <-release })
	defer close(release)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var away *jwt.Unavailable
			if err := b.try(signer); !errors.As(err, &away) || !strings.Contains(err.Error(), "/keys: no answer in time") {
				t.Errorf("%v, want a time-out that names the address", err)
			}
		})
	}
	for b.Waiting() < 8 {
		time.Sleep(time.Millisecond)
	}
	b.away(signer, "too many logins wait")
	if _, err := b.Verify(context.Background(), signer.Sign(good(nil)), &fsm.JWTConfig{Mount: 2, Version: 1, Source: fsm.JWTStatic, Keys: []string{signer.PEM()}}, role(), now); err != nil {
		t.Errorf("another mount: %v", err)
	}
	wg.Wait()
	b.fetched(1)
	b.away(signer, "no answer in time") // at once, and without a fetch
	b.fetched(1)
}

// A client that hangs up neither waits on nor ends the fetch for others.
func TestWaitersHangUp(t *testing.T) {
	b := newBench(t, jwt.Limits{Timeout: time.Minute}, signer)
	release := make(chan struct{})
	b.issuer.Answer(func(w http.ResponseWriter, r *http.Request) {
		<-release
		jwttest.WriteKeys(w, signer)
	})
	ctx, hangUp := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() {
		_, err := b.Verify(ctx, signer.Sign(good(nil)), b.config, role(), now)
		gone <- err
	}()
	for b.Waiting() < 1 {
		time.Sleep(time.Millisecond)
	}
	stayed := make(chan error, 1)
	go func() { stayed <- b.try(signer) }()
	for b.Waiting() < 2 {
		time.Sleep(time.Millisecond)
	}
	hangUp()
	var away *jwt.Unavailable
	if err := <-gone; !errors.As(err, &away) {
		t.Error(err)
	}
	close(release)
	if err := <-stayed; err != nil {
		t.Error(err)
	}
	b.fetched(1)
}

// What servers answer that mean no good.
func TestLyingServers(t *testing.T) {
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { jwttest.WriteKeys(w, signer) }))
	defer evil.Close()
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) }
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		why    string
	}{
		"huge":         {text(`{"keys":[` + strings.Repeat(" ", 300<<10) + `]}`), "more than 262144 bytes"},
		"no JSON":      {text("<html>sign in</html>"), "not a JWK set"},
		"an empty set": {text(`{"keys":[]}`), "no key that can sign"},
		"a secret":     {text(`{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`), "no key that can sign"},
		"many keys":    {text(`{"keys":[` + strings.Repeat(`{},`, 64) + `{}]}`), "has 65 keys"},
		"not found":    {http.NotFound, "status 404"},
		"a loop":       {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/keys", http.StatusFound) }, "more than 3 times"},
		"to http":      {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, evil.URL, http.StatusFound) }, "expected https"},
		"to a file": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, "not an https URL"},
		"a broken body": {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "100") }, "connection failed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, jwt.Limits{}, signer)
			b.issuer.Answer(tt.answer)
			b.away(signer, tt.why)
			if err := b.Check(context.Background(), b.config, true); err == nil || !strings.Contains(err.Error(), tt.why) || !strings.Contains(err.Error(), `"jwks_url"`) {
				t.Errorf("checked: %v", err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	issuer := jwttest.NewIssuer(signer)
	defer issuer.Close()
	plain := httptest.NewServer(issuer)
	defer plain.Close()
	for _, tt := range []struct {
		name string
		e    fsm.JWTEndpoint
		why  string
	}{
		{"as it should be", fsm.JWTEndpoint{URL: issuer.Keys(), CA: issuer.CA()}, ""},
		{"http on this machine", fsm.JWTEndpoint{URL: plain.URL + "/keys"}, ""},
		{"unknown authority", fsm.JWTEndpoint{URL: issuer.Keys()}, "certificate is not trusted"},
		{"no authority", fsm.JWTEndpoint{URL: issuer.Keys(), CA: "pem"}, "not PEM"},
		{"http elsewhere", fsm.JWTEndpoint{URL: "http://issuer.example/keys"}, "expected https"},
		{"a password", fsm.JWTEndpoint{URL: "https://user:secret@issuer.example/keys"}, "user name or password"},
		{"a file", fsm.JWTEndpoint{URL: "file:///etc/passwd"}, "not an https URL"},
		{"no host", fsm.JWTEndpoint{URL: "https:///keys"}, "not an https URL"},
		{"nonsense", fsm.JWTEndpoint{URL: "https://a b"}, "not an https URL"},
		{"nobody there", fsm.JWTEndpoint{URL: "https://127.0.0.1:1/keys?secret=1"}, "https://127.0.0.1:1/keys: the connection failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := &fsm.JWTConfig{Source: fsm.JWTPairs, Endpoints: []fsm.JWTEndpoint{tt.e}}
			err := verifier(t, jwt.Limits{}).Check(context.Background(), config, true)
			if tt.why == "" && err != nil || tt.why != "" && (err == nil || !strings.Contains(err.Error(), tt.why) || strings.Contains(err.Error(), "secret")) {
				t.Errorf("%v, want %q", err, tt.why)
			}
		})
	}
}

// Of several addresses one may be away, or use the ids of another.
func TestPairs(t *testing.T) {
	b := newBench(t, jwt.Limits{}, signer)
	second := jwttest.NewIssuer(other)
	defer second.Close()
	b.config.Source = fsm.JWTPairs
	b.config.Endpoints = append(b.config.Endpoints, fsm.JWTEndpoint{URL: second.Keys(), CA: second.CA()})
	b.accepted(signer)
	b.accepted(other)
	b.issuer.Close()
	b.pass(25 * time.Hour)
	b.accepted(other)
	b.away(signer, "connection failed")
}

func TestPublicKeys(t *testing.T) {
	block := func(kind, body string) string {
		return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n"
	}
	for name, tt := range map[string]struct{ pem, why string }{
		"good":       {signer.PEM(), ""},
		"no PEM":     {"key", "is not PEM"},
		"two":        {signer.PEM() + other.PEM(), "more than one"},
		"a secret":   {block("PRIVATE KEY", "AAAA"), "not a public key"},
		"nonsense":   {block("PUBLIC KEY", "AAAA"), "does not parse"},
		"a weak key": {jwttest.NewRSA("", 1024).PEM(), "1024 bits"},
	} {
		config := &fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{signer.PEM(), tt.pem}}
		err := verifier(t, jwt.Limits{}).Check(context.Background(), config, true)
		if tt.why == "" && err != nil || tt.why != "" && (err == nil || !strings.Contains(err.Error(), tt.why) || !strings.Contains(err.Error(), "item 1")) {
			t.Errorf("%s: %v, want %q", name, err, tt.why)
		}
	}
}
