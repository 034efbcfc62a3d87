package bench

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadResponse(t *testing.T) {
	tests := []struct {
		name  string
		in    string
		code  int
		body  string
		close bool
	}{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false},
		{"length, any case", "HTTP/1.1 200 OK\r\nCONTENT-length:5 \r\n\r\nhello", 200, "hello", false},
		{"no content", "HTTP/1.1 204 No Content\r\nX-Other: 1\r\n\r\n", 204, "", false},
		{"no reason", "HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n", 403, "", false},
		{"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, "ok", false},
		{"close", "HTTP/1.1 503 Unavailable\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 503, "no", true},
		{"until the end", "HTTP/1.1 200 OK\r\nTransfer: x\r\n\r\nall of it", 200, "all of it", true},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
		{"HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n", 200, "hello world", false},
		{"chunks, trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n", 200, "ok", false},
		{"interim first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// a byte at a time: framing must not depend on how packets fall
			p := &responseReader{r: bufio.NewReader(iotest.OneByteReader(strings.NewReader(tt.in)))}
			got, err := p.read()
			if err != nil {
				t.Fatal(err)
			}
			if got.status != tt.code || string(got.body) != tt.body || got.close != tt.close {
				t.Errorf("got %d %q close %v, want %d %q close %v", got.status, got.body, got.close, tt.code, tt.body, tt.close)
			}
			if rest, _ := io.ReadAll(p.r); len(rest) != 0 {
				t.Errorf("left unread: %q", rest)
			}
		})
	}
}

func TestReadResponseRefusals(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want error
	}{
		{"nothing", "", io.EOF},
		{"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", errProtocol},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", errProtocol},
		{"status", "HTTP/1.1 2x0 OK\r\n\r\n", errProtocol},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", errProtocol},
		{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", errProtocol},
		{"gzip coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", errProtocol},
		{"chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", errProtocol},
		{"chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", errProtocol},
		{"chunk without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n", errProtocol},
		{"endless line", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 5000), errProtocol},
		{"cut in the head", "HTTP/1.1 200 OK\r\nContent-", io.ErrUnexpectedEOF},
		{"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", io.ErrUnexpectedEOF},
		{"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &responseReader{r: bufio.NewReader(strings.NewReader(tt.in))}
			if _, err := p.read(); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// A response read in the steady state allocates nothing.
func TestReadResponseAllocations(t *testing.T) {
	one := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"data\":{}}"
	const runs = 100
	p := &responseReader{r: bufio.NewReader(strings.NewReader(strings.Repeat(one, runs+2)))}
	if _, err := p.read(); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(runs, func() {
		if _, err := p.read(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a response, want none", n)
	}
}
