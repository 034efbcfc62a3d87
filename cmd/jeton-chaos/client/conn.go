package client

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// conn is one kept connection. It belongs to one request at a time.
type conn struct {
	nc net.Conn
	r  *bufio.Reader
}

// maxIdle bounds the connections that are kept to one node.
const maxIdle = 64

// take gives a connection that was open a moment ago, or a new one.
func (c *Client) take(ctx context.Context, host string) (*conn, error) {
	for {
		cn := c.pop(host)
		if cn == nil {
			break
		}
		if cn.open() {
			return cn, nil
		}
		cn.close()
	}
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	return &conn{nc: nc, r: bufio.NewReader(nc)}, nil
}

func (c *Client) pop(host string) *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	conns := c.idle[host]
	if len(conns) == 0 {
		return nil
	}
	cn := conns[len(conns)-1]
	c.idle[host] = conns[:len(conns)-1]
	return cn
}

func (c *Client) give(host string, cn *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle[host]) < maxIdle {
		c.idle[host] = append(c.idle[host], cn)
		return
	}
	cn.close()
}

// open looks, without waiting, whether the server has closed the connection
// meanwhile. It spares most of the requests whose fate would be open because they
// were written to a server that was gone already.
func (cn *conn) open() bool {
	raw, err := cn.nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = err == syscall.EAGAIN // neither data, which nobody asked for, nor the end
		return true
	})
	return err == nil && open
}

// roundTrip writes the request and reads the whole answer; keep says whether the
// connection can carry another.
func (cn *conn) roundTrip(req *http.Request) (a Answer, keep bool) {
	if err := req.Write(cn.nc); err != nil {
		return Answer{Outcome: Open, Err: err}, false
	}
	resp, err := http.ReadResponse(cn.r, req)
	if err != nil {
		return Answer{Outcome: Open, Err: err}, false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return Answer{Outcome: Open, Err: err}, false
	}
	return Answer{Outcome: judge(resp.StatusCode, body), Status: resp.StatusCode, Header: resp.Header, Body: body}, !resp.Close
}

// abort ends what is in flight.
func (cn *conn) abort() { cn.nc.SetDeadline(time.Unix(1, 0)) }

func (cn *conn) close() { cn.nc.Close() }
