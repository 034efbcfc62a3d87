package bench

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const quickWindow = 50 * time.Millisecond

func runOne(t *testing.T, c Config) Result {
	t.Helper()
	var got []Result
	if err := Run(t.Context(), c, func(r Result) { got = append(got, r) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d results, want 1", len(got))
	}
	return got[0]
}

func TestRunEveryWorkload(t *testing.T) {
	ops := map[string][]string{
		"create": {"create"}, "lookup": {"lookup"}, "lookup-signed": {"lookup"}, "renew": {"renew"}, "use": {"use"}, "use-hot": {"use"},
		"revoke": {"revoke"}, "mixed": {"create", "lookup", "renew", "use", "revoke"}, "write-read": {"create", "lookup", "pair"},
	}
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			s := newFakeServer(t, true)
			r := runOne(t, quick(name, 2, s.URL))
			var got []string
			for _, row := range r.Rows {
				got = append(got, row.Op)
				if row.Count == 0 || len(row.Errors) != 0 {
					t.Errorf("%s: %d done, errors %v", row.Op, row.Count, row.Examples)
				}
				if row.P50 <= 0 || row.P99 < row.P50 || row.Max < row.P99 {
					t.Errorf("%s: p50 %v p99 %v max %v", row.Op, row.P50, row.P99, row.Max)
				}
			}
			if !slices.Equal(got, ops[name]) {
				t.Errorf("rows %v, want %v", got, ops[name])
			}
			if r.Role != RoleLeader || r.Connections != 2 {
				t.Errorf("role %s connections %d", r.Role, r.Connections)
			}
			if _, ok := s.live[s.parent]; ok {
				t.Error("the run's own token was not revoked")
			}
		})
	}
}

func TestUsesAreSpentOnCountedTokens(t *testing.T) {
	for name, tokens := range map[string]int{"use": 3, "use-hot": 1} {
		t.Run(name, func(t *testing.T) {
			s := newFakeServer(t, true)
			r := runOne(t, quick(name, 3, s.URL))
			if len(s.uses) != tokens {
				t.Errorf("%d counted tokens, want %d", len(s.uses), tokens)
			}
			var spent int
			for _, n := range s.uses {
				spent += n
			}
			if uint64(spent) < r.Rows[0].Count {
				t.Errorf("%d uses spent, %d reported", spent, r.Rows[0].Count)
			}
		})
	}
}

func TestConnectionsSpreadOverNodesByRole(t *testing.T) {
	leader, one, two := newFakeServer(t, true), newFakeServer(t, false), newFakeServer(t, false)
	// the fakes share nothing, so the parent must exist on each
	for _, s := range []*fakeServer{leader, one, two} {
		s.live["token-1"] = rootToken
	}
	tests := []struct {
		to, role string
		asked    []*fakeServer
	}{
		{"", RoleMixed, []*fakeServer{leader, one, two}},
		{RoleLeader, RoleLeader, []*fakeServer{leader}},
		{RoleFollower, RoleFollower, []*fakeServer{one, two}},
	}
	for _, tt := range tests {
		t.Run("to "+tt.to, func(t *testing.T) {
			for _, s := range []*fakeServer{leader, one, two} {
				s.asked, s.made = map[string]int{}, 0
				s.live = map[string]string{rootToken: "", "token-1": rootToken}
			}
			c := quick("create", 4, leader.URL, one.URL, two.URL)
			c.To = tt.to
			if r := runOne(t, c); r.Role != tt.role || len(r.Nodes) != len(tt.asked) {
				t.Errorf("role %s nodes %v, want %s and %d", r.Role, r.Nodes, tt.role, len(tt.asked))
			}
			for i, s := range []*fakeServer{leader, one, two} {
				if got, want := s.asked[pathCreate] > 0, slices.Contains(tt.asked, s); got != want {
					t.Errorf("node %d took creates: %v, want %v", i, got, want)
				}
			}
		})
	}
}

func TestErrorsAreCountedByStatus(t *testing.T) {
	s := newFakeServer(t, true)
	refused := 0
	s.refuse = func(r *http.Request) int {
		// every other lookup: 503, over a connection that then ends
		if r.URL.Path != pathLookupSelf {
			return 0
		}
		if refused++; refused%2 == 0 {
			return http.StatusServiceUnavailable
		}
		return 0
	}
	row := runOne(t, quick("lookup", 1, s.URL)).Rows[0]
	if row.Errors["503"] == 0 || row.Count == 0 || len(row.Errors) != 1 {
		t.Errorf("%d done, errors %v", row.Count, row.Errors)
	}
	if !strings.Contains(row.Examples["503"], "refused by the test") {
		t.Errorf("example %q", row.Examples["503"])
	}
}

func TestConnectionsAreRedialled(t *testing.T) {
	s := newFakeServer(t, true)
	s.Config.SetKeepAlivesEnabled(false) // Connection: close on every answer
	row := runOne(t, quick("lookup", 2, s.URL)).Rows[0]
	if row.Count < 2 || len(row.Errors) != 0 {
		t.Errorf("%d done, errors %v", row.Count, row.Examples)
	}
}

func TestServerGoesAway(t *testing.T) {
	s := newFakeServer(t, true)
	c := quick("lookup", 2, s.URL)
	s.refuse = func(r *http.Request) int {
		if r.URL.Path == pathLookupSelf {
			panic(http.ErrAbortHandler) // the connection drops without an answer
		}
		return 0
	}
	row := runOne(t, c).Rows[0]
	if row.Count != 0 || row.Errors["closed"] == 0 {
		t.Errorf("%d done, errors %v", row.Count, row.Errors)
	}
}

func TestRunIsCalledOff(t *testing.T) {
	s := newFakeServer(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	s.refuse = func(r *http.Request) int {
		if r.URL.Path == pathLookupSelf {
			cancel()
		}
		return 0
	}
	c := quick("lookup", 2, s.URL)
	c.Duration = 30 * time.Minute
	if err := Run(ctx, c, func(Result) { t.Error("a result after all") }); err == nil {
		t.Fatal("no error")
	}
	if _, ok := s.live[s.parent]; ok {
		t.Error("the run's own token was not revoked")
	}
}

func TestRevokeEndsWithItsPool(t *testing.T) {
	s := newFakeServer(t, true)
	c := quick("revoke", 1, s.URL)
	w := newWorker(0, 1, c, workload{name: "revoke", step: stepRevoke}, newConn(t.Context(), mustTarget(t, s.URL), time.Minute), rootToken, new(shared))
	defer w.conn.close()
	for range 3 {
		token, err := w.create(w.createRequest)
		if err != nil {
			t.Fatal(err)
		}
		w.pool = append(w.pool, token)
	}
	win := window{from: time.Now(), to: time.Now().Add(time.Hour)}
	w.run(win)
	row, ok := rowOf(opRevoke, []*worker{w}, 1)
	if !ok || row.Count != 3 || len(s.live) != 1 {
		t.Errorf("revoked %d, %d left, want 3 and only root", row.Count, len(s.live))
	}
	if d := elapsed(c, []*worker{w}, win); d <= 0 || d >= time.Hour {
		t.Errorf("elapsed %s, want the time until the pool was empty", d)
	}
}

func TestValidate(t *testing.T) {
	good := quick("create", 1, "127.0.0.1:8200")
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(*Config){
		"no address":         func(c *Config) { c.Addrs = nil },
		"target":             func(c *Config) { c.To = "everyone" },
		"no token":           func(c *Config) { c.Token = "" },
		"token in two lines": func(c *Config) { c.Token = "a\r\nX-Other: b" },
		"no workload":        func(c *Config) { c.Workloads = nil },
		"workload":           func(c *Config) { c.Workloads = []string{"sleep"} },
		"no connections":     func(c *Config) { c.Connections = nil },
		"zero connections":   func(c *Config) { c.Connections = []int{0} },
		"many connections":   func(c *Config) { c.Connections = []int{maxConnections + 1} },
		"duration":           func(c *Config) { c.Duration = 0 },
		"warm-up":            func(c *Config) { c.Warmup = -1 },
		"time-out":           func(c *Config) { c.Timeout = 0 },
		"ttl":                func(c *Config) { c.TTL = c.Duration - 1 },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			c := good
			spoil(&c)
			if err := c.Validate(); err == nil {
				t.Error("accepted")
			}
		})
	}
}
