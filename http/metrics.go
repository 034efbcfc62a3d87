package http

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

func (s *Server) metricsRoutes() {
	s.handle(route{path: "sys/metrics", folder: true, vital: true, read: showMetrics, about: about{
		read: "Shows what this node has measured.", asks: "format",
	}})
}

// showMetrics shows what this node has measured: as JSON in the shape of
// go-metrics, or for Prometheus.
func showMetrics(c *call) (answer, error) {
	format := c.query.Get("format")
	if format == "" && wantsPrometheus(c.req) {
		format = "prometheus"
	}
	if format != "" && format != "prometheus" {
		return answer{}, invalid("query parameter format is %s, expected prometheus or nothing", quote(format))
	}
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	m := c.s.metrics
	if m == nil {
		return answer{}, refuse(http.StatusNotFound, "metrics are not collected by this process")
	}
	gathered := prometheus.Gatherers{c.s.requests.registry, m.process}
	if format == "" {
		summary, err := m.summary(gathered)
		if err != nil {
			return answer{}, err
		}
		text, err := json.Marshal(summary)
		if err != nil {
			return answer{}, err
		}
		return answer{text: text, kind: "application/json"}, nil
	}
	return c.prometheus(append(gathered, m.reports))
}

func wantsPrometheus(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(accept, "prometheus/telemetry") || strings.Contains(accept, "application/openmetrics-text")
}

// prometheus is the text form. What could not be gathered is left out: two
// libraries that give one name to two things must not hide all the rest.
func (c *call) prometheus(from prometheus.Gatherer) (answer, error) {
	families, err := from.Gather()
	if err != nil {
		c.s.log.Debug("metrics left out", "error", err)
	}
	var text bytes.Buffer
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	encoder := expfmt.NewEncoder(&text, format)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			return answer{}, err
		}
	}
	return answer{text: text.Bytes(), kind: string(format)}, nil
}
