package http

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScanRefuses(t *testing.T) {
	for _, row := range []struct{ body, says string }{
		{`{`, "body ends early, expected a field name"},
		{`{"a"`, "body ends early"},
		{`{"a":`, "body ends early, expected a value"},
		{`{"a":1`, "body ends early"},
		{`{"a":1,}`, "expected a field name in quotes"},
		{`{"a":1 "b":2}`, "after the value"},
		{`{a:1}`, "expected a field name in quotes"},
		{`{'a':1}`, "expected a field name in quotes"},
		{`{"a":1}}`, "expected nothing after the object"},
		{`{} trailing`, "expected nothing after the object"},
		{`{}{}`, "expected nothing after the object"},
		{`[1,2]`, "body is a list, expected an object"},
		{`"text"`, "body is a string, expected an object"},
		{`12`, "body is a number, expected an object"},
		{`true`, "body is a boolean, expected an object"},
		{`not json`, "expected a value"},
		{`nul`, "expected a value"},
		{`{"a":tru}`, "expected a value"},
		{`{"a":01}`, "after the value"},
		{`{"a":+1}`, "expected a value"},
		{`{"a":.5}`, "expected a value"},
		{`{"a":1.}`, "expected a digit"},
		{`{"a":1e}`, "expected a digit"},
		{`{"a":-}`, "expected a digit"},
		{`{"a":NaN}`, "expected a value"},
		{`{"a":Infinity}`, "expected a value"},
		{`{"a":"` + "\n" + `"}`, "control character 0x0a"},
		{`{"a":"` + "\x00" + `"}`, "control character 0x00"},
		{`{"a":"\x"}`, "unknown escape sequence"},
		{`{"a":"\u12"}`, "four hexadecimal digits"},
		{`{"a":"\ud800"}`, "unpaired surrogate"},
		{`{"a":"\udc00"}`, "unpaired surrogate"},
		{`{"a":"\ud800\ud800"}`, "unpaired surrogate"},
		{`{"a":"unfinished`, "the end of a string"},
		{`{"a":"unfinished\`, "the end of a string"},
		{"{\"a\":\"\xff\"}", "not valid UTF-8"},
		{"{\"\xff\":1}", "not valid UTF-8"},
		{"\xef\xbb\xbf{}", "expected a value"},
		{`{"a":/**/1}`, "expected a value"},
		{`{"a":[1,]}`, "expected a value"},
		{`{"a":[1 2]}`, "after the item"},
		{`{"a":[}`, "expected a value"},
		{`{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "nested deeper than 32"},
		{strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "nested deeper than 32"},
		{`{"a":1` + strings.Repeat(`,"a":1`, maxJSONFields) + `}`, "more than 1024 fields"},
		{`{"a":{"a":1` + strings.Repeat(`,"a":1`, maxJSONFields) + `}}`, "more than 1024 fields"},
	} {
		_, err := scanObject([]byte(row.body), nil)
		if err == nil {
			t.Errorf("%.60q: accepted, want an error with %q", row.body, row.says)
		} else if !strings.Contains(err.Error(), row.says) {
			t.Errorf("%.60q: error is %q, want %q in it", row.body, err, row.says)
		}
	}
}

func TestScanKeepsContentOutOfErrors(t *testing.T) {
	const secret = "jts_secretsecretsecret"
	for _, body := range []string{
		`{"token":"` + secret + `"`, `{"token":"` + secret, `{"` + secret + `"}`, `{"token":"` + secret + `\q"}`, secret, `["` + secret + `"]`,
	} {
		_, err := scanObject([]byte(body), nil)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error is %v, want one without the content", body, err)
		}
	}
}

func TestScanNothing(t *testing.T) {
	for _, body := range []string{"", "  \n", "null", " null\t", "{}", " { } "} {
		fields, err := scanObject([]byte(body), nil)
		if err != nil || len(fields) != 0 {
			t.Errorf("%q: %d fields, error %v; want none", body, len(fields), err)
		}
	}
}

func TestScanLastOfEqualFields(t *testing.T) {
	fields, err := scanObject([]byte(`{"ttl":"5m","\u0074tl":"6m","x":1}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) != 2 || string(fields[0].text) != `"6m"` || !fields[0].repeated || fields[1].repeated {
		t.Errorf("fields are %+v, want ttl 6m, repeated, and x", fields)
	}
}

// FuzzScan compares the scanner with encoding/json: whatever it accepts,
// encoding/json accepts and reads the same; what it refuses besides is one of
// the things it promises to refuse.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `{"a":1}`, `{"policies":["default"],"ttl":"1h","meta":{"a":"b"},"n":-1.5e+3,"x":null,"y":[true,false]}`,
		`{"a":"\ud83d\ude00\u0041\n\"\\\/"}`, `{"a":1,"a":2}`, `[1]`, `{"a":"\ud800"}`, `{"":{"":[[{}]]}}`, `{"a":1e400}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		body := bytes.Clone(in)
		fields, err := scanObject(in, nil)
		if !bytes.Equal(in, body) {
			t.Fatal("scan changed the body")
		}
		d := json.NewDecoder(bytes.NewReader(in))
		d.UseNumber()
		var want map[string]any
		wantErr := d.Decode(&want)
		if wantErr == nil && d.InputOffset() < int64(len(bytes.TrimRight(in, " \t\r\n"))) {
			wantErr = errNoNumber // something after the object
		}
		if err != nil {
			if wantErr == nil && !mayRefuse(in, err) {
				t.Fatalf("refused what encoding/json accepts: %v", err)
			}
			return
		}
		if wantErr != nil && len(bytes.TrimSpace(in)) > 0 {
			t.Fatalf("accepted what encoding/json refuses: %v", wantErr)
		}
		b := body0(fields)
		got, err := b.parameters()
		if err != nil {
			t.Fatalf("accepted body does not decode: %v", err)
		}
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("read %v, encoding/json reads %v", got, want)
		}
		for _, v := range fields {
			if v.kind == jsonString && string(unquote(v.text)) != got[string(v.name)] {
				t.Fatalf("string is %q, encoding/json reads %q", unquote(v.text), got[string(v.name)])
			}
		}
	})
}

func body0(fields []jsonField) *body { return &body{fields: fields} }

func mayRefuse(in []byte, err error) bool {
	text := err.Error()
	for _, reason := range []string{"nested deeper", "more than", "not valid UTF-8", "unpaired surrogate"} {
		if strings.Contains(text, reason) {
			return true
		}
	}
	return !utf8.Valid(in)
}

// FuzzFields takes every kind of field from any body: it never panics, and an
// error is always a refusal.
func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"f":"1h"}`))
	f.Add([]byte(`{"f":["a",1,true]}`))
	f.Add([]byte(`{"f":{"a":"b","c":2}}`))
	f.Add([]byte(`{"f":-99999999999999999999999}`))
	f.Add([]byte(`{"f":"9e9999h"}`))
	f.Add([]byte(`{"f":null}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		fields, err := scanObject(in, nil)
		if err != nil {
			return
		}
		for _, take := range []func(*body){
			func(b *body) { b.text("f") },
			func(b *body) { b.flag("f", true) },
			func(b *body) {
				if n := b.whole("f", 10); n < 0 || n > 10 {
					t.Errorf("whole is %d, want 0 to 10", n)
				}
			},
			func(b *body) {
				if d := b.duration("f"); d < 0 || d > maxDuration {
					t.Errorf("duration is %s, want 0 to %s", d, maxDuration)
				}
			},
			func(b *body) {
				if l := b.list("f", 4); len(l) > 4 {
					t.Errorf("list has %d items, want at most 4", len(l))
				}
			},
			func(b *body) {
				if l := b.commaList("f", 4); len(l) > 4 {
					t.Errorf("list has %d items, want at most 4", len(l))
				}
			},
			func(b *body) { b.pairs("f", 4) },
			func(b *body) { b.cidrs("f") },
		} {
			b := body0(fields)
			take(b)
			if _, ok := b.err.(*refusal); b.err != nil && !ok {
				t.Errorf("error is %T, want a refusal", b.err)
			}
		}
	})
}
