package http

import (
	"github.com/armon/go-metrics"
	"github.com/prometheus/client_golang/prometheus"
)

// summary is the JSON form: what go-metrics shows of the last finished interval,
// and with it, in the same shape, what was gathered now. Of the latter, counters
// and samples count from the start of the process and have no least, greatest or
// rate.
func (m *Metrics) summary(now prometheus.Gatherer) (metrics.MetricsSummary, error) {
	recent, err := m.recent.DisplayMetrics(nil, nil)
	if err != nil {
		return metrics.MetricsSummary{}, err
	}
	s := recent.(metrics.MetricsSummary)
	families, err := now.Gather()
	if err != nil {
		return s, err
	}
	for _, f := range families {
		name := dotted(f.GetName())
		for _, v := range f.GetMetric() {
			labels := make(map[string]string, len(v.GetLabel()))
			for _, l := range v.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			switch {
			case v.GetGauge() != nil:
				s.Gauges = append(s.Gauges, metrics.GaugeValue{
					Name: name, Value: float32(v.GetGauge().GetValue()), DisplayLabels: labels,
				})
			case v.GetCounter() != nil:
				s.Counters = append(s.Counters, sampled(name, labels, 1, v.GetCounter().GetValue()))
			case v.GetHistogram() != nil:
				h := v.GetHistogram()
				s.Samples = append(s.Samples, sampled(name, labels, h.GetSampleCount(), h.GetSampleSum()))
			}
		}
	}
	return s, nil
}

func sampled(name string, labels map[string]string, count uint64, sum float64) metrics.SampledValue {
	a := &metrics.AggregateSample{Count: int(count), Sum: sum}
	return metrics.SampledValue{Name: name, AggregateSample: a, Mean: a.Mean(), DisplayLabels: labels}
}

// dotted is the name as package http declares it; others keep theirs.
func dotted(prometheusName string) string {
	for _, m := range ownMetrics {
		if m.prometheus() == prometheusName {
			return m.name
		}
	}
	return prometheusName
}
