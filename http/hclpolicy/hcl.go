package hclpolicy

import (
	"errors"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/hcl/ast"
	"github.com/hashicorp/hcl/hcl/parser"
	"github.com/hashicorp/hcl/hcl/scanner"
	hclstrconv "github.com/hashicorp/hcl/hcl/strconv"
	"github.com/hashicorp/hcl/hcl/token"
)

// parseHCL reads a policy in HCL.
func parseHCL(text string) (node, *Error) {
	text = strings.ReplaceAll(text, "\r\n", "\n") // as the parser does it
	if fault := checkTokens(text); fault != nil {
		return node{}, fault
	}
	file, err := parser.ParseDontErrorOnDuplicateKeys([]byte(text))
	if err != nil {
		return node{}, syntaxError(err)
	}
	list, ok := file.Node.(*ast.ObjectList)
	if !ok {
		return node{}, errorf(1, `expected path "…" { … }`)
	}
	return hclObject(1, list)
}

// checkTokens reads the text with the parser's own scanner, which does not
// recurse, and refuses what the parser must not meet: deep nesting, and a last
// attribute without a value, which it takes for the end of the text.
func checkTokens(text string) *Error {
	var fault *Error
	s := scanner.New([]byte(text))
	s.Error = func(pos token.Pos, msg string) {
		if fault == nil {
			fault = errorf(pos.Line, "column %d: %s", pos.Column, msg)
		}
	}
	depth, last := 0, token.EOF
	for fault == nil {
		t := s.Scan()
		switch t.Type {
		case token.LBRACE, token.LBRACK:
			if depth++; depth > maxNesting {
				return errorf(t.Pos.Line, "nested deeper than %d", maxNesting)
			}
		case token.RBRACE, token.RBRACK:
			depth--
		case token.COMMENT:
			continue
		case token.EOF:
			if last == token.ASSIGN {
				return errorf(t.Pos.Line, "expected a value after '=', found the end of the text")
			}
			return fault
		}
		last = t.Type
	}
	return fault
}

// syntaxError takes over what the parser says, shortened: it may quote every key
// of the text.
func syntaxError(err error) *Error {
	var at *parser.PosError
	if errors.As(err, &at) {
		return errorf(at.Pos.Line, "column %d: %s", at.Pos.Column, clip(at.Err.Error()))
	}
	return errorf(0, "%s", clip(err.Error()))
}

func hclNode(n ast.Node) (node, *Error) {
	line := n.Pos().Line
	switch n := n.(type) {
	case *ast.ObjectType:
		return hclObject(line, n.List)
	case *ast.ListType:
		list := node{line: line, kind: kindList}
		for _, item := range n.List {
			v, fault := hclNode(item)
			if fault != nil {
				return node{}, fault
			}
			list.items = append(list.items, v)
		}
		return list, nil
	case *ast.LiteralType:
		return hclLiteral(n.Token)
	}
	return node{}, errorf(line, "expected a value")
}

func hclObject(line int, list *ast.ObjectList) (node, *Error) {
	object := node{line: line, kind: kindObject}
	for _, item := range list.Items {
		f := field{line: item.Pos().Line}
		for _, key := range item.Keys {
			k, fault := hclKey(key.Token)
			if fault != nil {
				return node{}, fault
			}
			f.keys = append(f.keys, k)
		}
		var fault *Error
		if f.value, fault = hclNode(item.Val); fault != nil {
			return node{}, fault
		}
		object.fields = append(object.fields, f)
	}
	return object, nil
}

func hclKey(t token.Token) (string, *Error) {
	if t.Type == token.STRING {
		return unquote(t)
	}
	return t.Text, nil // an identifier
}

// hclLiteral gives a token its value without token.Value, which panics on what
// the scanner lets through: octal escapes above 255, numbers out of range.
func hclLiteral(t token.Token) (node, *Error) {
	n := node{line: t.Pos.Line, text: t.Text}
	var fault *Error
	switch t.Type {
	case token.BOOL:
		n.kind = kindBool
	case token.STRING:
		n.kind = kindString
		n.text, fault = unquote(t)
	case token.HEREDOC:
		n.kind = kindString
		n.text = t.Value().(string) // the scanner has seen its frame
	case token.NUMBER:
		n.kind = kindNumber
		v, err := strconv.ParseInt(t.Text, 0, 64) // 0x1f and 017 too
		if err != nil {
			fault = errorf(n.line, "number %s: expected one of 64 bits", quote(t.Text))
		}
		n.text = strconv.FormatInt(v, 10)
	case token.FLOAT:
		n.kind = kindNumber
		if _, err := strconv.ParseFloat(t.Text, 64); err != nil {
			fault = errorf(n.line, "number %s: malformed or out of range", quote(t.Text))
		}
	default:
		fault = errorf(n.line, "expected a value")
	}
	return n, fault
}

func unquote(t token.Token) (string, *Error) {
	s, err := hclstrconv.Unquote(t.Text)
	if err != nil {
		return "", errorf(t.Pos.Line, "string %s: malformed escape", quote(t.Text))
	}
	return s, nil
}
