package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// lineServer accepts connections and hands on the lines that arrive.
func lineServer(t *testing.T, network, address string) (addr string, got <-chan string, stop func()) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 1000)
	var conns []net.Conn
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			go func() {
				for s := bufio.NewScanner(conn); s.Scan(); {
					out <- s.Text()
				}
			}()
		}
	}()
	stop = func() {
		l.Close()
		<-ended
		for _, c := range conns {
			c.Close()
		}
	}
	t.Cleanup(stop)
	return l.Addr().String(), out, stop
}

func TestStreamSockets(t *testing.T) {
	unix := filepath.Join(t.TempDir(), "audit.sock")
	for _, tt := range []struct{ network, address string }{{"tcp", "127.0.0.1:0"}, {"unix", unix}} {
		t.Run(tt.network, func(t *testing.T) {
			addr, got, stop := lineServer(t, tt.network, tt.address)
			d := open(t, device("socket", "address", addr, "socket_type", tt.network))
			for i := range 3 {
				must(t, d, entry(i))
				if line := <-got; line != entry(i) {
					t.Fatalf("got %q", line)
				}
			}
			stop() // and start again at the same place
			for try(d, entry(3)) == nil {
				// what the kernel took before it heard of the end is lost, as it may be
			}
			_, got, _ = lineServer(t, tt.network, addr)
			must(t, d, entry(4))
			if line := <-got; !strings.Contains(line, `"type":"dropped"`) {
				t.Fatalf("got %q, want to be told what is missing", line)
			}
			if line := <-got; line != entry(4) {
				t.Fatalf("got %q", line)
			}
		})
	}
}

func TestDatagrams(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	d := open(t, device("socket", "address", conn.LocalAddr().String(), "socket_type", "udp", "prefix", "@cee: "))
	must(t, d, entry(1))
	if got := packet(t, conn); got != "@cee: "+entry(1) {
		t.Fatalf("got %q", got)
	}
	if err := try(d, strings.Repeat("x", 70_000)); !errors.Is(err, errTooLong) {
		t.Fatalf("%v, want %v", err, errTooLong)
	}
	must(t, d, entry(2))
}

func packet(t *testing.T, conn net.PacketConn) string {
	t.Helper()
	buf := make([]byte, 1<<16)
	n, _, err := conn.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

func TestSyslog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	listen := func() net.PacketConn {
		conn, err := net.ListenPacket("unixgram", path)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	conn := listen()
	d := open(t, device("syslog", "address", path, "facility", "LOCAL7", "tag", "trail"))
	must(t, d, entry(1))
	got := packet(t, conn)
	if want := fmt.Sprintf(" trail[%d]: %s", os.Getpid(), entry(1)); !strings.HasPrefix(got, "<190>") || !strings.HasSuffix(got, want) {
		t.Fatalf("got %q", got)
	}
	stamp := strings.TrimSuffix(strings.TrimPrefix(got, "<190>"), fmt.Sprintf(" trail[%d]: %s", os.Getpid(), entry(1)))
	if _, err := time.Parse(time.Stamp, stamp); err != nil {
		t.Error(err)
	}
	conn.Close() // the daemon is restarted
	os.Remove(path)
	if err := try(d, entry(2)); err == nil {
		t.Fatal("written to a daemon that is gone")
	}
	conn = listen()
	defer conn.Close()
	must(t, d, entry(3))
	if got := packet(t, conn); !strings.Contains(got, "dropped") {
		t.Errorf("got %q", got)
	}
	if got := packet(t, conn); !strings.HasSuffix(got, entry(3)) {
		t.Errorf("got %q", got)
	}
}

// A daemon that reads nothing, and a peer that reads nothing: the entries that do
// not fit into the kernel's buffers are refused in time, and when the peer reads
// again it gets whole lines.
func TestPeersThatHang(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	record := device("socket", "address", l.Addr().String())
	record.Deadline = 30 * time.Millisecond
	d := open(t, record)
	big := strings.Repeat("x", 100_000)
	accepted := 0
	for ; try(d, big) == nil; accepted++ {
		if accepted == 10_000 {
			t.Fatal("a gigabyte is in the kernel's buffers")
		}
	}
	for refused := 0; refused < 3; refused++ {
		if try(d, big) == nil { // the kernel found a little more room
			accepted, refused = accepted+1, 0
		}
	}
	if !d.Failing.Load() {
		t.Error("the device does not know that it fails")
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(conn)
		got <- text
	}()
	for try(d, "again") != nil { // the buffers take a moment to drain
	}
	d.Close()
	whole := 0
	lines := bytes.Split(bytes.TrimSuffix(<-got, []byte("\n")), []byte("\n"))
	for _, line := range lines {
		if len(line) == len(big) {
			whole++
		}
	}
	if last := string(lines[len(lines)-1]); whole < accepted || last != "again" {
		t.Errorf("%d of %d entries arrived whole; the last is %.20q", whole, accepted, last)
	}
}
