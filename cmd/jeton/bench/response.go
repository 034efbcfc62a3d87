package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxBody bounds what one response may hold: token answers are below 2 KiB, so
// more than this means that the address is not a token server.
const maxBody = 1 << 20

// errProtocol is wrapped by every complaint about a response that is not HTTP/1.x
// as this client reads it.
var errProtocol = errors.New("unreadable response")

// response is what the load loop needs of an answer. The body is valid until the
// next read.
type response struct {
	status int
	body   []byte
	close  bool // the server ends the connection after this response
}

// responseReader parses responses from one connection into memory of its own.
type responseReader struct {
	r    *bufio.Reader
	body []byte
}

// header is what the head of a response says about its body and its connection.
type header struct {
	status  int
	length  int64 // -1: not given
	chunked bool
	close   bool
}

func (p *responseReader) read() (response, error) {
	for {
		h, err := p.readHeader()
		if err != nil {
			return response{}, err
		}
		if h.status >= 100 && h.status < 200 {
			continue // an interim response; the real one follows (RFC 9110, 15.2)
		}
		p.body = p.body[:0]
		switch {
		case h.status == 204 || h.status == 304:
		case h.chunked:
			err = p.readChunks()
		case h.length >= 0:
			err = p.readBody(h.length)
		default:
			err = p.readToEnd()
			h.close = true
		}
		return response{status: h.status, body: p.body, close: h.close}, err
	}
}

func (p *responseReader) readHeader() (header, error) {
	line, err := p.readLine()
	if err != nil {
		return header{}, err
	}
	// "HTTP/1.1 200 OK": the text after the status may be missing
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return header{}, fmt.Errorf("%w: status line %.40q", errProtocol, line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil || status < 100 {
		return header{}, fmt.Errorf("%w: status line %.40q", errProtocol, line)
	}
	h := header{status: status, length: -1, close: line[7] == '0'}
	for {
		line, err := p.readLine()
		if err != nil {
			return header{}, noEOF(err)
		}
		if len(line) == 0 {
			return h, nil
		}
		if err := h.field(line); err != nil {
			return header{}, err
		}
	}
}

// field notes the three header fields that matter to framing. The first byte
// rules out nearly all others at no cost.
func (h *header) field(line []byte) error {
	switch line[0] | 0x20 {
	case 'c':
		if v, ok := fieldValue(line, "content-length"); ok {
			n, err := strconv.ParseInt(string(v), 10, 64)
			if err != nil || n < 0 || n > maxBody {
				return fmt.Errorf("%w: content length %.20q outside 0..%d", errProtocol, v, maxBody)
			}
			h.length = n
		} else if v, ok := fieldValue(line, "connection"); ok {
			h.close = h.close && !bytes.EqualFold(v, []byte("keep-alive")) || bytes.EqualFold(v, []byte("close"))
		}
	case 't':
		if v, ok := fieldValue(line, "transfer-encoding"); ok {
			if !bytes.EqualFold(v, []byte("chunked")) {
				return fmt.Errorf("%w: transfer encoding %.20q", errProtocol, v)
			}
			h.chunked = true
		}
	}
	return nil
}

// fieldValue is the trimmed value if the line is a field of that (lower-case) name.
func fieldValue(line []byte, name string) ([]byte, bool) {
	if len(line) <= len(name) || line[len(name)] != ':' {
		return nil, false
	}
	for i := range len(name) {
		if line[i]|0x20 != name[i] {
			return nil, false
		}
	}
	return bytes.TrimSpace(line[len(name)+1:]), true
}

func (p *responseReader) readBody(n int64) error {
	if len(p.body)+int(n) > maxBody {
		return fmt.Errorf("%w: body above %d bytes", errProtocol, maxBody)
	}
	from := len(p.body)
	p.body = append(p.body, make([]byte, n)...) // compiled to growth in place
	_, err := io.ReadFull(p.r, p.body[from:])
	return noEOF(err)
}

func (p *responseReader) readChunks() error {
	for {
		line, err := p.readLine()
		if err != nil {
			return noEOF(err)
		}
		size, _, _ := bytes.Cut(line, []byte(";")) // chunk extensions mean nothing to us
		n, err := strconv.ParseInt(string(bytes.TrimSpace(size)), 16, 32)
		if err != nil || n < 0 {
			return fmt.Errorf("%w: chunk size %.20q", errProtocol, line)
		}
		if n == 0 {
			return p.skipTrailer()
		}
		if err := p.readBody(n); err != nil {
			return err
		}
		if line, err := p.readLine(); err != nil || len(line) != 0 {
			return fmt.Errorf("%w: chunk without end", errProtocol)
		}
	}
}

func (p *responseReader) skipTrailer() error {
	for {
		line, err := p.readLine()
		if err != nil {
			return noEOF(err)
		}
		if len(line) == 0 {
			return nil
		}
	}
}

func (p *responseReader) readToEnd() error {
	for {
		if len(p.body) == cap(p.body) {
			p.body = append(p.body, 0)[:len(p.body)]
		}
		n, err := p.r.Read(p.body[len(p.body):cap(p.body)])
		p.body = p.body[:len(p.body)+n]
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(p.body) > maxBody:
			return fmt.Errorf("%w: body above %d bytes", errProtocol, maxBody)
		}
	}
}

// readLine returns a line without its end, valid until the next read. A line
// longer than the reader's buffer is refused.
func (p *responseReader) readLine() ([]byte, error) {
	line, err := p.r.ReadSlice('\n')
	if err != nil {
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("%w: line above %d bytes", errProtocol, p.r.Size())
		}
		if len(line) > 0 {
			return nil, noEOF(err)
		}
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// noEOF marks an end of stream in the middle of a response.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
