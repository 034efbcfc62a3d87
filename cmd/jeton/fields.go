package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFieldBytes is the server's own bound on a request.
const maxFieldBytes = 32 << 20

// readFields reads what is to be sent, in the forms of Vault's command line:
//
//	name=value  name=@file  name=-    one field; twice the same name makes a list
//	@file  -                          a JSON object
//
// A value that begins with \@ or is \- begins with, or is, the character. What was
// typed is not repeated in errors: it may be a secret.
func readFields(c *console, args []string) (map[string]any, error) {
	fields := make(map[string]any)
	stdin := false
	read := func(from string) ([]byte, error) {
		if from == "-" {
			if stdin {
				return nil, usagef("standard input can be read only once")
			}
			stdin = true
			return readBounded(c.in)
		}
		f, err := os.Open(strings.TrimPrefix(from, "@"))
		if err != nil {
			return nil, usageError{err}
		}
		defer f.Close()
		return readBounded(f)
	}
	for i, arg := range args {
		if arg == "-" || strings.HasPrefix(arg, "@") {
			text, err := read(arg)
			if err != nil {
				return nil, err
			}
			if err := mergeObject(fields, text); err != nil {
				return nil, usagef("argument %d: %w", i+1, err)
			}
			continue
		}
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usagef("argument %d is not of the form name=value, @file or -", i+1)
		}
		if value == "-" || strings.HasPrefix(value, "@") {
			text, err := read(value)
			if err != nil {
				return nil, err
			}
			value = string(text)
		} else if value == `\-` || strings.HasPrefix(value, `\@`) {
			value = value[1:]
		}
		addField(fields, name, value)
	}
	return fields, nil
}

func addField(fields map[string]any, name, value string) {
	switch old := fields[name].(type) {
	case nil:
		fields[name] = value
	case []any:
		fields[name] = append(old, value)
	default:
		fields[name] = []any{old, value}
	}
}

// mergeObject adds the fields of a JSON object; the last of two that have one name
// counts.
func mergeObject(fields map[string]any, text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return errors.New("no JSON object is in there")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

func readBounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFieldBytes+1))
	if err == nil && len(text) > maxFieldBytes {
		err = fmt.Errorf("more than %d bytes", maxFieldBytes)
	}
	return text, err
}
