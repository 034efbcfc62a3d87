package http_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/waypoint"
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
	// Here it opens, and on another server it would not.
	s = newStandOn(t, httptestcluster.Sealed("another"))
	s.cluster.SetHealths([]cluster.Health{
		{ServerID: "n1", Heard: true, SealKeys: []string{"new", "another"}}, {ServerID: "n2"},
		{ServerID: "n3", Heard: true, SealKeys: []string{"new"}},
	})
	s.run(t, []row{{"not on all servers", "POST", restorePath + "-force", root, archive, 400, "which server n3 does not hold"}})
	if _, under := s.cluster.Local().Staging(); under {
		t.Error("something was begun")
	}
}

// The keys of the other cluster count from then on, also for texts that this node has
// verified before, and also under an id that was known here.
func TestRestoreForeignKeys(t *testing.T) {
	old, s := newStand(t), newStand(t)
	for st, key := range map[*stand]string{old: "cd", s: "ab"} { // order: each stands alone
		st.must(200, "POST", "token/bootstrap", "", object{})
		st.must(204, "POST", "jeton/keyring/waypoint/k9", root, object{"key_hex": strings.Repeat(key, 16)})
	}
	text, err := waypoint.Mint(waypoint.New(&waypoint.Login{UserID: waypoint.DefaultUserID}, [16]byte{1}, time.Now(), 0), "k9", []byte(strings.Repeat("\xab", 16)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.must(200, "GET", "auth/token/lookup-self", text, nil)
	}
	operator, _ := s.token(object{"policies": []string{"root"}})
	archive := old.must(200, "GET", restorePath, root, nil).text
	s.must(200, "POST", restorePath+"-force", operator, archive)
	s.must(401, "GET", "auth/token/lookup-self", text, nil)
}
