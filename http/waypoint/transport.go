package waypoint

import (
	"bytes"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	// Magic are the first bytes behind the base 58.
	Magic = "wp24"

	// MaxTextBytes bounds the text of a token. Waypoint's own have 90 to 230.
	MaxTextBytes = 2 << 10

	// MaxMetadata bounds the pairs of metadata.
	MaxMetadata = 64
)

// Transport is what the text of a token carries. Nothing in it is signed but the
// body; metadata and credentials are whatever the last hand wrote there.
type Transport struct {
	Body      []byte // a Token, as it was received
	Signature []byte
	KeyID     string
	Metadata  map[string]string
	OAuth     *OAuthCreds // nil: none

	unknown []byte
}

// OAuthCreds tell a client to fetch an OAuth token instead of sending this one.
// The secret is one of the client's; a server has no use for it.
type OAuthCreds struct {
	URL, ClientID, ClientSecret string

	unknown []byte
}

// Parse takes a text apart. Nothing in it is to be believed yet.
func Parse(text string) (*Transport, error) {
	if len(text) > MaxTextBytes {
		return nil, refuse(BadTransport, "it has %d characters, at most %d are allowed", len(text), MaxTextBytes)
	}
	if text == "" {
		return nil, refuse(NotBase58, "it is empty")
	}
	data, ok := decode58(text)
	if !ok {
		return nil, refuse(NotBase58, "it is not base 58")
	}
	data, ok = bytes.CutPrefix(data, []byte(Magic))
	if !ok {
		return nil, refuse(NotMagic, "it does not begin as one")
	}
	t := new(Transport)
	if why := t.read(data); why != "" {
		return nil, refuse(BadTransport, "%s", why)
	}
	return t, nil
}

// Text is the text that carries t.
func (t *Transport) Text() string {
	return encode58(t.append([]byte(Magic)))
}

func (t *Transport) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			t.Body = r.bytes
		case r.is(2, protowire.BytesType):
			t.Signature = r.bytes
		case r.is(3, protowire.BytesType):
			t.KeyID = r.text()
		case r.is(4, protowire.BytesType):
			t.readPair(&r)
		case r.is(12, protowire.BytesType):
			if t.OAuth == nil {
				t.OAuth = new(OAuthCreds)
			}
			r.merge(t.OAuth)
		default:
			t.unknown = r.keep(t.unknown)
		}
	}
	return r.why
}

// pair is an entry of a map.
type pair struct{ key, value string }

func (p *pair) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			p.key = r.text()
		case r.is(2, protowire.BytesType):
			p.value = r.text()
		}
	}
	return r.why
}

// append writes both fields always, as an entry of a map is written.
func (p *pair) append(data []byte) []byte {
	return appendLengthed(appendLengthed(data, 1, p.key), 2, p.value)
}

func (t *Transport) readPair(r *reader) {
	var p pair
	r.merge(&p)
	if t.Metadata == nil {
		t.Metadata = make(map[string]string)
	}
	if t.Metadata[p.key] = p.value; len(t.Metadata) > MaxMetadata {
		r.fail(whyPairs)
	}
}

func (t *Transport) append(data []byte) []byte {
	data = appendBytes(data, 1, t.Body)
	data = appendBytes(data, 2, t.Signature)
	data = appendBytes(data, 3, t.KeyID)
	for _, key := range slices.Sorted(maps.Keys(t.Metadata)) {
		data = appendMessage(data, 4, &pair{key, t.Metadata[key]})
	}
	if t.OAuth != nil {
		data = appendMessage(data, 12, t.OAuth)
	}
	return append(data, t.unknown...)
}

func (o *OAuthCreds) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			o.URL = r.text()
		case r.is(2, protowire.BytesType):
			o.ClientID = r.text()
		case r.is(3, protowire.BytesType):
			o.ClientSecret = r.text()
		default:
			o.unknown = r.keep(o.unknown)
		}
	}
	return r.why
}

func (o *OAuthCreds) append(data []byte) []byte {
	data = appendBytes(data, 1, o.URL)
	data = appendBytes(data, 2, o.ClientID)
	data = appendBytes(data, 3, o.ClientSecret)
	return append(data, o.unknown...)
}
