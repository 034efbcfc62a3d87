package bench

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"time"
)

// Roles of a node, as sys/leader tells them, and of the nodes of a run together.
const (
	RoleLeader   = "leader"
	RoleFollower = "follower"
	RoleMixed    = "mixed"
)

// target is one node.
type target struct {
	addr string      // as given
	host string      // host:port to dial and to name in the Host header
	tls  *tls.Config // nil: plain HTTP
	role string
}

// parseTarget reads "http://host:port", "https://host:port" or "host:port".
func parseTarget(addr string, config *tls.Config) (target, error) {
	u, err := url.Parse(addr)
	if err != nil || u.Host == "" {
		// host:port alone parses as a scheme, or not at all
		if u, err = url.Parse("http://" + addr); err != nil {
			return target{}, fmt.Errorf("address %q is neither a URL nor host:port", addr)
		}
	}
	if u.Hostname() == "" {
		return target{}, fmt.Errorf("address %q names no host", addr)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil {
		return target{}, fmt.Errorf("address %s://%s: only scheme, host and port are expected", u.Scheme, u.Host)
	}
	t := target{addr: u.Scheme + "://" + u.Host, host: u.Host}
	port := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if port == "" {
		return target{}, fmt.Errorf("address %q: scheme is neither http nor https", addr)
	}
	if u.Port() == "" {
		t.host = net.JoinHostPort(u.Hostname(), port)
	}
	if u.Scheme == "https" {
		t.tls = config.Clone()
		if t.tls == nil {
			t.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		if t.tls.ServerName == "" {
			t.tls.ServerName = u.Hostname()
		}
		t.tls.NextProtos = nil // HTTP/1.1 only
	}
	return t, nil
}

// askRole fills in the node's role.
func (t *target) askRole(ctx context.Context, timeout time.Duration) error {
	c := newConn(ctx, *t, timeout)
	defer c.close()
	resp, err := c.exchange(renderRequest(t.host, "GET", "/v1/sys/leader", "", ""), time.Now())
	if err != nil {
		return fmt.Errorf("ask %s for the leader: %w", t.addr, err)
	}
	var answer struct {
		IsSelf bool `json:"is_self"`
	}
	if resp.status != 200 || json.Unmarshal(resp.body, &answer) != nil {
		return fmt.Errorf("ask %s for the leader: status %d", t.addr, resp.status)
	}
	t.role = RoleFollower
	if answer.IsSelf {
		t.role = RoleLeader
	}
	return nil
}

// roleOf is the role that all targets share, or RoleMixed.
func roleOf(targets []target) string {
	role := targets[0].role
	for _, t := range targets[1:] {
		if t.role != role {
			return RoleMixed
		}
	}
	return role
}
