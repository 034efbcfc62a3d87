package cluster

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestPanicsOutsideTellNoSecret(t *testing.T) {
	const secret = "password-of-a-database"
	var nowhere map[string]int
	for name, tt := range map[string]struct {
		throw func()
		says  string
	}{
		"a text":          {func() { panic("no connection with " + secret) }, "panic=\"a string\""},
		"an error":        {func() { panic(errors.New(secret)) }, "panic=\"a *errors.errorString\""},
		"the runtime":     {func() { nowhere[secret] = 1 }, "assignment to entry in nil map"},
		"beyond a length": {func() { _ = secret[len(nowhere)+99:] }, "slice bounds out of range"},
	} {
		var log bytes.Buffer
		func() {
			defer func() {
				panicked(slog.New(slog.NewTextHandler(&log, nil)), "revoking a lease panicked", recover(), "lease", "l1")
			}()
			tt.throw()
		}()
		if text := log.String(); strings.Contains(text, secret) || !strings.Contains(text, tt.says) ||
			!strings.Contains(text, "lease=l1") || !strings.Contains(text, "panicked_test.go") {
			t.Errorf("%s: logged is\n%s", name, text)
		}
	}
}
