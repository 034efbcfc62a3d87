package main

import (
	"errors"
	"fmt"
	"strings"
)

// stringsFlag may be given several times.
type stringsFlag []string

func (f *stringsFlag) String() string { return strings.Join(*f, ",") }

func (f *stringsFlag) Set(s string) error {
	if s = strings.TrimSpace(s); s == "" {
		return errors.New("empty")
	}
	*f = append(*f, s)
	return nil
}

// mapFlag is key=value, and may be given several times.
type mapFlag map[string]string

func (f *mapFlag) String() string { return "" }

func (f *mapFlag) Set(s string) error {
	key, value, ok := strings.Cut(s, "=")
	if key = strings.TrimSpace(key); !ok || key == "" {
		return errors.New("not of the form key=value")
	}
	if _, ok := (*f)[key]; ok {
		return fmt.Errorf("%s is given twice", key)
	}
	if *f == nil {
		*f = mapFlag{}
	}
	(*f)[key] = strings.TrimSpace(value)
	return nil
}
