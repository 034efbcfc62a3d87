package http

import (
	"github.com/prometheus/client_golang/prometheus"
)

// auditCollector reads what this node's audit devices count at the moment of a
// scrape. A device that is disabled leaves with its numbers.
type auditCollector struct{ *auditor }

var (
	auditEntriesDesc  = metricAuditEntries.desc("device")
	auditFailuresDesc = metricAuditFailures.desc("device")
	auditDroppedDesc  = metricAuditDropped.desc("device")
	auditFailingDesc  = metricAuditFailing.desc("device")
	auditQueuedDesc   = metricAuditQueued.desc("device")
	auditLatencyDesc  = metricAuditLatency.desc("device")
)

// Describe implements prometheus.Collector.
func (c auditCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		auditEntriesDesc, auditFailuresDesc, auditDroppedDesc, auditFailingDesc, auditQueuedDesc, auditLatencyDesc,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c auditCollector) Collect(out chan<- prometheus.Metric) {
	for _, d := range c.now.Load().devices {
		send := func(desc *prometheus.Desc, kind prometheus.ValueType, v float64) {
			out <- prometheus.MustNewConstMetric(desc, kind, v, d.Path)
		}
		send(auditEntriesDesc, prometheus.CounterValue, float64(d.Written.Load()))
		send(auditFailuresDesc, prometheus.CounterValue, float64(d.Failures.Load()))
		send(auditDroppedDesc, prometheus.CounterValue, float64(d.Dropped.Load()))
		send(auditFailingDesc, prometheus.GaugeValue, oneIf(d.Failing.Load()))
		send(auditQueuedDesc, prometheus.GaugeValue, float64(d.Queued()))
		count, sum, buckets := d.Latency.Snapshot()
		out <- prometheus.MustNewConstHistogram(auditLatencyDesc, count, sum, buckets, d.Path)
	}
}
