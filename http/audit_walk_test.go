package http

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/audit"
)

// FuzzAuditWalk compares the walk with the obvious one over decoded values:
// whatever is sent, the entry is JSON, and no string of it is shown that is not
// to be. What is no JSON of ours is one hash.
func FuzzAuditWalk(f *testing.F) {
	for _, in := range []string{
		"", "null", "{}", "[]", `"x"`, `{"a":1}`, `{"a":{"b":[1,2.50,"x",null,true]}}`, `{"a":1,"a":"2"}`, `{"\u0061":"\ud83d\ude00"}`, `{"a":1e999}`,
		`{"a":"\ud800"}`, "{\"a\":\"\xff\"}", `{"a" : [ "b" , { } , [ ] ] }`, `{"a":1} x`, `{"a":`, `{'a':1}`, `{"jts_0123":"jtw_0123"}`, `[1,]`, `{"a":1,}`, `{,}`,
		strings.Repeat("[", 100), strings.Repeat(`{"a":`, 39) + "1" + strings.Repeat("}", 39), `{"keys":["a","b",{"c":[1]}],"k":"x"}`, `{"keys":5}`,
	} {
		f.Add([]byte(in))
	}
	h := audit.NewHasher([]byte("salt"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := appendHashed([]byte("x"), in, h, false)
		if out[0] != 'x' || !json.Valid(out[1:]) {
			t.Fatalf("%q becomes %q, which is no JSON", in, out)
		}
		whole := string(appendHash(nil, in, h))
		var want, got any
		if string(out[1:]) != whole {
			decode(t, in, &want)
			decode(t, out[1:], &got)
			if hashed := hashStrings(h, want); !reflect.DeepEqual(got, hashed) {
				t.Fatalf("%q becomes %v, want %v", in, got, hashed)
			}
		}
		if shown := appendHashed(nil, in, h, true); !json.Valid(shown) || bytes.Contains(shown, []byte("jts_")) {
			t.Fatalf("%q is shown as %q", in, shown)
		}
		data := appendData(nil, in, h, func(name []byte) shownAs {
			if string(name) == "keys" {
				return asCount
			}
			return asHashes
		})
		if !json.Valid(data) {
			t.Fatalf("the data %q becomes %q", in, data)
		}
	})
}

func decode(t *testing.T, text []byte, to any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(to); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
}

func hashStrings(h *audit.Hasher, v any) any {
	switch v := v.(type) {
	case string:
		return h.Hash(v)
	case []any:
		for i := range v {
			v[i] = hashStrings(h, v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			if !plainName([]byte(name)) {
				name = h.Hash(name)
			}
			out[name] = hashStrings(h, value)
		}
		return out
	}
	return v
}

func TestAuditWalk(t *testing.T) {
	h := audit.NewHasher([]byte("salt"))
	hash := func(text string) string { return string(appendHash(nil, []byte(text), h)) }
	fields := func(name []byte) shownAs {
		return map[string]shownAs{"keys": asCount, "info": asCount, "open": asItIs}[string(name)]
	}
	long := `{"a":[` + strings.Repeat(`"x",`, 20_000) + `"x"]}`
	for _, tt := range []struct{ name, in, out string }{
		{"strings", `{"a":"x"}`, `{"a":` + hash("x") + `}`},
		{"escapes mean what they stand for", `{"a":"\u0078"}`, `{"a":` + hash("x") + `}`},
		{"names stay", `{"password":"x"}`, `{"password":` + hash("x") + `}`},
		{"but for what looks like none", `{"Chosen-4711":1,"9f1c0b1e-0000-4000-8000-0123456789ab":2}`, `{` + hash("Chosen-4711") + `:1,` + hash("9f1c0b1e-0000-4000-8000-0123456789ab") + `:2}`},
		{"paths are names", `{"auth/a-rather-long-mount-path-of-somebody/":1}`, `{"auth/a-rather-long-mount-path-of-somebody/":1}`},
		{"and for tokens", `{"jts_secret":1}`, `{` + hash("jts_secret") + `:1}`},
		{"numbers and words stay", `{"a":[1.50,true,false,null]}`, `{"a":[1.50,true,false,null]}`},
		{"shown", `{"open":{"a":"x"},"shut":"x"}`, `{"open":{"a":"x"},"shut":` + hash("x") + `}`},
		{"shown, but for tokens", `{"open":["jtb_x"]}`, `{"open":[` + hash("jtb_x") + `]}`},
		{"counted", `{"keys":["a","b"],"info":{"a":{"b":1}},"x":1}`, `{"keys":2,"info":1,"x":1}`},
		{"counted, none", `{"keys":[],"info":{}}`, `{"keys":0,"info":0}`},
		{"too long", long, `{"elided":` + hash(long) + `}`},
		{"many fields", manyNames(5000), manyNames(5000)},
		{"no JSON", `{"a":x}`, `{"elided":` + hash(`{"a":x}`) + `}`},
		{"no object", `["a"]`, `[` + hash("a") + `]`},
	} {
		if got := string(appendData(nil, []byte(tt.in), h, fields)); got != tt.out {
			t.Errorf("%s: %.300s, want %.300s", tt.name, got, tt.out)
		}
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"f%d":1`, i)
	}
	return "{" + b.String()[1:] + "}"
}
