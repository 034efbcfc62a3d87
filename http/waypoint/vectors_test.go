package waypoint_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/waypoint"
)

// vectors are tokens and label hashes that Waypoint 0.11.4 was recorded with.
type vectors struct {
	Keys []struct {
		ID, Hex string
	}
	ForeignKey  string `json:"foreign_key_hex"`
	Tokens      []vector
	LabelHashes []struct {
		Hash   uint64 `json:",string"`
		Labels map[string]string
	} `json:"label_hashes"`
}

type vector struct {
	Name, Text    string
	TransportHex  *string `json:"transport_hex"`
	BodyHex       *string `json:"body_hex"`
	SignatureHex  string  `json:"signature_hex"`
	KeyID         string  `json:"key_id"`
	Metadata      map[string]string
	OAuth         *oauthFields `json:"oauth_creds"`
	Unverified    *fields      `json:"unverified_fields"`
	BodyCanonical bool         `json:"body_canonical"`
	TextCanonical bool         `json:"text_canonical"`
	Checks        []struct {
		At      time.Time
		Verdict string
		Decoded *fields
	}
}

type oauthFields struct {
	URL          string
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// fields are what a token says, as the vectors have it.
type fields struct {
	Accessor   string      `json:"accessor_id"`
	Issued     *timeFields `json:"issued_time"`
	ValidUntil *timeFields `json:"valid_until"`
	Kind       string
	Login      *loginFields
	Invite     *struct {
		From   string `json:"from_user_id"`
		Login  *loginFields
		Signup *struct {
			Username string `json:"initial_username"`
		}
	}
	Trigger *struct {
		From string `json:"from_user_id"`
	}
	Runner *struct {
		ID        string
		LabelHash uint64 `json:"label_hash,string"`
	}
	Legacy struct {
		User          string
		Login, Invite bool
		Entrypoint    *entrypointFields
	}
}

type timeFields struct {
	Seconds int64
	Nanos   int32
}

type loginFields struct {
	User       string `json:"user_id"`
	Entrypoint *entrypointFields
}

type entrypointFields struct {
	Deployment string `json:"deployment_id"`
}

func loadVectors(t testing.TB) *vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	v := new(vectors)
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
	if len(v.Tokens) != 105 || len(v.LabelHashes) != 19 || len(v.Keys) != 5 {
		t.Fatalf("%d tokens, %d label hashes, %d keys", len(v.Tokens), len(v.LabelHashes), len(v.Keys))
	}
	return v
}

// keys is a keyring of the vectors' keys.
func (v *vectors) keys(t testing.TB) waypoint.Keys {
	ring := make(map[string][]byte)
	for _, k := range v.Keys {
		ring[k.ID] = unhex(t, k.Hex)
	}
	return func(id string) ([]byte, error) { return ring[id], nil }
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// token is what the fields make without reading any token.
func (f *fields) token(t testing.TB) *waypoint.Token {
	t.Helper()
	token := &waypoint.Token{
		Issued: f.Issued.timestamp(), ValidUntil: f.ValidUntil.timestamp(), Grant: f.grant(t),
		Legacy: waypoint.Legacy{
			User: f.Legacy.User, Login: f.Legacy.Login, Invite: f.Legacy.Invite,
			Entrypoint: f.Legacy.Entrypoint.entrypoint(),
		},
	}
	if f.Accessor != "" {
		token.Accessor = unhex(t, f.Accessor)
	}
	return token
}

func (f *fields) grant(t testing.TB) waypoint.Grant {
	t.Helper()
	switch f.Kind {
	case "":
		return nil
	case "login":
		return f.Login.login()
	case "invite":
		i := &waypoint.Invite{FromUserID: f.Invite.From, Login: f.Invite.Login.login()}
		if s := f.Invite.Signup; s != nil {
			i.Signup = &waypoint.Signup{Username: s.Username}
		}
		return i
	case "trigger":
		return &waypoint.Trigger{FromUserID: f.Trigger.From}
	case "runner":
		return &waypoint.Runner{ID: f.Runner.ID, LabelHash: f.Runner.LabelHash}
	}
	t.Fatalf("unknown kind %q", f.Kind)
	return nil
}

func (f *timeFields) timestamp() *waypoint.Timestamp {
	if f == nil {
		return nil
	}
	return &waypoint.Timestamp{Seconds: f.Seconds, Nanos: f.Nanos}
}

func (f *loginFields) login() *waypoint.Login {
	if f == nil {
		return nil
	}
	return &waypoint.Login{UserID: f.User, Entrypoint: f.Entrypoint.entrypoint()}
}

func (f *entrypointFields) entrypoint() *waypoint.Entrypoint {
	if f == nil {
		return nil
	}
	return &waypoint.Entrypoint{DeploymentID: f.Deployment}
}

// same compares what two tokens say; fields that nobody knows are not compared.
func same(a, b *waypoint.Token) bool {
	return reflect.DeepEqual(waypoint.Known(a), waypoint.Known(b))
}
