package http_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

func TestCubbyholeRefusals(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}})
	bare, _ := s.token(object{"policies": []string{"nothing"}, "no_default_policy": true})
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	s.run(t, []row{
		{"no fields", "POST", "cubbyhole/a", token, object{}, 400, "missing data fields"},
		{"no body", "POST", "cubbyhole/a", token, nil, 400, "missing data fields"},
		{"null body", "POST", "cubbyhole/a", token, "null", 400, "missing data fields"},
		{"list body", "POST", "cubbyhole/a", token, "[1]", 400, "expected an object"},
		{"too deep", "POST", "cubbyhole/a", token, deep, 400, "nested"},
		{"value too big", "POST", "cubbyhole/a", token, object{"v": strings.Repeat("x", fsm.MaxCubbyholeValueBytes)}, 413, "65536"},
		{"folder as a name", "POST", "cubbyhole/dir/", token, object{"v": 1}, 400, "slash"},
		{"the mount itself", "POST", "cubbyhole/", token, object{"v": 1}, 405, "unsupported operation"},
		{"the mount without slash", "POST", "cubbyhole", token, object{"v": 1}, 403, "permission denied"},
		{"nothing there", "GET", "cubbyhole/none", token, nil, 404, ""},
		{"nothing below", "LIST", "cubbyhole/none", token, nil, 404, ""},
		{"no right to write", "POST", "cubbyhole/a", bare, object{"v": 1}, 403, "permission denied"},
		{"no right, whatever the body", "POST", "cubbyhole/a", bare, "{", 403, "permission denied"},
		{"no right to read", "GET", "cubbyhole/a", bare, nil, 403, "permission denied"},
		{"nobody", "GET", "cubbyhole/a", "", nil, 403, "permission denied"},
		{"dots", "GET", "cubbyhole/a/../b", token, nil, 400, ".."},
		{"encoded slash", "GET", "cubbyhole/a%2fb", token, nil, 400, "slash"},
	})
	if r := s.send("LIST", "cubbyhole", token, nil); r.status != 404 {
		t.Errorf("refused writes left something: %s", r.text)
	}
}

func TestCubbyholeKeepsValues(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}})
	for name, value := range map[string]string{
		"numbers keep their digits": `{"big":123456789012345678901234567890,"small":1e-400,"zero":0.0}`,
		"nesting":                   `{"a":{"b":[1,"x",null,true,{"c":[]}]}}`,
		"text":                      `{"t":"<&>\u2028 \u00e4 \ud83d\ude00 \" \\"}`,
		"odd names":                 `{"":1,"a b":2,"keys":3,"data":{"data":4}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s.must(204, "POST", "cubbyhole/v", token, value)
			r := s.must(200, "GET", "cubbyhole/v", token, nil)
			var envelope struct{ Data json.RawMessage }
			if err := json.Unmarshal([]byte(r.text), &envelope); err != nil {
				t.Fatal(err)
			}
			if got, want := canonical(t, envelope.Data), canonical(t, []byte(value)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// canonical brings JSON into one form, digits of numbers untouched.
func canonical(t *testing.T, text []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// What the machine holds, and so the log and snapshots, gives nothing away.
func TestCubbyholeIsSealed(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}})
	const secret = "correct horse battery staple"
	s.must(204, "POST", "cubbyhole/a", token, object{"password": secret})
	var disk bytes.Buffer
	if _, err := s.cluster.Local().WriteTo(&disk); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{secret, "password", token} {
		if bytes.Contains(disk.Bytes(), []byte(text)) {
			t.Errorf("the state holds %q", text)
		}
	}
	value := sealedValue(t, s, token, "a")
	s.must(204, "POST", "cubbyhole/a", token, object{"password": secret})
	if again := sealedValue(t, s, token, "a"); bytes.Equal(value, again) {
		t.Error("the same value sealed twice is the same: the nonce is not random")
	}
}

func sealedValue(t *testing.T, s *stand, token, path string) []byte {
	t.Helper()
	d, err := s.cluster.Digest(token)
	if err != nil {
		t.Fatal(err)
	}
	v, ok := s.cluster.Local().CubbyholeValue(d, path)
	if !ok {
		t.Fatalf("no value at %s", path)
	}
	return v
}

// A value moved to another token or another path does not open: whoever could
// write the state could not pass one token's secrets to another.
func TestCubbyholeIsBoundToTokenAndPath(t *testing.T) {
	s := newStand(t)
	mine, _ := s.token(object{"policies": []string{"default"}})
	other, _ := s.token(object{"policies": []string{"default"}})
	s.must(204, "POST", "cubbyhole/a", mine, object{"v": 1})
	value := sealedValue(t, s, mine, "a")
	s.cluster.Must(other, &fsm.CubbyholeSet{Path: "a", Value: value})
	s.cluster.Must(mine, &fsm.CubbyholeSet{Path: "b", Value: value})
	bad := bytes.Clone(value)
	bad[len(bad)-1] ^= 1
	s.cluster.Must(mine, &fsm.CubbyholeSet{Path: "c", Value: bad})
	s.cluster.Must(mine, &fsm.CubbyholeSet{Path: "d", Value: value[:5]})
	s.cluster.Must(mine, &fsm.CubbyholeSet{Path: "e", Value: value})
	s.run(t, []row{
		{"another token", "GET", "cubbyhole/a", other, nil, 500, "internal error"},
		{"another path", "GET", "cubbyhole/b", mine, nil, 500, "internal error"},
		{"a changed bit", "GET", "cubbyhole/c", mine, nil, 500, "internal error"},
		{"cut short", "GET", "cubbyhole/d", mine, nil, 500, "internal error"},
		{"the value itself", "GET", "cubbyhole/a", mine, nil, 200, ""},
	})
}

func TestCubbyholeEndsWithItsToken(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"id": "chosen-id", "policies": []string{"default"}, "ttl": "1h"})
	s.must(204, "POST", "cubbyhole/a", token, object{"v": 1})
	s.cluster.Advance(2 * time.Hour)
	s.must(403, "GET", "cubbyhole/a", token, nil)
	d, err := s.cluster.Digest(token)
	if err != nil {
		t.Fatal(err)
	}
	if keys := s.cluster.Local().CubbyholeKeys(d, ""); len(keys) != 0 {
		t.Errorf("an expired token's cubbyhole still holds %v", keys)
	}
}

func TestCubbyholeHoldsSoMany(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}})
	for i := range fsm.MaxCubbyholeEntries {
		s.cluster.Must(token, &fsm.CubbyholeSet{Path: strings.Repeat("p", i+1), Value: []byte{1}})
	}
	s.run(t, []row{
		{"one too many", "POST", "cubbyhole/q", token, object{"v": 1}, 400, "128"},
		{"overwriting", "POST", "cubbyhole/p", token, object{"v": 1}, 204, ""},
	})
}

// Each request of a counted token costs one use, a refused one too; the last may
// still read.
func TestCubbyholeOfCountedToken(t *testing.T) {
	s := newStand(t)
	s.policy("colours", `path "cubbyhole/*" {
		capabilities = ["create", "update", "read"]
		allowed_parameters = { "color" = ["red"] }
	}`)
	token, accessor := s.token(object{"policies": []string{"colours"}, "no_default_policy": true, "num_uses": 6})
	left := func(want float64) {
		t.Helper()
		r := s.must(200, "POST", "auth/token/lookup-accessor", root, object{"accessor": accessor})
		if got := r.data()["num_uses"]; got != want {
			t.Fatalf("%v uses are left, want %v", got, want)
		}
	}
	s.must(204, "POST", "cubbyhole/a", token, object{"color": "red"})
	left(5)
	s.must(403, "POST", "cubbyhole/a", token, object{"color": "green"})
	left(4)
	s.must(400, "POST", "cubbyhole/a", token, "{")
	left(3)
	s.must(403, "DELETE", "cubbyhole/a", token, nil)
	left(2)
	s.must(404, "GET", "cubbyhole/b", token, nil)
	left(1)
	if r := s.must(200, "GET", "cubbyhole/a", token, nil); r.data()["color"] != "red" {
		t.Errorf("the last use read %s", r.text)
	}
	s.must(403, "GET", "cubbyhole/a", token, nil)
}

func TestCubbyholeUnavailable(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}})
	s.must(204, "POST", "cubbyhole/a", token, object{"v": 1})
	s.cluster.Fail(cluster.ErrNoLeader)
	for _, method := range []string{"GET", "LIST", "POST", "DELETE"} {
		r := s.must(503, method, "cubbyhole/a", token, object{"v": 1})
		if r.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", method)
		}
	}
}
