package http_test

import (
	"testing"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// An archive founds a cluster that nobody has initialized: without a token, and with
// the archive's tokens from then on.
func TestRestoreFounds(t *testing.T) {
	old := newStand(t)
	token, _ := old.token(object{"policies": []string{"default"}})
	archive := old.must(200, "GET", restorePath, root, nil).text
	for name, path := range map[string]string{"plain": restorePath, "forced": restorePath + "-force"} { // order: each stands alone
		t.Run(name, func(t *testing.T) {
			s := newStandOn(t, httptestcluster.Uninitialized())
			s.must(503, "GET", "auth/token/lookup-self", root, nil)
			s.run(t, []row{
				{"cut off", "POST", path, "", archive[:len(archive)/2], 400, "cut off"},
				{"forged", "POST", path, "", rewrite(t, archive), 400, "not its cluster's seal"},
			})
			if st := s.cluster.Local(); st.Initialized() {
				t.Fatal("initialized by a bad archive")
			}
			// a token that nobody knows does no harm: clients have old ones lying about
			data := s.must(200, "POST", path, "whatever", archive).data()
			if data["tokens"] != 2.0 || data["lost"] != 0.0 {
				t.Errorf("%v", data)
			}
			s.must(200, "GET", "auth/token/lookup-self", token, nil)
			s.must(403, "POST", path, "", archive)
			s.must(200, "POST", path, root, archive) // of this very cluster by now
		})
	}
}

// A cluster that has its own tokens takes another's archive only by force, and loses
// everything but the token of who does it.
func TestRestoreForeign(t *testing.T) {
	old, s := newStand(t), newStand(t)
	there, _ := old.token(object{"policies": []string{"default"}})
	archive := old.must(200, "GET", restorePath, root, nil).text
	here, _ := s.token(object{"policies": []string{"default"}})
	operator, _ := s.token(object{"policies": []string{"root"}})
	epoch := s.cluster.Local().Epoch
	s.must(400, "POST", restorePath, operator, archive)
	if s.cluster.Local().Epoch != epoch {
		t.Fatal("restored without force")
	}
	data := s.must(200, "POST", restorePath+"-force", operator, archive).data()
	if data["tokens"] != 3.0 || data["lost"] != 3.0 {
		t.Errorf("%v", data)
	}
	s.must(200, "GET", "auth/token/lookup-self", operator, nil)
	s.must(200, "GET", "auth/token/lookup-self", there, nil)
	s.must(403, "GET", "auth/token/lookup-self", here, nil)
}

// Without the seal key an archive is of no use, and nothing is begun with it.
func TestRestoreWithoutTheSealKey(t *testing.T) {
	old := newStandOn(t, httptestcluster.Sealed("another"))
	archive := old.must(200, "GET", restorePath, root, nil).text
	s := newStandOn(t, httptestcluster.Uninitialized())
	s.run(t, []row{{"another seal key", "POST", restorePath, "", archive, 400, "the archive needs another, this node has test"}})
	if _, under := s.cluster.Local().Staging(); under {
		t.Error("something was begun")
	}
}
