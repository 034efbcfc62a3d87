package http

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

const healthAsks = "standbyok perfstandbyok activecode standbycode uninitcode sealedcode haunhealthycode"

// health is for load balancers: the status says what the node is, and query
// parameters say which status to give for what.
//
//	what the node is                          status  parameter
//	leader                                    200     activecode
//	follower                                  429     standbycode; standbyok=true: as the leader
//	not initialized                           501     uninitcode
//	keyring not open                          503     sealedcode
//	no contact with a leader and its quorum,  503     haunhealthycode
//	or the servers' states differ
//
// Each node is one of these by its own knowledge: nobody is asked, so that a
// node in trouble answers as fast as any.
func health(c *call) (answer, error) {
	st := c.s.cluster.Status()
	status, err := c.healthStatus(st)
	if err != nil {
		return answer{}, err
	}
	says := object{
		"initialized":                  st.Initialized,
		"sealed":                       sealed(st),
		"standby":                      !st.Leader,
		"performance_standby":          false,
		"replication_performance_mode": "disabled",
		"replication_dr_mode":          "disabled",
		"server_time_utc":              time.Now().Unix(),
		"version":                      c.s.version,
		"cluster_name":                 st.ClusterName,
		"cluster_id":                   st.ClusterID,
		"quorum":                       st.HasQuorum,
	}
	if st.Doubtful {
		says["states_differ"] = true
	}
	if n := c.s.audit.failing(); n > 0 {
		says["failing_audit_devices"] = n
	}
	if n := c.s.overdueSnapshots(); n > 0 {
		says["overdue_snapshots"] = n
	}
	return answer{status: status, bare: says}, nil
}

// overdueSnapshots counts schedules by this node's state and clock, so that a cluster in
// which nothing is logged any more is found out too.
func (s *Server) overdueSnapshots() int {
	st := s.cluster.Local()
	return st.OverdueSnapshots(max(st.Clock, fsm.Instant(time.Now().UnixNano())))
}

func (c *call) healthStatus(st cluster.Status) (int, error) {
	codes := map[string]int{
		"activecode": http.StatusOK, "standbycode": http.StatusTooManyRequests,
		"uninitcode": http.StatusNotImplemented, "sealedcode": http.StatusServiceUnavailable,
		"haunhealthycode": http.StatusServiceUnavailable,
	}
	for name := range codes { // order: the answer is one of them, wrong ones are all refused
		if !c.query.Has(name) {
			continue
		}
		code, err := strconv.Atoi(c.query.Get(name))
		// Below 200 a status is no answer, above 599 it is none at all.
		if err != nil || code < 200 || code > 599 {
			return 0, invalid("query parameter %s is %s, expected a status from 200 to 599", name, quote(c.query.Get(name)))
		}
		codes[name] = code
	}
	standbyOK, err := c.queryFlag("standbyok")
	if err != nil {
		return 0, err
	}
	// Vault's performance standbys and other kinds of nodes do not exist here.
	if _, err := c.queryFlag("perfstandbyok"); err != nil {
		return 0, err
	}
	switch {
	case !st.Initialized:
		return codes["uninitcode"], nil
	case sealed(st):
		return codes["sealedcode"], nil
	case !st.HasQuorum, st.Doubtful:
		return codes["haunhealthycode"], nil
	case st.Leader || standbyOK:
		return codes["activecode"], nil
	}
	return codes["standbycode"], nil
}

// queryFlag is a query parameter that is true when it stands there alone.
func (c *call) queryFlag(name string) (bool, error) {
	text := c.query.Get(name)
	if text == "" {
		return c.query.Has(name), nil
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		return false, invalid("query parameter %s is %s, expected true or false", name, quote(text))
	}
	return v, nil
}
