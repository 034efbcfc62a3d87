package store_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jeton-io/jeton/snapshot/store"
)

// mountTmpfs gives a test a file system of its own.
func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, options); err != nil {
		t.Skipf("NOTHING IS TESTED ON A FULL DISK: no file system can be mounted: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

func TestFullDisk(t *testing.T) {
	d := &store.Dir{Folder: mountTmpfs(t, "size=64k"), Prefix: "a"}
	_, err := d.Put(t.Context(), "a-1-1.snap", archive(noise(200_000)))
	wantNothing(t, d, err, store.NoRoom)
	put(t, d, 2)
	if _, err := d.Put(t.Context(), "a-3-3.snap", archive(noise(200_000))); store.ProblemOf(err) != store.NoRoom {
		t.Error(err)
	}
	if got := list(t, d.Folder); len(got) != 1 || got[0] != "a-2-7.snap" {
		t.Errorf("there are %q", got)
	}
}

func TestReadOnlyDisk(t *testing.T) {
	folder := mountTmpfs(t, "size=64k")
	d := &store.Dir{Folder: folder, Prefix: "a"}
	name := put(t, d, 1)
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("NOTHING IS TESTED ON A READ-ONLY DISK: %v", err)
	}
	if _, err := d.Put(t.Context(), "a-2-2.snap", archive("")); store.ProblemOf(err) != store.Forbidden {
		t.Error(err)
	}
	if err := d.Delete(t.Context(), name); store.ProblemOf(err) != store.Forbidden {
		t.Error(err)
	}
}

func TestForbiddenFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere; TestReadOnlyDisk is for it")
	}
	folder := filepath.Join(t.TempDir(), "a")
	if err := os.Mkdir(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	d := &store.Dir{Folder: folder, Prefix: "a"}
	_, err := d.Put(t.Context(), "a-1-1.snap", archive(""))
	wantNothing(t, d, err, store.Forbidden)
}
