package cluster

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// panicked logs that code outside of this package, which was given secrets to work
// with, has panicked. What it threw may quote one of them: only what the runtime itself
// says is shown, of anything else its type. The stack holds addresses and no values.
func panicked(log *slog.Logger, what string, p any, attrs ...any) {
	text := fmt.Sprintf("a %T", p)
	if e, ok := p.(runtime.Error); ok {
		text = e.Error()
	}
	log.Error(what, append(attrs, "panic", text, "stack", string(debug.Stack()))...)
}
