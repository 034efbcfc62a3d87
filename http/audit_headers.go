package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

func listHeaders(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	headers := object{}
	for _, h := range view.State.AuditHeaders() {
		headers[h.Name] = object{"hmac": h.HMAC}
	}
	return answer{data: object{"headers": headers}, flat: true}, nil
}

// headerName is the header that the request names. Case means nothing in HTTP.
func (c *call) headerName() string { return strings.ToLower(c.variable("name")) }

func readHeader(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	h, ok := view.State.AuditHeader(c.headerName())
	if !ok {
		return answer{}, invalid("could not find header in config")
	}
	return answer{data: object{h.Name: object{"hmac": h.HMAC}}}, nil
}

func setHeader(c *call) (answer, error) {
	cmd := &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: c.headerName(), HMAC: c.body.flag("hmac", false)}}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

func deleteHeader(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.AuditHeaderDelete{Name: c.headerName()})
	return answer{}, err
}
