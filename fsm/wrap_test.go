package fsm_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// A wrapping token is Vault's: an orphan of the request's path with one use and
// one policy, which can neither be renewed nor outlive its ttl.
func TestWrapMakesAWrappingToken(t *testing.T) {
	l := fsmtest.New(t)
	made := l.Must("", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.WrappedAccessor = fsmtest.Accessor("inside") })).(*fsm.Wrapped)
	want := fsm.Wrapped{
		Accessor: fsmtest.Accessor("w"), Path: "cubbyhole/a", CreatedAt: l.At, TTL: time.Minute, WrappedAccessor: fsmtest.Accessor("inside"),
	}
	if *made != want {
		t.Errorf("made %+v, want %+v", *made, want)
	}
	w := l.Token("w")
	if !slices.Equal(w.Policies, []string{"response-wrapping"}) || w.NumUses != 1 || w.UsesLeft != 1 || !w.Parent.IsZero() ||
		w.Renewable || w.TTL != time.Minute || w.ExplicitMaxTTL != time.Minute || w.Deadline != l.At.Add(time.Minute) || w.Path != "cubbyhole/a" {
		t.Errorf("the token has policies %v, %d of %d uses, parent %s, renewable %t, ttl %s of %s, until %v, from %s",
			w.Policies, w.UsesLeft, w.NumUses, w.Parent, w.Renewable, w.TTL, w.ExplicitMaxTTL, w.Deadline, w.Path)
	}
	caps := map[string][]string{
		"sys/wrapping/unwrap": {"update"}, "cubbyhole/response": {"create", "read"},
		"sys/wrapping/rewrap": {"deny"}, "auth/token/lookup-self": {"deny"}, "cubbyhole/other": {"deny"},
	}
	for path, want := range caps { // order: each stands alone
		if got := l.State().CapabilitiesOf(w, path); !slices.Equal(got, want) {
			t.Errorf("on %s it has %v, want %v", path, got, want)
		}
	}
	l.Refused("root", fsmtest.Renew("w", time.Hour), fsm.NotRenewable)
	l.Refused("root", fsmtest.Create("x", fsmtest.Policies("response-wrapping")), fsm.PolicyUnassignable)
}

// Without a caller a Wrap follows a request that was judged; with one it is the
// request sys/wrapping/wrap.
func TestWrapByACaller(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("wrapper", fsmtest.Allow("sys/wrapping/wrap", policy.Update)))
	l.Create("root", "may", fsmtest.Policies("wrapper"), fsmtest.Uses(1))
	l.Create("root", "may-not", fsmtest.Policies("none"), func(c *fsm.TokenCreate) { c.NoDefaultPolicy = true })
	l.Refused("may-not", fsmtest.Wrap("w1"), fsm.PermissionDenied)
	l.Must("may", fsmtest.Wrap("w2"))
	l.Refused("may", fsmtest.Wrap("w3"), fsm.PermissionDenied) // its use was spent
	l.Refused("nobody", fsmtest.Wrap("w4"), fsm.PermissionDenied)
	l.Refused("root", fsmtest.Wrap("w2"), fsm.TokenExists)
	for name, want := range map[string]bool{"w1": false, "w2": true, "w3": false, "w4": false} { // order: each stands alone
		if l.Alive(name) != want {
			t.Errorf("%s lives: %v, want %v", name, !want, want)
		}
	}
}

// However often and by whomever it is tried: one gets the content.
func TestUnwrapOnce(t *testing.T) {
	self := &fsm.Unwrap{}
	other := func() *fsm.Unwrap { return fsmtest.Unwrap("w") }
	tests := []struct {
		name   string
		caller string
		first  *fsm.Unwrap
	}{
		{"by itself", "w", self},
		{"by itself, naming itself", "w", other()},
		{"by another", "root", other()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.WrappedAccessor = fsmtest.Accessor("inside") }))
			got := l.Must(tt.caller, tt.first).(*fsm.Unwrapped)
			if string(got.Box) != "w" || got.Path != "cubbyhole/a" || got.WrappedAccessor != fsmtest.Accessor("inside") {
				t.Errorf("got %+v", *got)
			}
			at := l.At
			l.Wait(time.Second)
			l.Refused("w", self, fsm.PermissionDenied)
			l.Refused("root", other(), fsm.WrappingUnknown)
			l.Refused("root", fsmtest.Rewrap("w", "x"), fsm.WrappingUnknown)
			if _, held := l.State().WrappedBy(fsmtest.Digest("w")); held {
				t.Error("the content is still there")
			}
			end, known := l.State().EndOf(fsmtest.Digest("w"), l.At)
			if !known || end.Cause != fsm.ContentTaken || end.At != at || end.Actor != fsmtest.Accessor(tt.caller) {
				t.Errorf("remembered as %+v", end)
			}
			if err := fsm.CheckInvariants(l.State()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A retry of the request that took the content is answered from the window.
func TestUnwrapIsHeldForItsRequest(t *testing.T) {
	for _, caller := range []string{"w", "root"} {
		l := fsmtest.New(t)
		l.Must("", fsmtest.Wrap("w"))
		cmd := fsmtest.Unwrap("w")
		env := keyed(l, caller, "key", "body", cmd)
		first := outcome(t, cmd, raw(l, env)[0])
		again := outcome(t, cmd, raw(l, env)[0])
		if first.Err != nil || again.Err != nil || !bytes.Equal(first.Result.(*fsm.Unwrapped).Box, again.Result.(*fsm.Unwrapped).Box) {
			t.Fatalf("retry got %+v, want %+v", again, first)
		}
		elsewhere := keyed(l, caller, "key", "body", cmd) // the same key under another request id
		if o := outcome(t, cmd, raw(l, elsewhere)[0]); !o.Replayed || o.Err != nil || len(o.Result.(*fsm.Unwrapped).Box) == 0 {
			t.Fatalf("retry with the client's key got %+v", o)
		}
	}
}

// A wrapping token that is used for anything else has been used.
func TestWrappingTokenOnOtherPaths(t *testing.T) {
	for name, cmd := range map[string]fsm.Command{
		"lookup-self": fsmtest.LookupSelf(),
		"rewrap":      fsmtest.Rewrap("w", "x"),
		"create":      fsmtest.Create("x"),
		"another":     fsmtest.Unwrap("v"),
	} {
		t.Run(name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("", fsmtest.Wrap("w"))
			l.Do("w", cmd)
			l.Refused("root", fsmtest.Unwrap("w"), fsm.WrappingUnknown)
			if end, known := l.State().EndOf(fsmtest.Digest("w"), l.At); !known || end.Cause != fsm.Exhausted {
				t.Errorf("remembered as %+v", end)
			}
			l.Must("root", fsmtest.Wrap("next")) // what the window held for the request goes
			if _, held := l.State().WrappedBy(fsmtest.Digest("w")); held {
				t.Error("the content is still there")
			}
		})
	}
}

func TestRewrap(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.WrappedAccessor = fsmtest.Accessor("inside") }))
	l.Wait(30 * time.Second)
	l.Refused("root", &fsm.Rewrap{Old: fsmtest.Digest("w"), Token: fsmtest.Digest("x"), Accessor: fsmtest.Accessor("x")}, fsm.WrappingUnknown)
	l.Refused("root", fsmtest.Rewrap("w", "w"), fsm.TokenBuried)
	if !l.Alive("w") {
		t.Fatal("a refused rewrap ended the token")
	}
	made := l.Must("root", fsmtest.Rewrap("w", "x")).(*fsm.Wrapped)
	want := fsm.Wrapped{
		Accessor: fsmtest.Accessor("x"), Path: "cubbyhole/a", CreatedAt: l.At, TTL: time.Minute, WrappedAccessor: fsmtest.Accessor("inside"),
	}
	if *made != want {
		t.Errorf("made %+v, want %+v", *made, want)
	}
	if end, known := l.State().EndOf(fsmtest.Digest("w"), l.At); !known || end.Cause != fsm.ContentMoved {
		t.Errorf("the old token is remembered as %+v", end)
	}
	l.Refused("root", fsmtest.Unwrap("w"), fsm.WrappingUnknown)
	short := fsmtest.Rewrap("x", "y")
	short.TTL = 10 * time.Second
	long := fsmtest.Rewrap("y", "z")
	long.TTL = time.Hour
	for _, c := range []*fsm.Rewrap{short, long} {
		if got := l.Must("root", c).(*fsm.Wrapped).TTL; got != 10*time.Second {
			t.Errorf("ttl %s, want no more than asked and no more than it was", got)
		}
	}
	if got := l.Must("root", fsmtest.Unwrap("z")).(*fsm.Unwrapped); string(got.Box) != "z" {
		t.Errorf("got %q", got.Box)
	}
}

// What ends a wrapping token ends its content, and nothing that is inside.
func TestWrappedContentGoesWithItsToken(t *testing.T) {
	for name, end := range map[string]func(*fsmtest.Lab){
		"revoked": func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("w")) },
		"expired": func(l *fsmtest.Lab) { l.Wait(time.Minute) },
		"by path": func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "cubbyhole"}) },
		"accessor": func(l *fsmtest.Lab) {
			l.Must("root", &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor, Accessor: fsmtest.Accessor("w")}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Create("root", "inside", fsmtest.TTL(time.Hour))
			l.Must("", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.WrappedAccessor = fsmtest.Accessor("inside") }))
			end(l)
			if _, _, ok := l.State().LiveWrapping(fsmtest.Digest("w"), l.At); ok {
				t.Error("can still be used")
			}
			l.Refused("root", fsmtest.Unwrap("w"), fsm.WrappingUnknown)
			if _, known := l.State().EndOf(fsmtest.Digest("w"), l.At); !known {
				t.Error("nothing is known of its end")
			}
			l.Clean(1)
			if _, held := l.State().WrappedBy(fsmtest.Digest("w")); held {
				t.Error("the content is still there")
			}
			if !l.Alive("inside") {
				t.Error("the token inside died")
			}
			if err := fsm.CheckInvariants(l.State()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOrdinaryTokensHoldNothing(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.Policies("default"))
	l.Refused("t", &fsm.Unwrap{}, fsm.WrappingUnknown)
	l.Refused("root", fsmtest.Unwrap("t"), fsm.WrappingUnknown)
	l.Refused("root", fsmtest.Rewrap("t", "x"), fsm.WrappingUnknown)
	if !l.Alive("t") {
		t.Error("the token died of it")
	}
}

// The bounds on wrapping that a policy sets are judged with the request; a Wrap
// that follows one is not judged again.
func TestWrappingTTLIsJudgedWithTheRequest(t *testing.T) {
	l := fsmtest.New(t)
	rule := fsmtest.Allow("cubbyhole/*", policy.Create|policy.Update)
	rule.MinWrappingTTL, rule.MaxWrappingTTL = time.Minute, time.Hour
	l.Must("root", fsmtest.Policy("wrapped", rule))
	l.Create("root", "t", fsmtest.Policies("wrapped"), func(c *fsm.TokenCreate) { c.NoDefaultPolicy = true })
	for ttl, want := range map[time.Duration]bool{ // order: each stands alone
		0: false, 59 * time.Second: false, time.Minute: true, time.Hour: true, 61 * time.Minute: false,
	} {
		env := l.Envelope("t", &fsm.CubbyholeSet{Path: "a", Value: []byte("v")})
		env.Caller.WrapTTL = ttl
		if o := l.Entry(env)[0]; (o.Err == nil) != want {
			t.Errorf("wrapping ttl %s: %v, want allowed %v", ttl, o.Err, want)
		}
	}
}

func TestWrapShapes(t *testing.T) {
	big := bytes.Repeat([]byte{1}, fsm.MaxWrappedBytes+1)
	tests := []struct {
		name string
		cmd  fsm.Command
		code fsm.Code
	}{
		{"no token", &fsm.Wrap{}, fsm.Invalid},
		{"short accessor", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.Accessor = "x" }), fsm.Invalid},
		{"short wrapped accessor", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.WrappedAccessor = "x" }), fsm.Invalid},
		{"no path", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.Path = "" }), fsm.Invalid},
		{"long path", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.Path = string(big[:513]) }), fsm.Invalid},
		{"no ttl", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.TTL = 0 }), fsm.Invalid},
		{"a fraction", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.TTL = 1500 * time.Millisecond }), fsm.Invalid},
		{"too long", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.TTL = fsm.MaxTTL + time.Second }), fsm.Invalid},
		{"empty", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.Box = nil }), fsm.Invalid},
		{"too large", fsmtest.Wrap("w", func(c *fsm.Wrap) { c.Box = big }), fsm.Limit},
		{"rewrap of nothing", &fsm.Rewrap{Token: fsmtest.Digest("x"), Accessor: fsmtest.Accessor("x")}, fsm.Invalid},
		{"rewrap into nothing", &fsm.Rewrap{Old: fsmtest.Digest("x"), Accessor: fsmtest.Accessor("x")}, fsm.Invalid},
		{"rewrap too large", &fsm.Rewrap{Old: fsmtest.Digest("w"), Token: fsmtest.Digest("x"), Accessor: fsmtest.Accessor("x"), Box: big}, fsm.Limit},
		{"rewrap for less than nothing", &fsm.Rewrap{Old: fsmtest.Digest("w"), Token: fsmtest.Digest("x"), Accessor: fsmtest.Accessor("x"), TTL: -1}, fsm.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err, ok := tt.cmd.Validate().(*fsm.Error); !ok || err.Code != tt.code {
				t.Errorf("got %v, want a verdict with code %d", tt.cmd.Validate(), tt.code)
			}
		})
	}
	whole := fsmtest.Wrap("w", func(c *fsm.Wrap) { c.Box = big[1:]; c.Path = string(big[:512]); c.WrappedAccessor = c.Accessor })
	l := fsmtest.New(t)
	env := keyed(l, "root", "key", "body", whole)
	env.Key.Sealed = big[:fsm.MaxSealedSecretBytes]
	if n := len(env.Encode()); n > fsm.MaxCommandBytes {
		t.Errorf("the largest Wrap has %d bytes, at most %d can be logged", n, fsm.MaxCommandBytes)
	}
	l.Entry(env)
	if got := l.Must("root", fsmtest.Unwrap("w")).(*fsm.Unwrapped); len(got.Box) != fsm.MaxWrappedBytes {
		t.Errorf("%d bytes came back", len(got.Box))
	}
}
