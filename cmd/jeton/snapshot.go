package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/jeton-io/jeton/snapshot"
)

func snapshotSaveCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	to := declareRecipients(flags)
	force := flags.Bool("force", false, "replace the file if it is there")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		if _, err := os.Lstat(args[0]); !*force && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already: take another name, or -force", args[0])
		}
		keys, err := to.parse()
		if err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		client.SetClientTimeout(0) // a large state takes its time; Ctrl-C ends it
		answer, err := client.Logical().ReadRawWithContext(ctx, "sys/storage/raft/snapshot")
		if err != nil {
			return apiError("saving a snapshot", err)
		}
		defer answer.Body.Close()
		p := c.progress("saving", 0, out)
		m, err := keepArchive(args[0], p.reader(answer.Body), keys)
		p.done()
		if err != nil {
			return fmt.Errorf("saving a snapshot: %w", err)
		}
		if out.format == "json" {
			return out.json(m)
		}
		return out.success("Saved the state at index %d to: %s", m.Index, args[0])
	}
}

// keepArchive writes an archive to a file, encrypted if there is somebody to encrypt
// it to. The file appears under its name only when the archive came whole and is
// sound, and what was written was read again and is on the disk.
func keepArchive(name string, archive io.Reader, to []age.Recipient) (*snapshot.Meta, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // with mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name()) // which is gone when all went well
	defer f.Close()
	written := sha256.New()
	w, err := encryptTo(io.MultiWriter(f, written), to)
	if err != nil {
		return nil, err
	}
	// what reads as an archive to its very end is what goes into the file
	c, err := snapshot.Read(io.TeeReader(archive, w), snapshot.MaxStateBytes, func(snapshot.Meta, io.Reader) error { return nil })
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		w.Close,
		f.Sync,
		func() error { return readsBack(f, written.Sum(nil)) },
		f.Close,
		func() error { return os.Rename(f.Name(), name) },
		func() error { return syncDir(filepath.Dir(name)) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &c.Meta, nil
}

// readsBack wants a file to hold what has that SHA-256.
func readsBack(f *os.File, sum []byte) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	back := sha256.New()
	if _, err := io.Copy(back, f); err != nil {
		return err
	}
	if !bytes.Equal(back.Sum(nil), sum) {
		return errors.New("the file reads back as something else than was written")
	}
	return nil
}

// syncDir has a rename outlast a crash of the machine.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func snapshotVerifyCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	files := declareArchives(c, flags, out)
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		a, err := files.read(args[0], "reading")
		if err != nil {
			return err
		}
		return out.success("The state at index %d of %s is sound.", a.Meta.Index, a.Meta.Time.Format("2006-01-02 15:04:05 MST"))
	}
}
