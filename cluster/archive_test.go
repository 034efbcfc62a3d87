package cluster

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// Nodes make the same archive of the same state, while others write; and what is
// in it is that state.
func testArchives(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	if err := c.create(ctx, 0, "archived", 0); err != nil {
		t.Fatal(err)
	}
	v, err := c.nodes[1].View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		for i := range 50 {
			if err := c.create(ctx, i%3, fmt.Sprintf("meanwhile-%d", i), 0); err != nil {
				done <- err
				return
			}
		}
		close(done)
	}()
	var first []byte
	for i, n := range c.all() {
		var b bytes.Buffer
		if err := WriteArchive(&b, v.State, n.Digest); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b.Bytes()
		} else if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("node %d made another archive of one state", i)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var st *fsm.State
	a, err := snapshot.Read(bytes.NewReader(first), 1<<30, func(_ snapshot.Meta, r io.Reader) (err error) {
		st, err = fsm.ReadState(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if st.Hash() != v.State.Hash() || a.Meta.StateHash != st.Hash().String() || a.Meta.Index != v.State.Index() {
		t.Errorf("archive says %+v, the state is %s at %d", a.Meta, v.State.Hash(), v.State.Index())
	}
	if err := VerifyArchive(a, c.nodes[2].Digest); err != nil {
		t.Error(err)
	}
	if a.Sums[0]++; VerifyArchive(a, c.nodes[2].Digest) != ErrForgedArchive {
		t.Error("another's archive is vouched for")
	}
}
