package cluster

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// What releases have written is opened by every later one. testdata/releases has, of
// each, the data directory of a node that was killed after it had taken a snapshot and
// gone on, and an archive. What a release adds to them is written once, by
//
//	JETON_KEEP_RELEASE=v1.2.3 go test ./cluster -run TestReleasesAreOpened
//
// and never again: these files are not golden files that follow the code.
const releases = "testdata/releases"

func releaseConfig(t testing.TB, dir string) Config {
	cfg := testConfig(t, 1, 1)
	cfg.DataDir, cfg.ClusterName, cfg.SecretFile = dir, "releases", filepath.Join(releases, "cluster.secret")
	return cfg
}

// The tokens of a release: what was done with them before and after the snapshot.
const (
	oldToken, oldDead = "kept-before", "revoked-before"
	newToken, newDead = "kept-after", "revoked-after"
)

func keepRelease(t *testing.T, name string) {
	dir := filepath.Join(releases, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err) // above all when it is there already
	}
	c := startCluster(t, 1, func(_ int, cfg *Config) { *cfg = releaseConfig(t, cfg.DataDir) })
	ctx, cancel := testContext(t)
	defer cancel()
	work := func(kept, dead string) {
		for _, text := range []string{kept, dead} {
			if err := c.create(ctx, 0, text, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.revoke(ctx, 0, dead); err != nil {
			t.Fatal(err)
		}
	}
	work(oldToken, oldDead)
	if err := c.nodes[0].raft.Snapshot().Error(); err != nil {
		t.Fatal(err)
	}
	work(newToken, newDead)
	var archive bytes.Buffer
	if err := WriteArchive(&archive, c.nodes[0].machine.View(), c.nodes[0].Digest); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "archive.tar"), archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	c.crash(0)
	if err := pack(filepath.Join(dir, "data.tar.gz"), c.cfgs[0].DataDir); err != nil {
		t.Fatal(err)
	}
}

func TestReleasesAreOpened(t *testing.T) {
	if name := os.Getenv("JETON_KEEP_RELEASE"); name != "" {
		keepRelease(t, name)
	}
	found, err := filepath.Glob(filepath.Join(releases, "*", "data.tar.gz"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no releases: %v", err)
	}
	for _, data := range found {
		dir := filepath.Dir(data)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			cfg := releaseConfig(t, t.TempDir())
			if err := unpack(data, cfg.DataDir); err != nil {
				t.Fatal(err)
			}
			if r, err := Examine(cfg.DataDir); err != nil || r.LastIndex == 0 || len(r.Servers) != 1 {
				t.Fatalf("%+v, %v", r, err)
			}
			c := newCluster(t, 1, 1, func(_ int, c *Config) { *c = cfg })
			c.start(0)
			c.awaitReady()
			c.leader()
			ctx, cancel := testContext(t)
			defer cancel()
			for _, text := range []string{oldToken, newToken} {
				if _, err := c.read(ctx, 0, text); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
			for _, text := range []string{oldDead, newDead} {
				if _, err := c.read(ctx, 0, text); !denied(err) {
					t.Errorf("%s: %v", text, err)
				}
			}
			testOldArchive(t, filepath.Join(dir, "archive.tar"), c)
		})
	}
}

// testOldArchive reads an archive, for whose cluster a node speaks.
func testOldArchive(t *testing.T, path string, c *testCluster) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var st *fsm.State
	a, err := snapshot.Read(f, fsm.MaxStagedBytes, func(_ snapshot.Meta, r io.Reader) (err error) {
		st, err = fsm.ReadState(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifyArchive(a, c.nodes[0].Digest); err != nil {
		t.Error(err)
	}
	if a.Meta.StateHash != st.Hash().String() {
		t.Errorf("the state is %s, the archive says %s", st.Hash(), a.Meta.StateHash)
	}
	for text, alive := range map[string]bool{oldToken: true, newToken: true, oldDead: false, newDead: false} { // order: each stands alone
		if _, verdict := st.Resolve(c.caller(text), st.Clock); (verdict == nil) != alive {
			t.Errorf("%s in the archive: %v", text, verdict)
		}
	}
}

func pack(path, dir string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	zw := gzip.NewWriter(f)
	tw := tar.NewWriter(zw)
	err = tw.AddFS(os.DirFS(dir))
	for _, c := range []io.Closer{tw, zw, f} {
		if cerr := c.Close(); err == nil {
			err = cerr
		}
	}
	return err
}

func unpack(path, dir string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		to := filepath.Join(dir, h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(to, 0o700)
		case tar.TypeReg:
			var b []byte
			if b, err = io.ReadAll(tr); err == nil {
				err = os.WriteFile(to, b, fs.FileMode(h.Mode))
			}
		default:
			err = fmt.Errorf("%s in %s is of type %c", h.Name, path, h.Typeflag)
		}
		if err != nil {
			return err
		}
	}
}
