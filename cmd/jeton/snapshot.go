package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

func snapshotSaveCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	force := flags.Bool("force", false, "replace the file if it is there")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		if _, err := os.Lstat(args[0]); !*force && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already: take another name, or -force", args[0])
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
		m, err := keepArchive(args[0], answer.Body)
		if err != nil {
			return fmt.Errorf("saving a snapshot: %w", err)
		}
		if out.format == "json" {
			return out.json(m)
		}
		return out.success("Saved the state at index %d to: %s", m.Index, args[0])
	}
}

// keepArchive writes an archive to a file that appears under its name only when all
// of it is there, was read again and is on the disk.
func keepArchive(name string, archive io.Reader) (*snapshot.Meta, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // with mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name()) // which is gone when all went well
	defer f.Close()
	if _, err := io.Copy(f, archive); err != nil {
		return nil, fmt.Errorf("the transfer was cut off: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	c, err := snapshot.Read(f, snapshot.MaxStateBytes, func(snapshot.Meta, io.Reader) error { return nil })
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), name), syncDir(filepath.Dir(name))); err != nil {
		return nil, err
	}
	return &c.Meta, nil
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
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		a, err := openArchive(args[0])
		if err != nil {
			return err
		}
		return out.success("The state at index %d of %s is sound.", a.Meta.Index, a.Meta.Time.Format("2006-01-02 15:04:05 MST"))
	}
}

// savedState is an archive and the state in it.
type savedState struct {
	*snapshot.Contents
	state *fsm.State
}

// openArchive reads a file as strictly as it can be read without the cluster's keys.
func openArchive(name string) (*savedState, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a := new(savedState)
	a.Contents, err = snapshot.Read(f, snapshot.MaxStateBytes, func(_ snapshot.Meta, r io.Reader) (err error) {
		a.state, err = fsm.ReadState(r)
		return err
	})
	if err == nil && a.state.Hash().String() != a.Meta.StateHash {
		err = fmt.Errorf("the state's hash is %s, the description says %s", a.state.Hash(), a.Meta.StateHash)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}
