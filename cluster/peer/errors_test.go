package peer

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestNotHandled(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("some other"), false},
		{ErrFailed, false},
		{ErrUnknownOutcome, false},
		{ErrUnreachable, true},
		{ErrNotLeader, true},
		{fmt.Errorf("propose: %w", ErrOverloaded), true},
		{&CallError{Status: ErrNoLeader}, true},
		{&CallError{Status: ErrFailed}, false},
		{fmt.Errorf("%w: %w", ErrUnknownOutcome, ErrNotLeader), false},
		{fmt.Errorf("%w: %w", ErrNotLeader, ErrUnknownOutcome), false},
	} {
		if got := NotHandled(tt.err); got != tt.want {
			t.Errorf("NotHandled(%v) = %v", tt.err, got)
		}
	}
}

func TestStatusOf(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want *status
	}{
		{errors.New("x"), ErrFailed},
		{ErrNotReady, ErrNotReady},
		{fmt.Errorf("a: %w", ErrNotLeader), ErrNotLeader},
		{context.DeadlineExceeded, ErrUnknownOutcome},
		{fmt.Errorf("a: %w", context.Canceled), ErrUnknownOutcome},
		{fmt.Errorf("%w: %w", ErrNotLeader, ErrUnknownOutcome), ErrUnknownOutcome},
		{ErrUnreachable, ErrFailed}, // ours, says nothing about the peer's
	} {
		if got := statusOf(tt.err); got != tt.want {
			t.Errorf("statusOf(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestUnknownStatusIsFailed(t *testing.T) {
	for code := range 256 {
		s := statusByCode(byte(code))
		if s == nil || s.code != byte(code) && s != ErrFailed {
			t.Errorf("code %d: %v", code, s)
		}
	}
}
