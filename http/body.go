package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
)

// body holds the fields of a request: of its JSON body, or for a verb without
// one, of its query. Handlers take fields by name and kind (fields.go); what
// nobody took is unknown to the endpoint.
type body struct {
	raw    []byte // as sent
	fields []jsonField
	taken  uint64 // bit i: fields[i] was taken; fields beyond 64 never count
	err    error  // the first field that is not what was expected

	pooled   *[]byte
	held     int64 // of the server's budget
	complete bool  // all of it has been read
	few      [12]jsonField
}

// readFields reads what the request says besides its path.
func (c *call) readFields() error {
	if c.op == opUpdate || c.op == opPatch {
		return c.readBody()
	}
	c.body.fields = c.body.few[:0]
	names := make([]string, 0, len(c.query))
	for name := range c.query { // order: sorted below
		if name != "list" && (c.op != opList || name != "after" && name != "limit") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		v := span{kind: jsonString}
		if values := c.query[name]; len(values) == 1 {
			v.text = appendString(nil, values[0])
		} else {
			v = span{jsonList, appendStrings(nil, values)}
		}
		c.body.fields = append(c.body.fields, jsonField{name: []byte(name), span: v})
	}
	return nil
}

func (c *call) readBody() error {
	c.body.fields = c.body.few[:0]
	if err := c.plainBody(); err != nil {
		return err
	}
	if c.req.Body == nil || c.req.Body == http.NoBody {
		return nil
	}
	if err := c.receive(); err != nil {
		return err
	}
	var err error
	c.body.fields, err = scanObject(c.body.raw, c.body.fields)
	return err
}

// plainBody refuses a body that would have to be unpacked first.
func (c *call) plainBody() error {
	if e := c.req.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return refuse(http.StatusUnsupportedMediaType, "Content-Encoding %s is not supported", quote(e))
	}
	return nil
}

// read takes a body of at most so many bytes into memory.
func (b *body) read(s *Server, r *http.Request, most int64) error {
	if r.ContentLength > most {
		return tooLarge(most)
	}
	b.pooled = buffers.Get().(*[]byte)
	b.raw = (*b.pooled)[:0]
	if !b.grow(s, r.ContentLength+1) { // room for the read that finds the end
		return errBusy
	}
	for {
		if len(b.raw) == cap(b.raw) && !b.grow(s, min(int64(2*cap(b.raw)), most+1)) {
			return errBusy
		}
		n, err := r.Body.Read(b.raw[len(b.raw):cap(b.raw)])
		b.raw = b.raw[:len(b.raw)+n]
		switch {
		case int64(len(b.raw)) > most:
			return tooLarge(most)
		case errors.Is(err, io.EOF):
			b.complete = true
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return rebuff(http.StatusRequestTimeout, "body did not arrive in time")
		case err != nil:
			return rebuff(http.StatusBadRequest, "body ends early or is badly framed")
		}
	}
}

// grow makes the buffer at least that big. What passes smallBody is taken from
// the server's budget.
func (b *body) grow(s *Server, size int64) bool {
	if int64(cap(b.raw)) >= size {
		return true
	}
	if size > smallBody {
		if !s.bodies.take(size - b.held) {
			return false
		}
		b.held = size
	}
	b.raw = append(make([]byte, 0, size), b.raw...)
	*b.pooled = b.raw
	return true
}

func tooLarge(most int64) error {
	return refuse(http.StatusRequestEntityTooLarge, "body is larger than %d bytes", most)
}

// release gives back what the body took. Nothing of it may be used afterwards.
func (b *body) release(s *Server) {
	if b.pooled != nil {
		clear(b.raw) // it held secrets
		if cap(*b.pooled) <= maxPooled {
			buffers.Put(b.pooled)
		}
		b.pooled, b.raw = nil, nil
	}
	if b.held > 0 {
		s.bodies.give(b.held)
		b.held = 0
	}
}

// parameters is the body as policies look at it.
func (b *body) parameters() (map[string]any, error) {
	params := make(map[string]any, len(b.fields))
	for _, m := range b.fields {
		v, err := m.decode()
		if err != nil {
			return nil, err
		}
		params[string(m.name)] = v
	}
	return params, nil
}

// decode is the value as encoding/json makes it, numbers kept as they are.
func (v span) decode() (any, error) {
	d := json.NewDecoder(bytes.NewReader(v.text))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return nil, invalid("failed to decode JSON input: %v", err)
	}
	return x, nil
}

// unknownFields names what no handler asked for, bounded.
func (b *body) unknownFields() string {
	var names []string
	for i, m := range b.fields {
		if i < 64 && b.taken&(1<<i) != 0 {
			continue
		}
		if len(names) == 8 {
			names = append(names, strconv.Itoa(len(b.fields))+" fields in all")
			break
		}
		names = append(names, bounded(string(m.name)))
	}
	return strings.Join(names, ", ")
}
