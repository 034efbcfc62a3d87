package waypoint_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/waypoint"
)

// groupy says that data may hold nested groups, of which we take fewer than
// protobuf does.
func groupy(data []byte) bool {
	n := 0
	for _, b := range data {
		if b&7 == 3 {
			n++
		}
	}
	return n > 16
}

// FuzzBody reads whatever bytes as a body. We take what protobuf's own library takes
// and write what it writes; and what is written is read as the same, and stays.
func FuzzBody(f *testing.F) {
	for _, tt := range loadVectors(f).Tokens {
		if tt.BodyHex != nil {
			f.Add(unhex(f, *tt.BodyHex))
		}
	}
	f.Add([]byte("\x42\x05\x0a\x01u\x78\x01\x5a\x00\x42\x02\x12\x00\x7b\x78\x01\x7c"))
	f.Add([]byte("\x4a\x09\x12\x03\x0a\x01u\x1a\x02\x0a\x00\x4a\x02\x12\x00\x20\x80\x02\x28\x00\x1a\x02\x10\x7f\x1a\x02\x08\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		want, ok := rewrite(t, oracleToken, data)
		token, err := waypoint.DecodeBody(data)
		if err != nil {
			if reasonOf(t, err) != waypoint.BadBody || ok && !groupy(data) {
				t.Fatalf("%v", err)
			}
			return
		}
		body := token.Body()
		if !ok || !bytes.Equal(body, want) {
			t.Fatalf("written as %x, want %x (%v)", body, want, ok)
		}
		again, err := waypoint.DecodeBody(body)
		if err != nil || !reflect.DeepEqual(waypoint.Known(again), waypoint.Known(token)) || !bytes.Equal(again.Body(), body) {
			t.Fatalf("%x is read again as %+v, %v", body, again, err)
		}
	})
}

// FuzzText reads whatever text. Refusals are refusals; what is a transport is what
// protobuf's own library makes of it; and nothing verifies that was not signed.
func FuzzText(f *testing.F) {
	v := loadVectors(f)
	bodies := make(map[string]bool) // signed with the vectors' keys
	for _, tt := range v.Tokens {
		f.Add(tt.Text, []byte(nil))
		if tt.TransportHex != nil {
			f.Add("", unhex(f, *tt.TransportHex))
		}
		if tt.BodyHex != nil && (tt.Checks[0].Verdict != "bad_signature" && tt.Checks[0].Verdict != "unknown_key") {
			bodies[string(unhex(f, *tt.BodyHex))] = true
		}
	}
	f.Add("", []byte("\x62\x07\x0a\x01u\x78\x01\x78\x02"))
	f.Add("", []byte("\x22\x00\x22\x03\x0a\x01k\x22\x05\x12\x01v\x18\x01\x62\x02\x0a\x00\x60\x01"))
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		data = data[:min(len(data), waypoint.MaxTextBytes)] // writing has no bound of its own
		for _, text := range []string{text, waypoint.Encode58(append([]byte(waypoint.Magic), data...))} {
			tr, err := waypoint.Parse(text)
			if err == nil {
				checkTransport(t, text, tr)
			} else if no := reasonOf(t, err); !no.Foreign() && no != waypoint.BadTransport {
				t.Fatalf("%v", err)
			}
			token, tr, err := waypoint.Verify(text, v.keys(t), start)
			if err != nil {
				reasonOf(t, err)
			} else if token.Grant == nil || !bodies[string(tr.Body)] {
				t.Fatalf("accepted %q", text)
			}
		}
	})
}

func checkTransport(t *testing.T, text string, tr *waypoint.Transport) {
	t.Helper()
	data, _ := waypoint.Decode58(text)
	data = data[len(waypoint.Magic):]
	want, ok := rewrite(t, oracleTransport, data)
	again := tr.Text()
	if !ok || again != waypoint.Encode58(append([]byte(waypoint.Magic), want...)) {
		t.Fatalf("%q is written again as %q, want transport %x", text, again, want)
	}
	back, err := waypoint.Parse(again)
	if len(again) > waypoint.MaxTextBytes {
		return // maps may be written longer than they were
	}
	if err != nil || back.Text() != again {
		t.Fatalf("%q is read again as %+v, %v", again, back, err)
	}
}

// FuzzTamper mints whatever tokens and changes a byte. What is signed stays as it
// was or is refused.
func FuzzTamper(f *testing.F) {
	f.Add("ann", "d", "bob", uint64(1), int64(1), uint16(3), byte(1))
	f.Add("", "", "", uint64(1<<63), int64(-1), uint16(60), byte(0x80))
	f.Add("ü", "r", "", uint64(0), int64(1<<40), uint16(200), byte(0xff))
	f.Fuzz(func(t *testing.T, user, id, name string, hash uint64, life int64, at uint16, change byte) {
		login := &waypoint.Login{UserID: user, Entrypoint: &waypoint.Entrypoint{DeploymentID: id}}
		for _, grant := range []waypoint.Grant{
			&waypoint.Login{UserID: user}, login, &waypoint.Trigger{FromUserID: user}, &waypoint.Runner{ID: id, LabelHash: hash},
			&waypoint.Invite{FromUserID: user, Login: login, Signup: &waypoint.Signup{Username: name}},
		} {
			made := waypoint.New(grant, [waypoint.AccessorBytes]byte{byte(hash)}, start, time.Duration(life))
			text, err := waypoint.Mint(made, waypoint.DefaultKeyID, testKey)
			if err != nil {
				reasonOf(t, err)
				return
			}
			token, tr, err := waypoint.Verify(text, oneKey, start)
			if err != nil || !same(token, made) {
				t.Fatalf("%+v is read as %+v, %v", made, token, err)
			}
			data, _ := waypoint.Decode58(text)
			data[int(at)%len(data)] ^= change
			_, changed, err := waypoint.Verify(waypoint.Encode58(data), oneKey, start)
			if err != nil {
				reasonOf(t, err)
			} else if !bytes.Equal(changed.Body, tr.Body) || !bytes.Equal(changed.Signature, tr.Signature) {
				t.Fatalf("byte %d changed by %#x is accepted", at, change)
			}
		}
	})
}
