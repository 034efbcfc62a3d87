package hclpolicy

import (
	"encoding/json"
	"fmt"
)

// node is a value of the text, HCL and JSON alike.
type node struct {
	line   int
	kind   kind
	text   string  // of a string, its content; of a number, its decimal
	items  []node  // of a list
	fields []field // of an object, in the order of the text, none merged
}

// field is one entry of an object. HCL blocks may have several keys:
// path "x" {} has "path" and "x".
type field struct {
	line  int
	keys  []string
	value node
}

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindList
	kindObject
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "a block"}[k]
}

// expected says what stands in the place of what was wanted.
func (n *node) expected(what, want string) *Error {
	return errorf(n.line, "%s: expected %s, found %s", what, want, n.kind)
}

// objects are the objects of a value that may be one or, in JSON, a list of
// them.
func (n *node) objects(what string, inJSON bool) ([]node, *Error) {
	switch {
	case n.kind == kindObject:
		return []node{*n}, nil
	case n.kind != kindList || !inJSON:
		return nil, n.expected(what, "{ … }")
	}
	for i := range n.items {
		if n.items[i].kind != kindObject {
			return nil, n.items[i].expected(fmt.Sprintf("%s: element %d", what, i+1), "{ … }")
		}
	}
	return n.items, nil
}

// strings are the elements of a list of strings.
func (n *node) strings(what string) ([]string, *Error) {
	if n.kind != kindList {
		return nil, n.expected(what, "a list of strings")
	}
	list := make([]string, 0, len(n.items))
	for i := range n.items {
		if n.items[i].kind != kindString {
			return nil, n.items[i].expected(fmt.Sprintf("%s: element %d", what, i+1), "a string")
		}
		list = append(list, n.items[i].text)
	}
	return list, nil
}

// plain is the value as encoding/json would decode it, but for names given
// twice, of which encoding/json takes the last in silence.
func (n *node) plain() (any, error) {
	switch n.kind {
	case kindBool:
		return n.text == "true", nil
	case kindNumber:
		return json.Number(n.text), nil
	case kindString:
		return n.text, nil
	case kindList:
		list := make([]any, 0, len(n.items))
		for i := range n.items {
			v, err := n.items[i].plain()
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case kindObject:
		object := make(map[string]any, len(n.fields))
		for i := range n.fields {
			f := &n.fields[i]
			if _, twice := object[f.keys[0]]; twice || len(f.keys) > 1 {
				return nil, fmt.Errorf("expected the name %s once and alone", quote(f.keys[0]))
			}
			v, err := f.value.plain()
			if err != nil {
				return nil, err
			}
			object[f.keys[0]] = v
		}
		return object, nil
	}
	return nil, nil
}
