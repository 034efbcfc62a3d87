package http_test

import (
	"bytes"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// readArchive is the state in an archive.
func readArchive(t *testing.T, archive []byte) (*snapshot.Contents, *fsm.State) {
	t.Helper()
	var st *fsm.State
	c, err := snapshot.Read(bytes.NewReader(archive), math.MaxInt64, func(_ snapshot.Meta, r io.Reader) (err error) {
		st, err = fsm.ReadState(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, st
}

// What is saved is the state, told by its hash, and twice the same is the same.
func TestSnapshot(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}})
	got := s.must(200, "GET", "sys/storage/raft/snapshot", root, nil)
	c, st := readArchive(t, []byte(got.text))
	now := s.cluster.Local()
	if st.Hash() != now.Hash() || c.Meta.StateHash != now.Hash().String() || c.Meta.Index != now.Index() {
		t.Errorf("saved is %+v, want hash %s at %d", c.Meta, now.Hash(), now.Index())
	}
	if h := got.header; h.Get("Content-Type") != "application/gzip" || h.Get("X-Jeton-Index") != strconv.FormatUint(now.Index(), 10) {
		t.Errorf("headers are %v", h)
	}
	if digest, _ := s.cluster.Digest(token); func() bool { _, ok := st.Live(digest, st.Clock); return !ok }() {
		t.Error("the token is not in what was saved")
	}
	if again := s.must(200, "GET", "sys/storage/raft/snapshot/", root, nil); again.text != got.text {
		t.Error("the same state was saved in other bytes")
	}
}

func TestHostileSnapshots(t *testing.T) {
	s := newStand(t)
	plain, _ := s.token(object{"policies": []string{"default"}})
	s.run(t, []row{
		{"nobody", "GET", "sys/storage/raft/snapshot", "", nil, 403, "permission denied"},
		{"without a right", "GET", "sys/storage/raft/snapshot", plain, nil, 403, "permission denied"},
		{"DELETE", "DELETE", "sys/storage/raft/snapshot", root, nil, 405, "unsupported operation"},
	})
}

func TestClientsSnapshot(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		var archive bytes.Buffer
		if err := c.snapshot(&archive); err != nil {
			t.Fatal(err)
		}
		if _, st := readArchive(t, archive.Bytes()); st.Hash() != s.cluster.Local().Hash() {
			t.Error("the archive is not of the state")
		}
	})
}

// stuck is a client that takes nothing until it is let go.
type stuck struct {
	*httptest.ResponseRecorder
	reached, letGo chan struct{}
	err            error
}

func (s *stuck) Write(b []byte) (int, error) {
	if s.reached != nil {
		close(s.reached)
		s.reached = nil
		<-s.letGo
	}
	if s.err != nil {
		return 0, s.err
	}
	return s.ResponseRecorder.Write(b)
}

func (s *stand) snapshotTo(w http.ResponseWriter) (cut bool) {
	defer func() { cut = recover() == http.ErrAbortHandler }()
	req := httptest.NewRequest("GET", "/v1/sys/storage/raft/snapshot", nil)
	req.Header.Set("X-Vault-Token", root)
	s.handler.ServeHTTP(w, req)
	return false
}

// Two clients that take nothing hold up no others but those who want a third
// archive; and one that goes away gives its place back.
func TestSnapshotsAreFew(t *testing.T) {
	s := newStand(t)
	letGo, ended := make(chan struct{}), make(chan bool)
	for _, err := range []error{nil, net.ErrClosed} {
		w := &stuck{httptest.NewRecorder(), make(chan struct{}), letGo, err}
		reached := w.reached
		go func() { ended <- s.snapshotTo(w) }()
		<-reached
	}
	if no := s.must(503, "GET", "sys/storage/raft/snapshot", root, nil); !strings.Contains(no.errors(), "two snapshots") {
		t.Errorf("refused with %s", no.text)
	}
	s.token(object{})
	close(letGo)
	if first, second := <-ended, <-ended; first == second {
		t.Errorf("cut off: %v and %v, want the one that went away", first, second)
	}
	s.must(200, "GET", "sys/storage/raft/snapshot", root, nil)
}
