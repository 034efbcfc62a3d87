package hclpolicy

import (
	"encoding/json"
	"errors"
	"strings"
)

// parseJSON reads a policy in JSON.
func parseJSON(text string) (node, *Error) {
	var all json.RawMessage
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		var at *json.SyntaxError
		if errors.As(err, &at) {
			return node{}, errorf(1+strings.Count(text[:at.Offset], "\n"), "%v", err)
		}
		return node{}, errorf(0, "%v", err)
	}
	d := jsonReader{text: text, dec: json.NewDecoder(strings.NewReader(text)), line: 1}
	d.dec.UseNumber()
	return d.value(0)
}

// jsonReader builds nodes from the tokens of a text that is known to be JSON.
// Tokens keep what decoding into a map loses: lines, order, repeated keys.
type jsonReader struct {
	text string
	dec  *json.Decoder
	line int // of the last token
	seen int // bytes of the text counted into line
}

func (d *jsonReader) token() (json.Token, *Error) {
	t, err := d.dec.Token()
	if err != nil {
		return nil, errorf(d.line, "%v", err)
	}
	end := int(d.dec.InputOffset())
	d.line += strings.Count(d.text[d.seen:end], "\n")
	d.seen = end
	return t, nil
}

func (d *jsonReader) value(depth int) (node, *Error) {
	t, fault := d.token()
	if fault != nil {
		return node{}, fault
	}
	n := node{line: d.line}
	switch t := t.(type) {
	case json.Delim:
		if depth >= maxNesting {
			return node{}, errorf(d.line, "nested deeper than %d", maxNesting)
		}
		if t == '{' {
			return d.object(depth + 1)
		}
		return d.list(depth + 1)
	case string:
		n.kind, n.text = kindString, t
	case json.Number:
		n.kind, n.text = kindNumber, t.String()
	case bool:
		n.kind, n.text = kindBool, "false"
		if t {
			n.text = "true"
		}
	}
	return n, nil
}

func (d *jsonReader) list(depth int) (node, *Error) {
	n := node{line: d.line, kind: kindList}
	for d.dec.More() {
		item, fault := d.value(depth)
		if fault != nil {
			return node{}, fault
		}
		n.items = append(n.items, item)
	}
	_, fault := d.token()
	return n, fault
}

func (d *jsonReader) object(depth int) (node, *Error) {
	n := node{line: d.line, kind: kindObject}
	for d.dec.More() {
		key, fault := d.token()
		if fault != nil {
			return node{}, fault
		}
		f := field{line: d.line, keys: []string{key.(string)}}
		if f.value, fault = d.value(depth); fault != nil {
			return node{}, fault
		}
		n.fields = append(n.fields, f)
	}
	_, fault := d.token()
	return n, fault
}
