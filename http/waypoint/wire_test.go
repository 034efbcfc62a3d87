package waypoint_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/waypoint"
)

// What a body may be made of: all that a decoder of protobuf lets pass passes, and
// nothing else.
func TestBodyWire(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("\x7b", n) + strings.Repeat("\x7c", n) } // groups of number 15
	tests := []struct {
		name, body string
		ok         bool
	}{
		{"nothing", "", true},
		{"login", "\x42\x03\x0a\x01u", true},
		{"unknown varint", "\x78\x01", true},
		{"unknown 32 bits", "\x7d1234", true},
		{"unknown 64 bits", "\x7912345678", true},
		{"unknown bytes", "\x7a\x02\xff\xfe", true},
		{"unknown fields in the order that they came", "\x7d1234\x78\x01", true},
		{"unknown in a timestamp", "\x1a\x06\x08\x01\x78\x01\x78\x02", true},
		{"unknown in a login and its entrypoint", "\x42\x0e\x0a\x01u\x12\x05\x0a\x01d\x78\x01\x78\x01\x78\x02", true},
		{"unknown in an invite and its signup", "\x4a\x0b\x1a\x05\x0a\x01n\x78\x01\x78\x01\x78\x02", true},
		{"unknown in a trigger", "\x52\x07\x0a\x01u\x78\x01\x78\x02", true},
		{"unknown in a runner", "\x5a\x07\x0a\x01r\x78\x01\x78\x02", true},
		{"unknown group", "\x7b\x78\x01\x7c", true},
		{"empty groups in a group", "\x7b\x73\x74\x73\x74\x7c", true},
		{"deepest groups", deep(16), true},
		{"groups too deep", deep(17), false},
		{"group that does not end", "\x7b\x78\x01", false},
		{"group with another's end", "\x7b\x74", false},
		{"end without a group", "\x7c", false},
		{"group inside with another's end", "\x7b\x73\x7c\x74", false},
		{"field 0 in a group", "\x7b\x00\x01\x7c", false},
		{"cut in a group", "\x7b\x7d12\x7c", false},
		{"wire type 6", "\x7e", false},
		{"wire type 7", "\x7f", false},
		{"field 0", "\x00\x01", false},
		{"greatest field", "\xf8\xff\xff\xff\x0f\x01", true},
		{"field above it", "\x80\x80\x80\x80\x10\x01", false},
		{"tag cut", "\x80", false},
		{"varint cut", "\x20\x80", false},
		{"varint of 10 bytes", "\x20\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00", true},
		{"varint of 11 bytes", "\x20\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", false},
		{"varint above 64 bits", "\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", false},
		{"length above what is there", "\x12\x03ab", false},
		{"length of 2^63", "\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", false},
		{"32 bits cut", "\x7d123", false},
		{"string is not UTF-8", "\x0a\x01\xff", false},
		{"string in a part is not UTF-8", "\x42\x03\x0a\x01\xff", false},
		{"accessor is any bytes", "\x12\x01\xff", true},
		{"wrong wire type is unknown", "\x40\x05", true},
		{"part is cut", "\x42\x02\x0a\x05", false},
	}
	for _, tt := range tests {
		token, err := waypoint.DecodeBody([]byte(tt.body))
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && reasonOf(t, err) != waypoint.BadBody {
			t.Errorf("%s: reason %d", tt.name, reasonOf(t, err))
		}
		if tt.ok && strings.HasPrefix(tt.name, "unknown") && string(token.Body()) != tt.body {
			t.Errorf("%s: written again as %x", tt.name, token.Body())
		}
	}
}

func TestTransportBounds(t *testing.T) {
	pairs := func(n int) *waypoint.Transport {
		tr := &waypoint.Transport{Metadata: map[string]string{}}
		for i := range n {
			tr.Metadata[string(rune('a'+i))] = ""
		}
		return tr
	}
	long := func(n int) string { return "2" + strings.Repeat("1", n-1) }
	tests := []struct {
		name, text string
		want       waypoint.Reason
	}{
		{"most metadata", pairs(waypoint.MaxMetadata).Text(), 0},
		{"too much metadata", pairs(waypoint.MaxMetadata + 1).Text(), waypoint.BadTransport},
		{"longest text", long(waypoint.MaxTextBytes), waypoint.NotMagic},
		{"text too long", long(waypoint.MaxTextBytes + 1), waypoint.BadTransport},
		{"metadata key is not UTF-8", (&waypoint.Transport{Metadata: map[string]string{"\xff": ""}}).Text(), waypoint.BadTransport},
		{"metadata value is not UTF-8", (&waypoint.Transport{Metadata: map[string]string{"": "\xff"}}).Text(), waypoint.BadTransport},
		{"credentials are not UTF-8", (&waypoint.Transport{OAuth: &waypoint.OAuthCreds{ClientSecret: "\xff"}}).Text(), waypoint.BadTransport},
	}
	for _, tt := range tests {
		tr, err := waypoint.Parse(tt.text)
		if got := reasonOf(t, err); got != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil && tr.Text() != tt.text {
			t.Errorf("%s: written again as %s", tt.name, tr.Text())
		}
	}
}

// Writing to what was read touches nothing else of it.
func TestPartsStandAlone(t *testing.T) {
	tr, err := waypoint.Parse((&waypoint.Transport{Body: []byte("body"), Signature: []byte("mac"), KeyID: "k1"}).Text())
	if err != nil {
		t.Fatal(err)
	}
	_ = append(tr.Body, "XXXXX"...)
	if !bytes.Equal(tr.Signature, []byte("mac")) {
		t.Errorf("the signature is %q", tr.Signature)
	}
}
