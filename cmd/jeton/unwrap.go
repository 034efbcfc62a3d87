package main

import (
	"context"
	"flag"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// unwrapCommand opens a wrapping token. Without a token of the caller's own the
// wrapping token speaks for itself; without an argument the caller's own is the
// one to open.
func unwrapCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		token, err := tokenSubject(c, args, false)
		if err != nil {
			return err
		}
		secret, err := client.Logical().UnwrapWithContext(ctx, token)
		if err != nil {
			return apiError("unwrapping", err)
		}
		return out.secret(secret)
	})
}

// declareWrapTTL adds -wrap-ttl to a command whose answer may be handed on: the
// answer is then a wrapping token.
func (r *remote) declareWrapTTL(flags *flag.FlagSet) {
	flags.Var(&r.wrapTTL, "wrap-ttl", "`duration` for which the answer waits in a wrapping token, which is shown\nin its place, JETON_WRAP_TTL")
	r.mayWrap = true
}

// wrap has the answers of a client wrapped, if that was asked for.
func (r *remote) wrap(client *api.Client) error {
	ttl := r.wrapTTL
	if v := firstEnv(r.c, "WRAP_TTL"); v != "" && !ttl.set && r.mayWrap {
		if err := ttl.Set(v); err != nil {
			return usagef("WRAP_TTL in the environment is no duration")
		}
	}
	if ttl.d > 0 {
		client.SetWrappingLookupFunc(func(_, _ string) string { return ttl.String() })
	}
	return nil
}

// wrapPairs is what is shown of an answer that was wrapped.
func wrapPairs(w *api.SecretWrapInfo) []pair {
	if w == nil {
		return nil
	}
	pairs := []pair{
		{"wrapping_token", w.Token},
		{"wrapping_accessor", w.Accessor},
		{"wrapping_token_ttl", seconds(w.TTL)},
		{"wrapping_token_creation_time", w.CreationTime.Format(time.RFC3339)},
		{"wrapping_token_creation_path", w.CreationPath},
	}
	if w.WrappedAccessor != "" {
		pairs = append(pairs, pair{"wrapped_accessor", w.WrappedAccessor})
	}
	return pairs
}
