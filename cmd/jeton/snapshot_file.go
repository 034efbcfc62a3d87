package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// archives opens files that hold archives, encrypted ones too.
type archives struct {
	c          *console
	out        *output
	identities []string // names of files
	keys       []age.Identity
}

// declareArchives adds the flag that opens encrypted files.
func declareArchives(c *console, flags *flag.FlagSet, out *output) *archives {
	a := &archives{c: c, out: out}
	flags.Func("identity", "`file` of age identities, one of which opens an encrypted archive; can be repeated", func(s string) error {
		a.identities = append(a.identities, s)
		return nil
	})
	return a
}

// archiveFile is an archive as it was before it was encrypted.
type archiveFile struct {
	io.Reader
	archives *archives
	file     *os.File
	progress *progress
}

// ageMagic is the line that every file begins with that age wrote.
const ageMagic = "age-encryption.org/v1\n"

// open opens a file. doing says on a terminal what is done with it.
func (a *archives) open(name, doing string) (*archiveFile, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	f := &archiveFile{archives: a, file: file}
	info, err := file.Stat()
	if err == nil {
		f.progress = a.c.progress(doing+" "+name, info.Size(), a.out)
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// Seek goes back to the beginning, and nowhere else: the client library streams
// only what can be sent again.
func (f *archiveFile) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	in := bufio.NewReaderSize(f.progress.reader(f.file), 64<<10)
	f.Reader = in
	if head, _ := in.Peek(len(ageMagic)); string(head) == ageMagic { // a shorter file is no archive either
		plain, err := f.archives.decrypt(in)
		if err != nil {
			return 0, err
		}
		f.Reader = plain
	}
	return 0, nil
}

// Close takes back what stands on the terminal, too.
func (f *archiveFile) Close() error {
	f.progress.done()
	return f.file.Close()
}

func (a *archives) decrypt(r io.Reader) (io.Reader, error) {
	if len(a.identities) == 0 {
		return nil, usagef("it is encrypted: -identity has to name a file with an age identity that it was encrypted to")
	}
	if a.keys == nil {
		for _, name := range a.identities {
			more, err := a.readIdentities(name)
			if err != nil {
				return nil, err
			}
			a.keys = append(a.keys, more...)
		}
	}
	plain, err := age.Decrypt(r, a.keys...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, errors.New("it is encrypted, and to none of the identities that were given")
	}
	return plain, err
}

// readIdentities repeats nothing of what the file holds.
func (a *archives) readIdentities(name string) ([]age.Identity, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		fmt.Fprintf(a.c.err, "WARNING: others than its owner may read %s, which holds a secret key (mode %04o)\n", name, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes))
	if err != nil {
		return nil, err
	}
	list, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s is not a file of age identities (AGE-SECRET-KEY-1…, one a line)", name)
	}
	return list, nil
}

// maxKeyFileBytes is a good hundred post-quantum recipients.
const maxKeyFileBytes = 256 << 10

// savedState is an archive and the state in it.
type savedState struct {
	*snapshot.Contents
	state *fsm.State
}

// read reads a file as strictly as it can be read without the cluster's keys.
func (a *archives) read(name, doing string) (*savedState, error) {
	f, err := a.open(name, doing)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := new(savedState)
	s.Contents, err = snapshot.Read(f, snapshot.MaxStateBytes, func(_ snapshot.Meta, r io.Reader) (err error) {
		s.state, err = fsm.ReadState(r)
		return err
	})
	if err == nil {
		err = wantHash(s.Meta, s.state.Hash())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// wantHash wants an archive to hold the state that its description names.
func wantHash(m snapshot.Meta, h fsm.Hash) error {
	if h.String() != m.StateHash {
		return fmt.Errorf("the state's hash is %s, the description says %s", h, m.StateHash)
	}
	return nil
}
