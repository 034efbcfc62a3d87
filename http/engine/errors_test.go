package engine

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMessages(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"as it is", "role does not exist", "role does not exist"},
		{"one line", "a\r\nb\x00c", "a  b c"},
		{"valid text", "a\xffb", "a?b"},
		{"bounded", strings.Repeat("é", 200), strings.Repeat("é", 118) + "..."},
	}
	for _, tt := range tests {
		err := Unreachable("%s", tt.text)
		if got := err.Error(); got != tt.want || len(got) > maxMessageBytes || !utf8.ValidString(got) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		var e *Error
		if !errors.As(err, &e) || e.Kind != Unavailable {
			t.Errorf("%s: %#v is not unavailable", tt.name, err)
		}
	}
}

func TestItemName(t *testing.T) {
	for path, want := range map[string]string{"config/main": "main", "roles/a/b": "a/b", "config": "config"} {
		if got := (&Item{Path: path}).Name(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
