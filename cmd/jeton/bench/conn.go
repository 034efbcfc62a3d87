package bench

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// conn is one keep-alive connection to one node. It is dialled by the first
// exchange, and again by the first after an error or a response that ended it.
// It belongs to one goroutine.
type conn struct {
	ctx     context.Context // ends everything at once, also what is in flight
	target  target
	timeout time.Duration // for one exchange, dialling included

	nc     net.Conn
	unhook func() bool // releases the context's hold on nc
	reader responseReader
}

func newConn(ctx context.Context, t target, timeout time.Duration) *conn {
	return &conn{
		ctx:     ctx,
		target:  t,
		timeout: timeout,
		reader:  responseReader{r: bufio.NewReaderSize(nil, 4<<10)},
	}
}

// exchange writes one rendered request and reads its response, whose body is
// valid until the next exchange. The caller has just read the clock: now.
func (c *conn) exchange(request []byte, now time.Time) (response, error) {
	if c.nc == nil {
		if err := c.dial(); err != nil {
			return response{}, err
		}
	}
	resp, err := c.roundTrip(request, now.Add(c.timeout))
	if err != nil || resp.close {
		c.close()
	}
	return resp, err
}

func (c *conn) roundTrip(request []byte, deadline time.Time) (response, error) {
	if err := c.nc.SetDeadline(deadline); err != nil {
		return response{}, err
	}
	if _, err := c.nc.Write(request); err != nil {
		return response{}, err
	}
	return c.reader.read()
}

func (c *conn) dial() error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	defer cancel()
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", c.target.host)
	if err != nil {
		return err
	}
	if c.target.tls != nil {
		secure := tls.Client(nc, c.target.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			nc.Close()
			return err
		}
		nc = secure
	}
	c.nc = nc
	c.reader.r.Reset(nc)
	c.unhook = context.AfterFunc(c.ctx, func() { nc.Close() })
	return nil
}

func (c *conn) close() {
	if c.nc != nil {
		c.unhook()
		c.nc.Close()
		c.nc = nil
	}
}

// renderRequest makes the bytes of one request. Empty token: none is sent.
// Empty body: no body.
func renderRequest(host, method, path, token, body string) []byte {
	return appendRequest(nil, host, method, path, token, body)
}

func appendRequest[T ~string | ~[]byte](to []byte, host, method, path string, token T, body string) []byte {
	to = append(to, method...)
	to = append(to, ' ')
	to = append(to, path...)
	to = append(to, " HTTP/1.1\r\nHost: "...)
	to = append(to, host...)
	if len(token) > 0 {
		to = append(to, "\r\nX-Vault-Token: "...)
		to = append(to, token...)
	}
	if body != "" || method != "GET" {
		to = append(to, "\r\nContent-Type: application/json\r\nContent-Length: "...)
		to = fmt.Appendf(to, "%d", len(body))
	}
	to = append(to, "\r\n\r\n"...)
	return append(to, body...)
}

// kindOf names what went wrong below HTTP, in one of a few words that a table
// has room for.
func kindOf(err error) string {
	var network net.Error
	switch {
	case errors.Is(err, errProtocol):
		return "protocol"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return "timeout"
	default:
		return "network"
	}
}
