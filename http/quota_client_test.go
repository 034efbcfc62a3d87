package http_test

import (
	"strings"
	"testing"
)

// The official clients have no calls of their own for quotas and tools: programs
// use their general ones.
func TestClientsQuotas(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		get(nil2(c.write("sys/quotas/lease-count/a", object{"path": "auth/token/create/", "max_leases": 1})))
		if d := get(c.read("sys/quotas/lease-count/a"))["data"].(map[string]any); d["max_leases"] != 1.0 || d["counter"] != 0.0 {
			t.Errorf("quota is %v", d)
		}
		get(c.create(tokenRequest{ttl: "1h"}))
		if _, err := c.createOrphan(tokenRequest{ttl: "1h"}); err != nil {
			t.Errorf("what is beside the path: %v", err)
		}
		get(nil2(c.write("sys/quotas/rate-limit/a", object{"path": "sys/tools/hash", "rate": 1, "interval": "1h", "block_interval": "1h"})))
		if keys := get(c.list("sys/quotas/rate-limit"))["data"].(map[string]any)["keys"].([]any); len(keys) != 1 || keys[0] != "a" {
			t.Errorf("quotas are %v", keys)
		}
		if d := get(c.write("sys/tools/random/8", object{"format": "hex"}))["data"].(map[string]any); len(d["random_bytes"].(string)) != 16 {
			t.Errorf("random bytes are %v", d)
		}
		if d := get(c.write("sys/tools/hash", object{"input": ""}))["data"].(map[string]any); !strings.HasPrefix(d["sum"].(string), "e3b0c442") {
			t.Errorf("the sum of nothing is %v", d)
		}
		get(nil2(c.delete("sys/quotas/rate-limit/a")))
		get(nil2(c.delete("sys/quotas/lease-count/a")))
	})
}
