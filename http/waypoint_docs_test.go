package http_test

import (
	"encoding/hex"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/waypoint"
)

// The examples of docs/waypoint.md do what they show: those of a Waypoint server's
// place being taken on a cluster of their own, since there nobody has bootstrapped.
func TestWaypointExamples(t *testing.T) {
	before, after, _ := strings.Cut(readDoc(t, "waypoint.md"), "\n## Taking the place of a Waypoint server\n")
	key := []byte("a signing key of 32 bytes, old..")
	old, err := waypoint.Mint(waypoint.New(&waypoint.Login{UserID: "01HV2Q0J8W6Z1T5D9K3M7N4R8X"}, [waypoint.AccessorBytes]byte{1}, time.Now(), 0), "k1", key)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		text  string
		least int
	}{{before, 35}, {after, 10}} {
		// A runner waits for half of the time that a request may take.
		s := newServer(t, httpd.Config{Cluster: httptestcluster.New(), Limits: httpd.Limits{RequestTimeout: 6 * time.Second}})
		server := httptest.NewServer(s.Handler())
		defer server.Close()
		sh := shell{t, map[string]string{"JETON_ADDR": server.URL, "ROOT": root, "KEY": hex.EncodeToString(key), "OLD": old}}
		if n := sh.examples(part.text); n < part.least {
			t.Errorf("found only %d examples", n)
		}
	}
	if fsm.RunnerPatience != 2*time.Minute || fsm.MaxLogLines != 64 || fsm.MaxTTL != 87600*time.Hour {
		t.Error("docs/waypoint.md has other bounds")
	}
}
