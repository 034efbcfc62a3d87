package http

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) quotaRoutes() {
	s.handle(route{path: "sys/quotas/config", folder: true, read: readQuotaConfig, update: writeQuotaConfig, about: about{
		read: "Shows what all rate quotas have in common.", update: "Changes what is named of that.",
		takes: "rate_limit_exempt_paths enable_rate_limit_audit_logging enable_rate_limit_response_headers",
	}})
	const common = "quota.name quota.path quota.role inheritable"
	s.handle(route{path: "sys/quotas/rate-limit", folder: true, list: listQuotas((*fsm.State).RateQuotaNames), about: about{
		list: "Lists the rate quotas.",
	}})
	s.handle(route{
		path: "sys/quotas/rate-limit/{name}", read: readRateQuota, update: writeRateQuota, delete: deleteQuota(fsm.RateLimit),
		about: about{
			read: "Shows a rate quota.", update: "Writes a rate quota.", delete: "Deletes a rate quota.",
			takes: common + " rate interval block_interval",
		},
	})
	s.handle(route{path: "sys/quotas/lease-count", folder: true, list: listQuotas((*fsm.State).LeaseQuotaNames), about: about{
		list: "Lists the lease quotas.",
	}})
	s.handle(route{
		path: "sys/quotas/lease-count/{name}", read: readLeaseQuota, update: writeLeaseQuota, delete: deleteQuota(fsm.LeaseCount),
		about: about{
			read: "Shows a lease quota and how many leases there are.", update: "Writes a lease quota.",
			delete: "Deletes a lease quota.", takes: common + " max_leases",
		},
	})
}

func listQuotas(list func(*fsm.State) []string) handler {
	return func(c *call) (answer, error) {
		view, _, err := c.read(c.access())
		if err != nil {
			return answer{}, err
		}
		return names(list(view.State))
	}
}

func readRateQuota(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	q, ok := view.State.RateQuota(c.variable("name"))
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: object{
		"type": fsm.RateLimit.String(), "name": q.Name, "path": quotaPath(view.State, q.Path), "role": "",
		"rate": float64(q.Rate) / rateUnit, "interval": int64(q.Interval / time.Second),
		"block_interval": int64(q.Block / time.Second), "inheritable": q.Inheritable,
	}}, nil
}

func readLeaseQuota(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	q, ok := view.State.LeaseQuota(c.variable("name"))
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: object{
		"type": fsm.LeaseCount.String(), "name": q.Name, "path": quotaPath(view.State, q.Path), "role": "",
		"max_leases": q.Max, "counter": view.State.LeasesUnder(q.Path), "inheritable": q.Inheritable,
	}}, nil
}

// quotaPath shows a mount's path with a slash at its end, as Vault does.
func quotaPath(st *fsm.State, path string) string {
	if path != "" && st.IsMount(path) {
		path += "/"
	}
	return path
}

func writeRateQuota(c *call) (answer, error) {
	path, inheritable := c.quotaFields()
	cmd := &fsm.RateQuotaSet{
		Name: c.variable("name"), Path: path, Inheritable: inheritable,
		Rate: c.body.rate("rate"), Interval: c.body.duration("interval"), Block: c.body.duration("block_interval"),
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

func writeLeaseQuota(c *call) (answer, error) {
	path, inheritable := c.quotaFields()
	cmd := &fsm.LeaseQuotaSet{Name: c.variable("name"), Path: path, Inheritable: inheritable}
	if cmd.Max = uint32(c.body.whole("max_leases", fsm.MaxQuotaLeases)); cmd.Max == 0 {
		c.body.fail("max_leases", "has to be given and above 0")
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// quotaFields takes what all quotas have. A quota for everything is inherited
// unless the client says otherwise, as in Vault.
func (c *call) quotaFields() (path string, inheritable bool) {
	b := &c.body
	path = strings.Trim(b.text("path"), "/")
	if name := b.text("name"); name != "" && name != c.variable("name") {
		b.fail("name", "is %s, expected that of the path", quote(name))
	}
	if b.text("role") != "" {
		b.fail("role", "is not supported: give the path of the role, such as auth/token/create/<role>")
	}
	return path, b.flag("inheritable", path == "")
}

// rate is a number of requests, of which a part may be.
func (b *body) rate(name string) uint64 {
	v, _ := b.take(name)
	text, _ := v.asText()
	n, err := strconv.ParseFloat(text, 64)
	if !(err == nil && n > 0 && n <= fsm.MaxQuotaRate/rateUnit) {
		b.fail(name, "is %s, expected a number above 0 and at most a billion", quote(text))
		return 0
	}
	return uint64(math.Max(1, math.Round(n*rateUnit)))
}

func deleteQuota(kind fsm.QuotaKind) handler {
	return func(c *call) (answer, error) {
		if err := c.decoded(); err != nil {
			return answer{}, err
		}
		_, err := c.propose(&fsm.QuotaDelete{Kind: kind, Name: c.variable("name")})
		return answer{}, err
	}
}

func readQuotaConfig(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	q := view.State.QuotaConfig()
	return answer{data: object{
		"rate_limit_exempt_paths":            listed(q.Exempt),
		"enable_rate_limit_audit_logging":    q.Audit,
		"enable_rate_limit_response_headers": q.Headers,
	}}, nil
}

func writeQuotaConfig(c *call) (answer, error) {
	b, cmd := &c.body, new(fsm.QuotaConfigSet)
	if _, ok := b.take("rate_limit_exempt_paths"); ok {
		cmd.Config.Exempt = b.commaList("rate_limit_exempt_paths", fsm.MaxExemptPaths)
		cmd.Given |= fsm.GivenExemptPaths
	}
	if _, ok := b.take("enable_rate_limit_audit_logging"); ok {
		cmd.Config.Audit = b.flag("enable_rate_limit_audit_logging", false)
		cmd.Given |= fsm.GivenQuotaAudit
	}
	if _, ok := b.take("enable_rate_limit_response_headers"); ok {
		cmd.Config.Headers = b.flag("enable_rate_limit_response_headers", false)
		cmd.Given |= fsm.GivenQuotaHeaders
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}
