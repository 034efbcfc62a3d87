package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/hcl/ast"
	"github.com/hashicorp/hcl/hcl/parser"
	"github.com/hashicorp/hcl/hcl/scanner"
	"github.com/hashicorp/hcl/hcl/token"
)

// maxConfigBytes bounds a configuration file: all settings together fill a few
// hundred bytes.
const maxConfigBytes = 64 << 10

// applyHCL lays the settings in an HCL document over o. It is strict: every key
// must be a setting, appear once and hold a value of the setting's kind; each
// complaint names the key and its line. (The library's JSON form is not read: it
// loses the lines.)
func applyHCL(text []byte, o *Options) error {
	file, err := parser.Parse(text)
	if err == nil {
		err = endsWhole(text)
	}
	if err != nil {
		return err
	}
	root, ok := file.Node.(*ast.ObjectList)
	if !ok {
		return fmt.Errorf("line %d: expected settings, one a line", file.Pos().Line)
	}
	for _, item := range root.Items { // the parser has refused keys that are set twice
		key, err := keyOf(item)
		if err != nil {
			return err
		}
		line := item.Pos().Line
		if err := applyItem(key, item, o); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	return nil
}

// endsWhole finds a key without its value at the very end, which the parser passes
// over in silence: a file that was cut short must not count as a shorter file.
func endsWhole(text []byte) error {
	var last token.Token
	s := scanner.New(text)
	for t := s.Scan(); t.Type != token.EOF; t = s.Scan() {
		if t.Type != token.COMMENT {
			last = t
		}
	}
	if last.Type == token.ASSIGN || last.Type == token.IDENT {
		return fmt.Errorf("line %d: the last key has no value", last.Pos.Line)
	}
	return nil
}

func keyOf(item *ast.ObjectItem) (string, error) {
	key, _ := item.Keys[0].Token.Value().(string)
	if len(item.Keys) > 1 {
		return "", fmt.Errorf("line %d: %s opens a block; there are no blocks here", item.Pos().Line, key)
	}
	return key, nil
}

func applyItem(key string, item *ast.ObjectItem, o *Options) error {
	for _, s := range settings {
		if s.key() != key {
			continue
		}
		texts, ok := textsOf(s.value(o).kind(), item.Val)
		if !ok {
			return fmt.Errorf("%s must be %s", key, s.value(o).kind())
		}
		if err := s.set(o, texts...); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	}
	if dashed := strings.ReplaceAll(key, "-", "_"); dashed != key {
		return fmt.Errorf("unknown key %q; names here are written with underscores (%s)", key, dashed)
	}
	return fmt.Errorf("unknown key %q", key)
}

// textsOf takes the value apart if it is of the kind, and not of one that happens
// to look alike: "3" is no number and yes is no boolean.
func textsOf(kind valueKind, node ast.Node) ([]string, bool) {
	if kind == kindList {
		l, ok := node.(*ast.ListType)
		if !ok {
			return nil, false
		}
		var texts []string
		for _, n := range l.List {
			one, ok := textsOf(kindText, n)
			if !ok {
				return nil, false
			}
			texts = append(texts, one...)
		}
		return texts, true
	}
	literal, ok := node.(*ast.LiteralType)
	if !ok {
		return nil, false
	}
	var want token.Type
	switch kind {
	case kindText:
		want = token.STRING
	case kindNumber:
		want = token.NUMBER
	case kindBoolean:
		want = token.BOOL
	}
	switch {
	case literal.Token.Type == want && want == token.STRING:
		s, ok := literal.Token.Value().(string)
		return []string{s}, ok
	case literal.Token.Type == want:
		return []string{literal.Token.Text}, true
	}
	return nil, false
}
