package http

import (
	"strconv"

	"github.com/jeton-io/jeton/http/audit"
)

// auditText is JSON under way into an audit entry: what reads it may know what
// was sent and by whom, but no text of it. Every string is replaced by its hash,
// names of fields, numbers and the rest stay. It takes time and memory in
// proportion to the text, whatever that is.
type auditText struct {
	scanner
	out    []byte
	hasher *audit.Hasher
	keep   bool // show strings as they are, but for tokens of ours

	fields func(name []byte) shownAs // how fields of the outermost object are shown; nil: all the same
	count  int                       // members of the last list or object that was read
}

// shownAs is how a field of an answer is shown.
type shownAs uint8

const (
	asHashes shownAs = iota
	asItIs
	asCount // of its members
)

// maxAuditDepth bounds the recursion: that of a request and what an answer may
// put around it.
const maxAuditDepth = maxJSONDepth + 8

// appendHashed appends a JSON value with its strings hashed. What is no JSON is
// hashed as a whole.
func appendHashed(b, value []byte, h *audit.Hasher, keep bool) []byte {
	t := auditText{scanner: scanner{data: value}, out: b, hasher: h, keep: keep}
	t.space()
	t.walk(1)
	t.space()
	if t.err != nil || t.at < len(value) {
		return appendHash(t.out[:len(b)], value, h)
	}
	return t.out
}

// appendHash appends the hash of a text as a JSON string.
func appendHash(b, text []byte, h *audit.Hasher) []byte {
	b = append(b, '"')
	b = h.Append(b, text)
	return append(b, '"')
}

// appendShown appends a text as it is, unless it is a token of ours.
func appendShown(b []byte, text string, h *audit.Hasher) []byte {
	if tokenLike([]byte(text)) {
		return appendHash(b, []byte(text), h)
	}
	return appendString(b, text)
}

// appendName appends the name of a field.
func appendName(b, name []byte, h *audit.Hasher) []byte {
	if !plainName(name) {
		return appendHash(b, name, h)
	}
	return appendString(b, string(name))
}

// maxPlainName bounds names that are no paths; a UUID is longer.
const maxPlainName = 32

// plainName says whether a field's name looks like one. A client that takes a
// token for a name gets it hashed: root may have chosen any text as a token's id,
// so looks are all that tells.
func plainName(name []byte) bool {
	path := false
	for _, c := range name {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_', c == '-', c == '.', c == ':', c == '*', c == '+':
		case c == '/':
			path = true
		default:
			return false
		}
	}
	return (path || len(name) <= maxPlainName) && !tokenLike(name)
}

// tokenLike says whether a text is a token of ours, or was one before it was
// mistyped: that is close enough to the real one to be kept out of sight too.
func tokenLike(text []byte) bool {
	if len(text) < prefixBytes || text[0] != 'j' || text[1] != 't' || text[3] != '_' {
		return false
	}
	return text[2] == 's' || text[2] == 'w' || text[2] == 'b'
}

func (t *auditText) walk(depth int) {
	start := t.at
	switch c := t.peek(); {
	case depth > maxAuditDepth:
		t.fail("nested deeper than %d", maxAuditDepth)
	case c == '"':
		if text := t.string(); t.err == nil {
			t.put(text, start, t.keep)
		}
	case c == '{':
		t.members('}', func() { t.member(depth) })
	case c == '[':
		t.members(']', func() { t.walk(depth + 1) })
	default:
		t.value(depth) // a number or a word
		t.out = append(t.out, t.data[start:t.at]...)
	}
}

// string reads a string and returns what it means.
func (t *auditText) string() []byte {
	start := t.at
	t.text()
	if t.err != nil {
		return nil
	}
	return unquote(t.data[start:t.at])
}

// put writes the string that has just been read.
func (t *auditText) put(text []byte, start int, shown bool) {
	if t.hasher == nil || shown && !tokenLike(text) {
		t.out = append(t.out, t.data[start:t.at]...)
		return
	}
	t.out = appendHash(t.out, text, t.hasher)
}

// members reads what stands between brackets.
func (t *auditText) members(end byte, member func()) {
	t.out = append(t.out, t.data[t.at])
	t.at++
	t.space()
	n := 0
	for t.err == nil && (n > 0 || t.peek() != end) {
		if n > 0 {
			t.out = append(t.out, ',')
		}
		t.space()
		member()
		n++
		t.space()
		if t.peek() == end {
			break
		}
		t.take(',', "a member")
	}
	t.at++
	t.out = append(t.out, end)
	t.count = n
}

func (t *auditText) member(depth int) {
	start := t.at
	if t.peek() != '"' {
		t.unexpected("a field name in quotes")
		return
	}
	name := t.string()
	if t.err != nil {
		return
	}
	t.put(name, start, plainName(name))
	t.space()
	t.take(':', "the field name")
	t.space()
	t.out = append(t.out, ':')
	switch {
	case t.err != nil:
	case depth == 1 && t.fields != nil:
		t.field(t.fields(name))
	default:
		t.walk(depth + 1)
	}
}

// field reads the value of a field of the outermost object.
func (t *auditText) field(as shownAs) {
	start := len(t.out)
	t.keep, t.count = as == asItIs, 1
	hasher := t.hasher
	if as == asCount {
		t.hasher = nil // nothing of it will stay
	}
	t.walk(2)
	t.keep, t.hasher = false, hasher
	if as == asCount {
		t.out = strconv.AppendInt(t.out[:start], int64(t.count), 10)
	}
}

// maxAuditData bounds what an entry holds of a request's fields, and of an
// answer's data. What is longer is there by its hash.
const maxAuditData = 1 << 20

// appendFields appends the fields of a request.
func appendFields(b []byte, fields []jsonField, h *audit.Hasher, kept []string) []byte {
	size := 0
	for i := range fields {
		size += len(fields[i].name) + len(fields[i].text)
	}
	b = append(b, '{')
	for i := range fields {
		f := &fields[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendName(b, f.name, h)
		b = append(b, ':')
		if size > maxAuditData {
			b = appendHash(b, f.text, h)
			continue
		}
		b = appendHashed(b, f.text, h, mayShow(kept, f.name))
	}
	return append(b, '}')
}

// mayShow says whether a mount's settings let a field be shown. What is a token
// or a password by its name never is.
func mayShow(kept []string, name []byte) bool {
	for _, k := range kept {
		if string(name) == k {
			return !neverShown[k]
		}
	}
	return false
}

var neverShown = map[string]bool{
	"token": true, "client_token": true, "id": true, "password": true, "secret_id": true, "jwt": true,
}

// appendData appends the data of an answer.
func appendData(b, data []byte, h *audit.Hasher, fields func(name []byte) shownAs) []byte {
	t := auditText{scanner: scanner{data: data}, out: b, hasher: h, fields: fields}
	if t.space(); t.peek() != '{' {
		return appendHashed(b, data, h, false)
	}
	t.walk(1)
	if t.space(); t.err == nil && t.at == len(data) && len(t.out)-len(b) <= maxAuditData {
		return t.out
	}
	b = append(t.out[:len(b)], `{"elided":`...)
	b = appendHash(b, data, h)
	return append(b, '}')
}
