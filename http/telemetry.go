package http

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/armon/go-metrics"
	promsink "github.com/armon/go-metrics/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics receives what this process measures: raft, its log store, gossip and
// package cluster report to the global registry of armon/go-metrics, which
// there is one of in a process. The servers of this process show it, each with
// its own requests and its own state beside it.
type Metrics struct {
	recent  *metrics.InmemSink   // of the global registry, the last minute: for the JSON form
	reports *prometheus.Registry // of the global registry, since the start: for Prometheus
	process *prometheus.Registry // of the Go runtime and the operating system
}

const (
	recentInterval = 10 * time.Second
	recentRetained = time.Minute
)

// InstallMetrics makes the global registry of this process report here. It is
// called once, before the cluster node is opened, so that nothing is missed.
func InstallMetrics() (*Metrics, error) {
	m := &Metrics{
		recent:  metrics.NewInmemSink(recentInterval, recentRetained),
		reports: prometheus.NewRegistry(),
		process: prometheus.NewRegistry(),
	}
	sink, err := promsink.NewPrometheusSinkFrom(promsink.PrometheusOpts{Registerer: m.reports})
	if err != nil {
		return nil, fmt.Errorf("install metrics: %w", err)
	}
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectorTime)),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := m.process.Register(c); err != nil {
			return nil, fmt.Errorf("install metrics: %w", err)
		}
	}
	// No host name, which would make the names differ from node to node. The Go
	// collector stands in for go-metrics' own runtime metrics, which stop the
	// world every second.
	config := metrics.DefaultConfig(metricPrefix)
	config.EnableHostname, config.EnableRuntimeMetrics = false, false
	if _, err := metrics.NewGlobal(config, metrics.FanoutSink{m.recent, sink}); err != nil {
		return nil, fmt.Errorf("install metrics: %w", err)
	}
	return m, nil
}

// collectorTime is what the garbage collector took of the processor, up to its last run.
var collectorTime = collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^/cpu/classes/gc/total:cpu-seconds$")}

// metricPrefix stands before every name that comes by go-metrics.
const metricPrefix = "jeton"

// metric is one of this package's own: its dotted name and what it says.
type metric struct{ name, help string }

func (m metric) prometheus() string { return strings.ReplaceAll(m.name, ".", "_") }

func (m metric) desc(labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(m.prometheus(), m.help, labels, nil)
}
