package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// sink makes what the settings describe.
func (s Settings) sink() sink {
	switch {
	case s.Type == fsm.AuditSocket:
		return newSocket(s)
	case s.Type == fsm.AuditSyslog:
		return newSyslog(s)
	case s.path == Discard:
		return &stream{w: io.Discard}
	case s.path == Stdout:
		return &stream{w: os.Stdout}
	}
	return &file{path: s.path, mode: s.mode, modeSet: s.modeSet, prefix: s.prefix}
}

// file appends to a file. Whenever its path leads elsewhere than to the file that
// is open (it was renamed, removed, replaced), the next write opens it anew.
type file struct {
	path    string
	mode    fs.FileMode
	modeSet bool
	prefix  string

	open *os.File // nil: not open
	info fs.FileInfo
	out  stream
}

func (f *file) write(lines [][]byte, deadline time.Time) (int, error) {
	if f.open != nil && f.moved() {
		f.close()
	}
	if f.open == nil {
		if err := f.openPath(); err != nil {
			return 0, err
		}
	}
	return f.out.write(lines, deadline)
}

func (f *file) reopen() { f.close() }

func (f *file) close() error {
	if f.open == nil {
		return nil
	}
	err := f.open.Close()
	f.open = nil
	return err
}

func (f *file) moved() bool {
	there, err := os.Stat(f.path)
	return err != nil || !os.SameFile(there, f.info)
}

// openPath opens the file, or makes it. A named pipe would block whoever opens
// it, so it is opened without waiting and then refused.
func (f *file) openPath() error {
	opened, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE|syscall.O_NONBLOCK|syscall.O_CLOEXEC, f.mode)
	if err != nil {
		return err
	}
	info, err := opened.Stat()
	if err == nil {
		err = f.fits(opened, info)
	}
	if err == nil && f.modeSet && info.Mode().IsRegular() && info.Mode().Perm() != f.mode {
		err = opened.Chmod(f.mode)
	}
	if err != nil {
		return errors.Join(err, opened.Close())
	}
	f.open, f.info = opened, info
	f.out = stream{w: opened, torn: info.Mode().IsRegular() && !endsLine(opened, info.Size())}
	return nil
}

// fits wants a file that is empty or begins as one of ours does: whoever may
// enable audit devices is not to append to the other files of this machine.
func (f *file) fits(opened *os.File, info fs.FileInfo) error {
	switch {
	case info.Mode()&fs.ModeCharDevice != 0:
		return nil
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a character device", f.path)
	}
	want := []byte(f.prefix + `{"time":"`)
	have := make([]byte, min(int64(len(want)), info.Size()))
	if _, err := opened.ReadAt(have, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.HasPrefix(want, have) {
		return fmt.Errorf("%s is not empty and does not begin like an audit log with this prefix", f.path)
	}
	return nil
}

// endsLine says whether a file is empty or ends with a line break: otherwise its
// last writer was cut off.
func endsLine(opened *os.File, size int64) bool {
	if size == 0 {
		return true
	}
	var last [1]byte
	_, err := opened.ReadAt(last[:], size-1)
	return err == nil && last[0] == '\n'
}

// stream writes lines to whatever takes bytes in order.
type stream struct {
	w    io.Writer
	torn bool // the last thing written is part of a line
	buf  []byte
}

// write writes all lines at once. After an error it knows how many are out.
func (s *stream) write(lines [][]byte, _ time.Time) (int, error) {
	s.buf = s.buf[:0]
	if s.torn {
		s.buf = append(s.buf, '\n')
	}
	mended := len(s.buf)
	for _, l := range lines {
		s.buf = append(s.buf, l...)
	}
	n, err := s.w.Write(s.buf)
	if cap(s.buf) > 4*maxBatchBytes {
		s.buf = nil // a rare long entry is not kept
	}
	if err == nil {
		s.torn = false
		return len(lines), nil
	}
	if n < mended {
		return 0, err
	}
	whole := 0
	for n -= mended; whole < len(lines) && n >= len(lines[whole]); whole++ {
		n -= len(lines[whole])
	}
	s.torn = n > 0
	return whole, err
}

func (*stream) reopen()      {}
func (*stream) close() error { return nil }
