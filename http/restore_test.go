package http_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

const restorePath = "sys/storage/raft/snapshot"

func TestRestore(t *testing.T) {
	for _, path := range []string{restorePath, restorePath + "-force", restorePath + "?forget_revocations=true"} {
		t.Run(path, func(t *testing.T) {
			s := newStand(t)
			dead, _ := s.token(object{"policies": []string{"default"}})
			kept, _ := s.token(object{"policies": []string{"default"}})
			archive := s.must(200, "GET", restorePath, root, nil).text
			s.must(204, "POST", "auth/token/revoke", root, object{"token": dead})
			lost, _ := s.token(object{"policies": []string{"default"}})
			epoch := s.cluster.Local().Epoch
			data := s.must(200, "PUT", path, root, archive).data()
			if s.cluster.Local().Epoch != epoch+1 || data["lost"] != 1.0 {
				t.Fatalf("%v", data)
			}
			status, dies := 403, 1.0
			if strings.Contains(path, "forget") {
				status, dies = 200, 0
			}
			if data["kept_dead"] != dies || data["revived"] != 1-dies {
				t.Errorf("%v", data)
			}
			s.must(status, "GET", "auth/token/lookup-self", dead, nil)
			s.must(200, "GET", "auth/token/lookup-self", kept, nil)
			s.must(403, "GET", "auth/token/lookup-self", lost, nil)
			s.must(200, "POST", restorePath, root, archive) // and once more, over another connection
		})
	}
}

func TestHostileRestores(t *testing.T) {
	s := newStand(t)
	plain, _ := s.token(object{"policies": []string{"default"}})
	s.must(204, "POST", "sys/policies/acl/update", root, object{"policy": `path "` + restorePath + `" { capabilities = ["update"] }`})
	update, _ := s.token(object{"policies": []string{"update"}})
	archive := s.must(200, "GET", restorePath, root, nil).text
	foreign := newStand(t)
	var other bytes.Buffer
	if err := cluster.WriteArchive(&other, fsm.NewMachine().View(), foreign.cluster.Digest); err != nil {
		t.Fatal(err)
	}
	forged := rewrite(t, archive)
	epoch := s.cluster.Local().Epoch
	s.run(t, []row{
		{"nobody", "POST", restorePath, "", archive, 403, "permission denied"},
		{"without a right", "POST", restorePath, plain, archive, 403, "permission denied"},
		{"without sudo", "POST", restorePath, update, archive, 403, "permission denied"},
		{"no body", "POST", restorePath, root, nil, 400, "cut off"},
		{"no archive", "POST", restorePath, root, "this is no archive, and long enough for one", 400, "not an archive"},
		{"cut off", "POST", restorePath, root, archive[:len(archive)/2], 400, "cut off"},
		{"another cluster's", "POST", restorePath, root, other.String(), 400, "made before its cluster was initialized"},
		{"sealed by nobody", "POST", restorePath, root, forged, 400, "not its cluster's seal"},
		{"another flag", "POST", restorePath + "?forget_revocations=perhaps", root, archive, 400, "forget_revocations"},
	})
	st := s.cluster.Local()
	if _, under := st.Staging(); under || st.Epoch != epoch {
		t.Error("something was left")
	}
	s.must(415, "POST", restorePath, root, archive, "Content-Encoding", "gzip")
}

// stream writes itself as often as it is asked to.
type stream []byte

func (s stream) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(s)
	return int64(n), err
}

// rewrite makes the same archive with a seal that is nobody's.
func rewrite(t *testing.T, archive string) string {
	var state []byte
	c, err := snapshot.Read(strings.NewReader(archive), 1<<30, func(_ snapshot.Meta, r io.Reader) (err error) {
		state, err = io.ReadAll(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = snapshot.Write(&out, c.Meta, stream(state), func([]byte) ([]byte, error) { return []byte("nobody\n"), nil })
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
