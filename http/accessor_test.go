package http

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// What CheckRootToken lets pass, a request can use.
func TestCheckRootToken(t *testing.T) {
	ours := newServiceToken()
	for _, text := range []string{"root", "jt", "jt_x", "jts", "~!{}", strings.Repeat("r", 256), ours} {
		if err := CheckRootToken(text); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		c := httptestcluster.Uninitialized()
		if err := c.Initialize(context.Background(), cluster.InitRequest{RootToken: text, Accessor: NewAccessor()}); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/v1/auth/token/lookup-self", nil)
		r.Header.Set(headerToken, text)
		w := httptest.NewRecorder()
		internalServer(t, c, nil).Handler().ServeHTTP(w, r)
		if w.Code != 200 {
			t.Errorf("%q was let pass and gets %d %s", text, w.Code, w.Body)
		}
	}
	wrongSum := ours[:len(ours)-1] + "-"
	for _, text := range []string{
		"", "jts_foo", wrongSum, ours + "x", "jtw" + ours[3:], "jtb_foo", "a b", " root", "root\n", "ro\x00ot", "r\u00f6\u00f6t", "\xff", "a/b", "a.b",
		strings.Repeat("r", 257),
	} {
		err := CheckRootToken(text)
		if err == nil {
			t.Errorf("%q was let pass", text)
		} else if len(text) > 4 && strings.Contains(err.Error(), text) {
			t.Errorf("error shows the token: %v", err)
		}
	}
}
