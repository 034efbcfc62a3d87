package http

import (
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/audit"
	"github.com/jeton-io/jeton/http/engine"
)

// What another system says may hold a token that it was sent.
func TestTokensOfOthersAreHashed(t *testing.T) {
	h := audit.NewHasher([]byte("0123456789abcdef0123456789abcdef"))
	text := auditedError(engine.Refuse("the service answered 400: token jts_leak, and (jtb_x1) or jtw_"), h)
	for _, token := range []string{"jts_leak", "jtb_x1"} {
		if strings.Contains(text, token) {
			t.Errorf("%s is shown in %s", token, text)
		}
	}
	for _, words := range []string{"the service answered 400: token hmac-sha256:", ", and (hmac-sha256:", ") or "} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is not shown in %s", words, text)
		}
	}
	if whole := "ümläute, and no tokens: a_b-c"; hashTokens(whole, h) != whole {
		t.Errorf("changed to %s", hashTokens(whole, h))
	}
}
