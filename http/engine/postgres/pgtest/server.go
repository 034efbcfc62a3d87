package pgtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Server is a PostgreSQL server and its data.
type Server struct {
	Port     int
	User     string // its superuser
	Password string

	t    testing.TB
	bin  string
	dir  string
	data string
	cred *syscall.Credential
	proc *exec.Cmd
	log  *os.File
}

// Start makes a server that runs until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a PostgreSQL: skipped with -short")
	}
	bin, err := Programs()
	if err != nil {
		t.Skipf("NOTHING IS TESTED AGAINST A REAL POSTGRESQL HERE: %v", err)
	}
	s := &Server{t: t, bin: bin, User: "manager of roles", Password: "Password-of-the-manager-4711"}
	if err := s.lay(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("log of PostgreSQL:\n%s", s.tail())
		}
		os.RemoveAll(s.dir)
	})
	s.Run()
	return s
}

// Programs finds the newest of Debian's folders of programs, or the one in PATH.
func Programs() (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { return release(a) - release(b) })
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", fmt.Errorf("no programs, apt-get install postgresql: %w", err)
	}
	return filepath.Dir(path), nil
}

func release(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// lay makes the data of a new server.
func (s *Server) lay() (err error) {
	// not below t.TempDir, whose folders are closed to the user the server runs as
	if s.dir, err = os.MkdirTemp("", "jeton-postgres-"); err != nil {
		return err
	}
	s.data = filepath.Join(s.dir, "data")
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.Password+"\n"), 0o600); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		if s.cred, err = unprivileged(); err != nil {
			return err
		}
		for _, path := range []string{s.dir, secret} {
			if err := os.Chown(path, int(s.cred.Uid), int(s.cred.Gid)); err != nil {
				return err
			}
		}
	}
	if s.log, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
		return err
	}
	init := s.command("initdb", "--no-sync", "-A", "scram-sha-256", "-U", s.User, "--pwfile", secret, "-E", "UTF8", "--locale=C", "-D", s.data)
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s.Port, err = freePort()
	return err
}

// unprivileged is whom servers run as when we are root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
	}
	return nil, fmt.Errorf("no user postgres or nobody")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "PATH=" + s.bin + ":/usr/bin:/bin", "HOME=" + s.dir}
	cmd.SysProcAttr = tied(&syscall.SysProcAttr{Credential: s.cred, Setpgid: true})
	return cmd
}

// Run starts the server on its data and returns when it takes connections.
func (s *Server) Run() {
	s.t.Helper()
	s.proc = s.command("postgres", "-D", s.data, "-p", strconv.Itoa(s.Port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
		"-c", "log_statement=all", "-c", "log_min_messages=info")
	out, err := s.proc.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.proc.Start(); err != nil {
		s.t.Fatal(err)
	}
	ready := make(chan bool)
	go func() {
		said := false
		for lines := bufio.NewScanner(io.TeeReader(out, s.log)); lines.Scan(); {
			if !said && bytes.Contains(lines.Bytes(), []byte("ready to accept connections")) {
				said = true
				ready <- true
			}
		}
		io.Copy(s.log, out) // a line beyond the scanner's bound
		close(ready)
	}()
	if !<-ready {
		s.t.Fatalf("PostgreSQL does not start:\n%s", s.tail())
	}
}

// Stop has the server hang up on everybody and end (fast shutdown). Run starts it
// again.
func (s *Server) Stop() {
	s.t.Helper()
	if s.proc == nil || s.proc.ProcessState != nil {
		return
	}
	if err := s.proc.Process.Signal(syscall.SIGINT); err != nil {
		s.t.Error(err)
	}
	s.proc.Wait() // its exit code says nothing that the log does not
}

// URL is a connection_url for a database of the server, with marks for user and
// password.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgresql://{{username}}:{{password}}@127.0.0.1:%d/%s?sslmode=disable", s.Port, database)
}

// Log is what the server has logged: every statement, among other things.
func (s *Server) Log() string {
	s.t.Helper()
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *Server) tail() string {
	text, _ := os.ReadFile(s.log.Name())
	return string(text[max(0, len(text)-4096):])
}

// SQL runs statements as the superuser and returns what they print, cells separated
// by a bar.
func (s *Server) SQL(database, statements string) string {
	s.t.Helper()
	out, err := s.Login(database, s.User, s.Password, statements)
	if err != nil {
		s.t.Fatalf("%s: %v", statements, err)
	}
	return out
}

// Login is SQL as somebody else, who may be refused.
func (s *Server) Login(database, name, password, statements string) (string, error) {
	psql := s.command("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
		"-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", name, "-d", database)
	psql.Env = append(psql.Env, "PGPASSWORD="+password)
	psql.Stdin = strings.NewReader(statements)
	out, err := psql.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), err
}
