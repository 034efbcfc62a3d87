package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// settingValue is a field of Options that text can set. Setting it again adds to
// a list and replaces anything else; reset empties it first.
type settingValue interface {
	flag.Value
	kind() valueKind
	reset()
}

// valueKind is what a configuration file must hold for a setting.
type valueKind string

const (
	kindText    valueKind = "a string"
	kindList    valueKind = "a list of strings"
	kindNumber  valueKind = "a number"
	kindBoolean valueKind = "true or false"
)

// flagValue remembers what was typed, so that it can be laid over the other
// sources; the value within only checks it and shows the default.
type flagValue struct {
	settingValue
	note func(string)
}

func (v *flagValue) Set(s string) error {
	if err := v.settingValue.Set(s); err != nil {
		return err
	}
	v.note(s)
	return nil
}

func (v *flagValue) String() string {
	if v.settingValue == nil { // package flag asks zero values, too
		return ""
	}
	return v.settingValue.String()
}

// IsBoolFlag lets a boolean stand without a value.
func (v *flagValue) IsBoolFlag() bool {
	return v.settingValue != nil && v.kind() == kindBoolean
}

func text(field func(*Options) *string) func(*Options) settingValue {
	return func(o *Options) settingValue { return &textValue{field(o)} }
}

type textValue struct{ to *string }

func (v *textValue) Set(s string) error { *v.to = s; return nil }
func (v *textValue) String() string     { return *v.to }
func (v *textValue) kind() valueKind    { return kindText }
func (v *textValue) reset()             { *v.to = "" }

func choice(among []string, field func(*Options) *string) func(*Options) settingValue {
	return func(o *Options) settingValue { return &choiceValue{textValue{field(o)}, among} }
}

type choiceValue struct {
	textValue
	among []string
}

func (v *choiceValue) Set(s string) error {
	if !slices.Contains(v.among, s) {
		return fmt.Errorf("%q is not one of %s", s, strings.Join(v.among, ", "))
	}
	return v.textValue.Set(s)
}

func list(field func(*Options) *[]string) func(*Options) settingValue {
	return func(o *Options) settingValue { return &listValue{field(o)} }
}

type listValue struct{ to *[]string }

func (v *listValue) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*v.to = append(*v.to, part)
		}
	}
	return nil
}

func (v *listValue) String() string  { return strings.Join(*v.to, ",") }
func (v *listValue) kind() valueKind { return kindList }
func (v *listValue) reset()          { *v.to = nil }

func number(field func(*Options) *int) func(*Options) settingValue {
	return func(o *Options) settingValue { return &numberValue{field(o)} }
}

type numberValue struct{ to *int }

func (v *numberValue) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil {
		return errors.New("not a whole number")
	}
	*v.to = n
	return nil
}

func (v *numberValue) String() string  { return strconv.Itoa(*v.to) }
func (v *numberValue) kind() valueKind { return kindNumber }
func (v *numberValue) reset()          { *v.to = 0 }

func boolean(field func(*Options) *bool) func(*Options) settingValue {
	return func(o *Options) settingValue { return &booleanValue{field(o)} }
}

type booleanValue struct{ to *bool }

func (v *booleanValue) Set(s string) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return errors.New("neither true nor false")
	}
	*v.to = b
	return nil
}

func (v *booleanValue) String() string  { return strconv.FormatBool(*v.to) }
func (v *booleanValue) kind() valueKind { return kindBoolean }
func (v *booleanValue) reset()          { *v.to = false }
