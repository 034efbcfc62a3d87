package http

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// answer is what a handler has to say. The zero answer is 204.
type answer struct {
	status int        // 0: 200, or 204 when nothing is said
	data   appender   // nil: null
	auth   appender   // nil: null
	lease  *fsm.Lease // that data lives by; nil: none
	wrap   appender   // nil: null; what tells where the answer is instead
	flat   bool       // the fields of data stand at the top level too, as sys/ does
	bare   appender   // the whole body, without the envelope
	text   []byte     // the whole body, not JSON
	kind   string     // Content-Type of text or stream

	stream func(io.Writer) error // writes the whole body, not JSON
}

// silent says whether the answer is a 204.
func (a *answer) silent(c *call) bool {
	return a.text == nil && a.stream == nil && a.bare == nil && a.data == nil && a.auth == nil && a.lease == nil && a.wrap == nil && len(c.warnings) == 0
}

// appender writes itself as JSON. The hot answers do it by hand; everything
// else is an object.
type appender interface{ appendJSON([]byte) []byte }

// object is data without a type of its own.
type object map[string]any

func (o object) appendJSON(b []byte) []byte {
	text, err := json.Marshal(map[string]any(o))
	if err != nil {
		panic("http: answer does not encode: " + err.Error())
	}
	return append(b, text...)
}

// names is the data of a LIST. Listing nothing is errNothing instead.
func names(keys []string) (answer, error) {
	if len(keys) == 0 {
		return answer{}, errNothing
	}
	return answer{data: nameList(keys)}, nil
}

type nameList []string

func (l nameList) appendJSON(b []byte) []byte {
	b = append(b, `{"keys":`...)
	b = appendStrings(b, l)
	return append(b, '}')
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

// countedByServer is what net/http buffers before it has to say how long an
// answer is, less some room. It counts shorter ones itself.
const countedByServer = 2000

// maxPooled bounds what a rare big answer or body leaves behind in a pool.
const maxPooled = 64 << 10

var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// write sends an answer or an error and returns the status.
func (c *call) write(ans answer, err error) int {
	buf := buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= maxPooled {
			buffers.Put(buf)
		}
	}()
	h := c.w.Header()
	h["Cache-Control"] = noStore
	if c.index != 0 {
		h["X-Jeton-Index"] = []string{strconv.FormatUint(c.index, 10)}
	}
	c.abandonBody(h)
	if c.notice != "" {
		h["Warning"] = []string{`299 - ` + strconv.Quote(c.notice)}
	}
	if err == nil && ans.stream != nil {
		return c.writeStream(ans)
	}
	b := (*buf)[:0]
	status := http.StatusOK
	kind := jsonType
	switch {
	case err != nil:
		var messages []string
		status, messages = c.show(err)
		c.errorHeaders(h, status)
		if c.route.gateway {
			b = appendFault(b, faultCode(err, status), messages, c.about)
		} else {
			b = appendErrors(b, messages)
		}
	case ans.text != nil:
		kind = []string{ans.kind}
		b = append(b, ans.text...)
	case ans.bare != nil:
		b = append(ans.bare.appendJSON(b), '\n')
	case ans.silent(c):
		status = http.StatusNoContent
	default:
		b = c.appendEnvelope(b, ans)
	}
	if err == nil && ans.status != 0 {
		status = ans.status
	}
	*buf = b
	if status == http.StatusNoContent {
		c.w.WriteHeader(status)
		return status
	}
	h["Content-Type"] = kind
	if len(b) > countedByServer {
		h["Content-Length"] = []string{strconv.Itoa(len(b))}
	}
	c.w.WriteHeader(status)
	c.w.Write(b) // an error here means that the client is gone
	return status
}

// abandonBody gives up a connection on which the rest of a body may still come:
// nobody waits for that, and what follows it could not be told apart.
func (c *call) abandonBody(h http.Header) {
	if c.req.ContentLength == 0 || c.body.complete || c.req.ProtoMajor != 1 || c.req.Body == http.NoBody {
		return
	}
	h["Connection"] = []string{"close"}
	http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(lingerTimeout))
}

// lingerTimeout is how long net/http may wait for the rest of a body that was
// given up, so that the client gets to read the answer.
const lingerTimeout = 500 * time.Millisecond

func (c *call) errorHeaders(h http.Header, status int) {
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h["Retry-After"] = []string{strconv.Itoa(int(secondsLeft(max(c.wait, retryAfter)).Seconds()))}
	case http.StatusMethodNotAllowed:
		if c.allow != "" {
			h["Allow"] = []string{c.allow}
		}
	}
}

// appendEnvelope writes Vault's envelope.
func (c *call) appendEnvelope(b []byte, ans answer) []byte {
	b = append(b, `{"request_id":"`...)
	b = append(b, c.id[:]...)
	b = append(b, '"', ',')
	b = appendLease(b, ans.lease)
	b = append(b, `"data":`...)
	start := len(b)
	b = appendOrNull(b, ans.data)
	end := len(b)
	if c.notice != "" {
		c.warn(c.notice)
	}
	b = append(b, `,"wrap_info":`...)
	b = appendOrNull(b, ans.wrap)
	b = append(b, `,"warnings":`...)
	if len(c.warnings) == 0 {
		b = append(b, "null"...)
	} else {
		b = appendStrings(b, c.warnings)
	}
	b = append(b, `,"auth":`...)
	b = appendOrNull(b, ans.auth)
	if ans.flat && end-start > len("{}") {
		b = append(b, ',')
		b = append(b, b[start+1:end-1]...)
	}
	return append(b, '}', '\n')
}

func appendLease(b []byte, l *fsm.Lease) []byte {
	if l == nil {
		return append(b, `"lease_id":"","renewable":false,"lease_duration":0,`...)
	}
	b = append(b, `"lease_id":`...)
	b = appendString(b, l.ID)
	b = append(b, `,"renewable":`...)
	b = strconv.AppendBool(b, l.Renewable)
	b = append(b, `,"lease_duration":`...)
	b = appendSeconds(b, l.TTL)
	return append(b, ',')
}

func appendOrNull(b []byte, a appender) []byte {
	if a == nil {
		return append(b, "null"...)
	}
	return a.appendJSON(b)
}

func appendErrors(b []byte, messages []string) []byte {
	b = append(b, `{"errors":`...)
	b = appendStrings(b, messages)
	return append(b, '}', '\n')
}
