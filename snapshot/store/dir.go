package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Dir keeps files in a directory of this machine, which has to be there: one that is
// not is more likely a disk that was not mounted than one that is to be made.
type Dir struct {
	Folder   string
	Prefix   string
	MaxSpace uint64 // bytes that all files of the schedule may take; 0: any
}

// partial is what a file is called before it is whole: .<prefix>-<digits>.partial.
const partial = ".partial"

// Put writes beside, reads again what the disk has, and then gives it its name.
func (d *Dir) Put(ctx context.Context, name string, write func(io.Writer) error) (int64, error) {
	n, err := d.put(ctx, name, write)
	return n, trouble(err)
}

func (d *Dir) put(ctx context.Context, name string, write func(io.Writer) error) (int64, error) {
	room, err := d.makeRoom()
	if err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(d.Folder, "."+d.Prefix+"-*"+partial) // with mode 0600
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // which is gone when all went well
	defer f.Close()
	sum := sha256.New()
	w := &counter{ctx: ctx, w: io.MultiWriter(&bounded{f, room}, sum)}
	if err := write(w); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil { // before it is read: what cannot be kept is not vouched for
		return 0, err
	}
	if err := readBack(ctx, f, sum.Sum(nil)); err != nil {
		return 0, err
	}
	if err := f.Close(); err != nil { // and then no name
		return 0, err
	}
	final := filepath.Join(d.Folder, name)
	if err := os.Rename(f.Name(), final); err != nil {
		return 0, err
	}
	if err := syncFolder(d.Folder); err != nil {
		return 0, errors.Join(err, os.Remove(final))
	}
	return w.n, nil
}

var errAltered = errors.New("read back: not what was written")

// readBack wants a file to hold what was written to it, by its SHA-256.
func readBack(ctx context.Context, f *os.File, want []byte) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &patient{ctx, f}); err != nil {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), want) {
		return errAltered
	}
	return nil
}

// patient is a reader that ends with its context.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// makeRoom clears away what attempts that were cut off have left, and says how many
// bytes may come.
func (d *Dir) makeRoom() (uint64, error) {
	files, err := os.ReadDir(d.Folder)
	if err != nil {
		return 0, err
	}
	var used uint64
	for _, e := range files {
		if !e.Type().IsRegular() {
			continue
		}
		if d.isPartial(e.Name()) {
			os.Remove(filepath.Join(d.Folder, e.Name())) // if it cannot be, the next attempt may
		} else if _, ours := ParseName(d.Prefix, e.Name()); ours {
			info, err := e.Info()
			if err != nil {
				return 0, err
			}
			used += uint64(info.Size())
		}
	}
	switch {
	case d.MaxSpace == 0:
		return 1 << 62, nil
	case used >= d.MaxSpace:
		return 0, errSpace
	}
	return d.MaxSpace - used, nil
}

func (d *Dir) isPartial(name string) bool {
	rest, ours := strings.CutPrefix(name, "."+d.Prefix+"-")
	digits, whole := strings.CutSuffix(rest, partial)
	return ours && whole && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// List names the schedule's files.
func (d *Dir) List(context.Context) (names []Name, err error) {
	files, err := os.ReadDir(d.Folder)
	for _, e := range files {
		if n, ours := ParseName(d.Prefix, e.Name()); ours && e.Type().IsRegular() {
			names = append(names, n)
		}
	}
	return names, trouble(err)
}

// Delete removes a file.
func (d *Dir) Delete(_ context.Context, name string) error {
	err := os.Remove(filepath.Join(d.Folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return trouble(err)
}

// syncFolder has a rename outlast a crash of the machine.
func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var errSpace = errors.New("the files of the schedule take all the bytes that they may")

// bounded refuses what is too much.
type bounded struct {
	w    io.Writer
	room uint64
}

func (b *bounded) Write(p []byte) (int, error) {
	if uint64(len(p)) > b.room {
		return 0, errSpace
	}
	n, err := b.w.Write(p)
	b.room -= uint64(n)
	return n, err
}

// trouble says what kind an error of the disk is.
func trouble(err error) error {
	kind := Other
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errSpace):
		kind = SpaceUsed
	case errors.Is(err, errAltered):
		kind = Damaged
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		kind = NoPlace
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		kind = Forbidden
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		kind = NoRoom
	}
	return &Error{kind, err}
}
