package waypoint_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/waypoint"
)

var (
	testKey = []byte("0123456789abcdef0123456789abcdef")
	start   = time.Date(2024, 5, 1, 12, 0, 0, 123456789, time.UTC)
)

// oneKey is a keyring of testKey, named k1.
func oneKey(id string) ([]byte, error) {
	if id == waypoint.DefaultKeyID {
		return testKey, nil
	}
	return nil, nil
}

func mint(t testing.TB, grant waypoint.Grant, life time.Duration) string {
	t.Helper()
	text, err := waypoint.Mint(waypoint.New(grant, [waypoint.AccessorBytes]byte{1, 2, 3}, start, life), waypoint.DefaultKeyID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestMintKinds(t *testing.T) {
	ann := &waypoint.Login{UserID: "ann"}
	tests := []struct {
		grant waypoint.Grant
		kind  waypoint.Kind
	}{
		{ann, waypoint.KindLogin},
		{&waypoint.Login{UserID: waypoint.DefaultUserID}, waypoint.KindLogin},
		{&waypoint.Login{UserID: "ann", Entrypoint: &waypoint.Entrypoint{DeploymentID: "d"}}, waypoint.KindEntrypoint},
		{&waypoint.Login{UserID: "ann", Entrypoint: &waypoint.Entrypoint{}}, waypoint.KindEntrypoint},
		{&waypoint.Invite{FromUserID: "ann", Login: ann}, waypoint.KindInvite},
		{&waypoint.Invite{FromUserID: "ann", Login: ann, Signup: &waypoint.Signup{Username: "bob"}}, waypoint.KindInvite},
		{&waypoint.Trigger{FromUserID: "ann"}, waypoint.KindTrigger},
		{&waypoint.Runner{}, waypoint.KindRunner},
		{&waypoint.Runner{ID: "r", LabelHash: 1<<64 - 1}, waypoint.KindRunner},
	}
	for _, tt := range tests {
		want := waypoint.New(tt.grant, [waypoint.AccessorBytes]byte{1, 2, 3}, start, time.Hour)
		token, tr, err := waypoint.Verify(mint(t, tt.grant, time.Hour), oneKey, start)
		if err != nil || !same(token, want) || tr.KeyID != waypoint.DefaultKeyID {
			t.Errorf("%+v: %+v, %v", tt.grant, token, err)
			continue
		}
		if token.Grant.Kind() != tt.kind {
			t.Errorf("%+v is a %s token, want %s", tt.grant, token.Grant.Kind(), tt.kind)
		}
	}
}

func TestMintRefuses(t *testing.T) {
	tests := []struct {
		name  string
		grant waypoint.Grant
		keyID string
		want  waypoint.Reason
	}{
		{"no kind", nil, "k1", waypoint.NoKind},
		{"user id not UTF-8", &waypoint.Login{UserID: "\xff"}, "k1", waypoint.BadBody},
		{"key id not UTF-8", &waypoint.Runner{}, "\xff", waypoint.BadTransport},
		{"too long", &waypoint.Runner{ID: strings.Repeat("r", waypoint.MaxTextBytes)}, "k1", waypoint.BadTransport},
	}
	for _, tt := range tests {
		_, err := waypoint.Mint(waypoint.New(tt.grant, [waypoint.AccessorBytes]byte{}, start, 0), tt.keyID, testKey)
		if got := reasonOf(t, err); got != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestLife(t *testing.T) {
	until := func(seconds int64, nanos int32) *waypoint.Token {
		return &waypoint.Token{ValidUntil: &waypoint.Timestamp{Seconds: seconds, Nanos: nanos}, Grant: &waypoint.Runner{}}
	}
	made := func(life time.Duration) *waypoint.Token {
		return waypoint.New(&waypoint.Runner{}, [waypoint.AccessorBytes]byte{}, start, life)
	}
	tests := []struct {
		name  string
		token *waypoint.Token
		at    time.Time
		want  waypoint.Reason
	}{
		{"its last nanosecond", made(time.Second), start.Add(time.Second), 0},
		{"the next one", made(time.Second), start.Add(time.Second + 1), waypoint.Expired},
		{"no life given", made(0), start.AddDate(200, 0, 0), 0},
		{"a negative life", made(-time.Second), start.AddDate(200, 0, 0), 0},
		{"the farthest instant", until(1<<62, 0), start, 0},
		{"seconds beyond it", until(1<<62+1, 0), start, waypoint.Expired},
		{"most seconds", until(math.MaxInt64, math.MaxInt32), start, waypoint.Expired},
		{"least seconds", until(math.MinInt64, math.MinInt32), start, waypoint.Expired},
	}
	for _, tt := range tests {
		text, err := waypoint.Mint(tt.token, "K1", testKey)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = waypoint.Verify(text, oneKey, tt.at)
		if got := reasonOf(t, err); got != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestKeyLength(t *testing.T) {
	token := waypoint.New(&waypoint.Runner{}, [waypoint.AccessorBytes]byte{}, start, 0)
	for _, tt := range []struct {
		bytes int
		ok    bool
	}{{0, false}, {1, true}, {waypoint.KeyBytes, true}, {waypoint.MaxKeyBytes, true}, {waypoint.MaxKeyBytes + 1, false}} {
		key := bytes.Repeat([]byte{7}, tt.bytes)
		text, err := waypoint.Mint(token, "k1", key)
		if !tt.ok {
			wantKeyLength(t, err, tt.bytes)
			text = mint(t, &waypoint.Runner{}, 0)
		} else if err != nil {
			t.Errorf("%d bytes: %v", tt.bytes, err)
		}
		_, _, err = waypoint.Open(text, func(string) ([]byte, error) { return key, nil })
		if tt.ok && err != nil {
			t.Errorf("%d bytes: %v", tt.bytes, err)
		} else if !tt.ok {
			wantKeyLength(t, err, tt.bytes)
		}
	}
}

func wantKeyLength(t *testing.T, err error, n int) {
	t.Helper()
	var wrong *waypoint.KeyLengthError
	if !errors.As(err, &wrong) || wrong.Bytes != n {
		t.Errorf("%d bytes: %v", n, err)
	}
}

// A keyring that can not answer is no verdict on the token.
func TestKeysFail(t *testing.T) {
	away := errors.New("away")
	_, _, err := waypoint.Open(mint(t, &waypoint.Runner{}, 0), func(string) ([]byte, error) { return nil, away })
	if !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

// Each byte of a token is changed in every way. What is not refused says the same:
// of these only the letter case of the key's id is.
func TestTamper(t *testing.T) {
	text := mint(t, &waypoint.Login{UserID: "ann", Entrypoint: &waypoint.Entrypoint{DeploymentID: "d"}}, time.Hour)
	data, ok := waypoint.Decode58(text)
	if !ok {
		t.Fatal(text)
	}
	taken := 0
	for i := range data {
		for x := 1; x < 256; x++ {
			data[i] ^= byte(x)
			_, tr, err := waypoint.Verify(waypoint.Encode58(data), oneKey, start)
			if err == nil {
				taken++
				if tr.KeyID != "K1" {
					t.Errorf("byte %d changed by %#x: accepted with key %q", i, x, tr.KeyID)
				}
			} else {
				reasonOf(t, err)
			}
			data[i] ^= byte(x)
		}
	}
	if taken != 1 {
		t.Errorf("%d changed tokens were accepted", taken)
	}
}

// The key decides, not its id: a body signed with another one is refused.
func TestForeignKey(t *testing.T) {
	v := loadVectors(t)
	token := waypoint.New(&waypoint.Login{UserID: waypoint.DefaultUserID}, [waypoint.AccessorBytes]byte{}, start, 0)
	text, err := waypoint.Mint(token, "k1", unhex(t, v.ForeignKey))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := waypoint.Verify(text, v.keys(t), start); reasonOf(t, err) != waypoint.BadMAC {
		t.Errorf("got %v", err)
	}
}

// No error has a part of the text, the key or what the token says in it.
func TestErrorsTellNothing(t *testing.T) {
	v := loadVectors(t)
	const said = "Sesam"
	secret := &waypoint.Transport{Body: []byte("\x0a\x05" + said), Signature: []byte(said), KeyID: said}
	texts := []string{secret.Text(), said + " 0", strings.Repeat(said, 1000)}
	for _, tt := range v.Tokens {
		texts = append(texts, tt.Text)
	}
	refused := 0
	for _, text := range texts {
		_, _, err := waypoint.Verify(text, v.keys(t), start.AddDate(1, 0, 0))
		if err == nil {
			continue
		}
		refused++
		for _, part := range []string{said, text, v.Keys[0].Hex, "01HWT", waypoint.DefaultUserID} {
			if len(part) > 1 && strings.Contains(err.Error(), part) {
				t.Errorf("%q in %q", part, err)
			}
		}
	}
	if refused < 40 {
		t.Errorf("%d texts were refused", refused)
	}
}
