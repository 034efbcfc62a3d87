package main

import (
	"errors"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// A disk whose syncs take long makes nobody lose what was acknowledged, and a node whose
// syncs or writes fail gives up at once, whatever the disk may hold then, and goes on from
// it when it is started again.
func TestDisksThatAreSlowOrFail(t *testing.T) {
	if err := procs.CanTamper(); err != nil {
		t.Skip("NO DISK IS MADE SLOW OR FAIL:", err)
	}
	judge(t, false, func(k *campaign) error {
		var errs []error
		for _, name := range []string{"slow the leader's disk", "break the leader's disk", "refuse the leader's writes", "break a follower's disk"} {
			errs = append(errs, k.repeat(t.Context(), name, 1))
		}
		return errors.Join(errs...)
	})
}
