package main

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestUnwrapAcrossProcesses wraps on one node, kills the leader, and has all that
// are left unwrap at once: one of them gets the content, and no disk ever had it.
func TestUnwrapAcrossProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	c := startProcesses(t)
	box := c.jeton(c.nodes[0], "token", "create", "-ttl=1h", "-wrap-ttl=10m", "-field=wrapping_token")
	moved := c.jeton(c.nodes[1], "token", "create", "-ttl=1h", "-wrap-ttl=10m", "-field=wrapping_token")
	leader := c.leader(c.nodes[:])
	leader.end(os.Kill)
	left := c.others(leader)

	var won atomic.Int32
	var token string
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			sh := newShell(t, left[i%2].addr)
			if i%4 < 2 {
				sh.env["JETON_TOKEN"] = c.token
			} // the others have nothing but the wrapping token
			code, out, errs := sh.run(t.Context(), "unwrap", "-field=token", box)
			switch {
			case code == exitDone:
				won.Add(1)
				token = strings.TrimSpace(out)
			case !strings.Contains(errs, "has been unwrapped already at "):
				t.Errorf("exit %d: %s%s", code, out, errs)
			}
		})
	}
	wg.Wait()
	if n := won.Load(); n != 1 {
		t.Fatalf("%d of 8 got the content", n)
	}
	c.jeton(left[0], "token", "lookup", token)
	other := c.jeton(left[1], "unwrap", "-field=token", moved)
	c.secretsStayOffDisk([]string{box, moved, token, other, c.token})
}
