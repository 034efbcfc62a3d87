package http

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// serverMetrics counts one server's requests and reads its node's state when
// somebody looks.
type serverMetrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// latencyBuckets are milliseconds: a read takes one, a write through a slow
// disk a hundred.
var latencyBuckets = []float64{0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384}

func newServerMetrics(node nodeView) *serverMetrics {
	m := &serverMetrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: metricRequests.prometheus(), Help: metricRequests.help,
		}, []string{"route", "method", "class"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: metricLatency.prometheus(), Help: metricLatency.help, Buckets: latencyBuckets,
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: metricInFlight.prometheus(), Help: metricInFlight.help,
		}),
	}
	m.registry.MustRegister(m.requests, m.latency, m.inFlight, nodeCollector{node})
	return m
}

// observe counts one answered request. The route is the template of its path,
// never the path, which may hold names and in old forms tokens.
func (m *serverMetrics) observe(route, method string, status int, took time.Duration) {
	if !knownMethods[method] {
		method = "other" // a client could make up as many as it likes
	}
	m.requests.WithLabelValues(route, method, statusClass(status)).Inc()
	m.latency.WithLabelValues(route).Observe(float64(took) / float64(time.Millisecond))
}

var knownMethods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "LIST": true, "OPTIONS": true,
}

func statusClass(status int) string { return strconv.Itoa(status/100) + "xx" }

// nodeView is what the gauges are read from.
type nodeView interface {
	Local() *fsm.State
	Status() cluster.Status
}

// nodeCollector reads gauges off the node at the moment of a scrape.
type nodeCollector struct{ node nodeView }

var stateGauges = []struct {
	desc  *prometheus.Desc
	value func(*fsm.State) float64
}{
	{metricTokens.desc(), func(s *fsm.State) float64 { return float64(s.CountTokens()) }},
	{metricPolicies.desc(), func(s *fsm.State) float64 { return float64(len(s.PolicyNames())) }},
	{metricRoles.desc(), func(s *fsm.State) float64 { return float64(len(s.RoleNames())) }},
	{metricLeases.desc(), func(s *fsm.State) float64 { n := s.CountAllLeases(); return float64(n.Issuing + n.Live) }},
	{metricRevoking.desc(), func(s *fsm.State) float64 { n := s.CountAllLeases(); return float64(n.Revoking + n.Irrevocable) }},
	{metricStuck.desc(), func(s *fsm.State) float64 { return float64(s.CountAllLeases().Irrevocable) }},
	{metricIndex.desc(), func(s *fsm.State) float64 { return float64(s.Index()) }},
	{metricClock.desc(), func(s *fsm.State) float64 { return float64(s.Clock) / float64(time.Second) }},
	{metricLevel.desc(), func(s *fsm.State) float64 { return float64(s.Level) }},
}

var statusGauges = []struct {
	desc  *prometheus.Desc
	value func(cluster.Status) float64
}{
	{metricInitialized.desc(), func(s cluster.Status) float64 { return oneIf(s.Initialized) }},
	{metricLeads.desc(), func(s cluster.Status) float64 { return oneIf(s.Leader) }},
	{metricQuorum.desc(), func(s cluster.Status) float64 { return oneIf(s.HasQuorum) }},
	{metricTerm.desc(), func(s cluster.Status) float64 { return float64(s.Term) }},
	{metricCommit.desc(), func(s cluster.Status) float64 { return float64(s.Commit) }},
	{metricApplied.desc(), func(s cluster.Status) float64 { return float64(s.Applied) }},
}

var membersDesc = metricMembers.desc("voter", "alive")

var (
	snapshotLastDesc     = metricSnapshotLast.desc("schedule")
	snapshotOverdueDesc  = metricSnapshotOverdue.desc("schedule")
	snapshotFailuresDesc = metricSnapshotFailures.desc("schedule")
)

// Describe implements prometheus.Collector.
func (c nodeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, g := range stateGauges {
		out <- g.desc
	}
	for _, g := range statusGauges {
		out <- g.desc
	}
	out <- membersDesc
	out <- snapshotLastDesc
	out <- snapshotOverdueDesc
	out <- snapshotFailuresDesc
}

// Collect implements prometheus.Collector.
func (c nodeCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	state, status := c.node.Local(), c.node.Status()
	for _, g := range stateGauges {
		gauge(g.desc, g.value(state))
	}
	for _, g := range statusGauges {
		gauge(g.desc, g.value(status))
	}
	now := max(state.Clock, fsm.Instant(time.Now().UnixNano()))
	for _, s := range state.SnapshotSchedules() {
		last, at, failures := state.SnapshotStatus(s.Name), 0.0, 0.0
		if last != nil {
			at, failures = float64(last.Good.Started)/float64(time.Second), float64(last.Failures)
		}
		gauge(snapshotLastDesc, at, s.Name)
		gauge(snapshotOverdueDesc, oneIf(s.Overdue(last, now)), s.Name)
		gauge(snapshotFailuresDesc, failures, s.Name)
	}
	members := map[[2]bool]float64{}
	for _, m := range status.Members {
		members[[2]bool{m.Voter, m.Alive}]++
	}
	for kind, n := range members {
		gauge(membersDesc, n, strconv.FormatBool(kind[0]), strconv.FormatBool(kind[1]))
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
