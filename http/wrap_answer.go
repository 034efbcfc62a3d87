package http

import (
	"net/http"
	"strings"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// wrappable says whether the answer is one that response wrapping replaces:
// errors and answers that say nothing are not.
func (a answer) wrappable(c *call) bool {
	return c.caller.WrapTTL > 0 && a.wrap == nil && (a.data != nil || a.auth != nil)
}

// wrap puts an answer away under a fresh wrapping token and returns what tells
// where it is. The request has been judged, charged and done by now, so nobody
// is judged again: the log gets the sealed answer as a second entry. When that
// entry fails, the request itself stays done, but a secret that was made ends.
func (c *call) wrap(ans answer) (answer, error) {
	path := strings.TrimSuffix(c.path, "/")
	cmd, text, err := c.sealed(path, appendWrapped(nil, ans, c.warnings))
	if err != nil {
		return answer{}, laterStep(err)
	}
	if n := len(cmd.Box); n > fsm.MaxWrappedBytes {
		return answer{}, refuse(http.StatusRequestEntityTooLarge, "the request was processed, but its answer is too large to be wrapped: it has %d bytes when sealed, at most %d are allowed", n, fsm.MaxWrappedBytes)
	}
	cmd.WrappedAccessor = accessorOf(ans.auth)
	reply, err := c.s.cluster.Propose(c.ctx, cluster.Proposal{Command: cmd})
	if err != nil {
		return answer{}, laterStep(err)
	}
	c.index = max(c.index, reply.Index)
	return wrapped(reply, text), nil
}

// sealed draws a wrapping token and seals an answer with it.
func (c *call) sealed(path string, plain []byte) (*fsm.Wrap, string, error) {
	defer clear(plain)
	text := newWrappingToken()
	digest, err := c.s.cluster.Digest(text)
	if err != nil {
		return nil, "", err
	}
	box, err := newWrapBox(text, c.s.cluster.Digest)
	if err != nil {
		return nil, "", err
	}
	return &fsm.Wrap{
		Token: digest, Accessor: newAccessor(), Path: path, TTL: c.caller.WrapTTL, Box: box.seal(path, plain),
	}, text, nil
}

// accessorOf is the accessor of the token that an auth block hands over.
func accessorOf(auth appender) string {
	switch a := auth.(type) {
	case *authBlock:
		return a.accessor
	case *rawAuth:
		return a.accessor
	}
	return ""
}

// wrapped is the answer that says where the answer is.
func wrapped(reply cluster.Reply, text string) answer {
	return answer{wrap: &wrapInfo{text, reply.Result.(*fsm.Wrapped)}}
}

// wrapInfo is Vault's wrap_info.
type wrapInfo struct {
	token string
	made  *fsm.Wrapped
}

func (w *wrapInfo) appendJSON(b []byte) []byte {
	b = append(b, `{"token":`...)
	b = appendString(b, w.token)
	b = append(b, `,"accessor":`...)
	b = appendString(b, w.made.Accessor)
	b = append(b, `,"ttl":`...)
	b = appendSeconds(b, w.made.TTL)
	b = append(b, `,"creation_time":`...)
	b = appendTime(b, w.made.CreatedAt)
	b = append(b, `,"creation_path":`...)
	b = appendString(b, w.made.Path)
	if w.made.WrappedAccessor != "" {
		b = append(b, `,"wrapped_accessor":`...)
		b = appendString(b, w.made.WrappedAccessor)
	}
	return append(b, '}')
}
