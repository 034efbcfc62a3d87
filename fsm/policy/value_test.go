package policy

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestNumberCanonical(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"0", "0"}, {"-0", "0"}, {"0.000", "0"}, {"0e99999999999999999999", "0"},
		{"5", "5e0"}, {"5.0", "5e0"}, {"50e-1", "5e0"}, {"0005", "5e0"}, {"5E+0", "5e0"},
		{"50", "5e1"}, {"-120", "-12e1"}, {"0.25", "25e-2"}, {".5", "5e-1"}, {"1.", "1e0"},
		{"9007199254740993", "9007199254740993e0"},
		{"1e1048576", "1e1048576"}, {"1e1048577", ""}, {"1e-99999999999999999999", ""},
		{"", ""}, {"-", ""}, {".", ""}, {"e1", ""}, {"1e", ""}, {"1e+", ""}, {"1e+-1", ""},
		{"+1", ""}, {"--1", ""}, {"1_0", ""}, {"0x1f", ""}, {"NaN", ""}, {"1 ", ""},
	} {
		got, err := appendNumber(nil, tc.in)
		if (err == nil) != (tc.want != "") || string(got) != tc.want {
			t.Errorf("%q: got %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
}

func TestValueMatches(t *testing.T) {
	object := map[string]any{"b": []any{json.Number("1"), nil}, "a": "x*"}
	for _, tc := range []struct {
		rule, param any
		want        bool
	}{
		{"red", "red", true},
		{"red", "Red", false},
		{"re*", "red", true},
		{"re*", "re", true},
		{"*ed", "red", true},
		{"*e*", "red", true},
		{"*x*", "red", false},
		{"r*d", "red", false}, // a * inside is literal
		{"r*d", "r*d", true},
		{"*", "red", false}, // too short to hold a wildcard
		{"*", "*", true},
		{"**", "", true},
		{"", "", true},
		{"", "x", false},
		{"5", json.Number("5"), false},
		{json.Number("5"), "5", false},
		{json.Number("5"), json.Number("5.0"), true},
		{json.Number("5"), float64(5), true},
		{json.Number("5"), 5, true},
		{json.Number("5"), int64(5), true},
		{json.Number("5"), math.NaN(), false},
		{json.Number("9007199254740993"), json.Number("9007199254740992"), false},
		{true, true, true},
		{true, false, false},
		{true, "true", false},
		{nil, nil, true},
		{nil, false, false},
		{"x", nil, false},
		{[]any{"a", "b"}, []any{"a", "b"}, true},
		{[]any{"a", "b"}, []string{"a", "b"}, true},
		{[]any{"a", "b"}, []any{"b", "a"}, false},
		{[]any{"a*"}, []any{"ab"}, false},
		{[]any{}, []any{}, true},
		{[]any{}, nil, false},
		{object, map[string]any{"a": "x*", "b": []any{1.0, nil}}, true},
		{object, map[string]any{"a": "xy", "b": []any{1.0, nil}}, false},
		{object, map[string]any{"a": "x*"}, false},
		{"a", []any{"a"}, false},
		{"a", struct{}{}, false},
		{[]any{"a"}, struct{}{}, false},
		{[]any{"a"}, []any{strings.Repeat("long", MaxValueBytes)}, false},
	} {
		if got := mustValue(t, tc.rule).matches(tc.param); got != tc.want {
			t.Errorf("value %v, parameter %v: got %v", tc.rule, tc.param, got)
		}
	}
}

func TestValueDepth(t *testing.T) {
	nest := func(depth int) any {
		var v any = "x"
		for range depth {
			v = []any{v}
		}
		return v
	}
	if _, err := NewValue(nest(MaxValueDepth)); err != nil {
		t.Errorf("depth %d: %v", MaxValueDepth, err)
	}
	if _, err := NewValue(nest(MaxValueDepth + 1)); err == nil {
		t.Errorf("depth %d was taken", MaxValueDepth+1)
	}
	if mustValue(t, nest(2)).matches(nest(100_000)) {
		t.Error("a deep parameter matched")
	}
}

func TestValueSpellings(t *testing.T) {
	for _, good := range []Value{
		"0", "f", "t", "s", "sx", "n5e0", "l", "l\x010\x01t", "o", "o\x01a\x010\x01b\x01t",
	} {
		if err := good.check(); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []Value{
		"", "x", "00", "tt", "n", "n5", "n50e-1", "n-0", "s\xff", "l\x00", "l\x02t", "l\x81\x00t",
		"o\x01a", "o\x01b\x01t\x01a\x010", "o\x01a\x01t\x01a\x01t", "l\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01t",
		Value("s" + strings.Repeat("x", MaxValueBytes)),
	} {
		if err := bad.check(); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
