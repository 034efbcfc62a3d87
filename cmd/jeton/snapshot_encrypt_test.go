package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// keyPair is an identity in a file, and its recipient.
func keyPair(t *testing.T) (id *age.X25519Identity, file string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id, writeFile(t, "key.txt", "# made for a test\n"+id.String()+"\n")
}

func encrypted(t *testing.T, plain string, to ...age.Recipient) string {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err == nil {
		_, err = io.WriteString(w, plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSnapshotEncrypted(t *testing.T) {
	server := snapshotServer(t)
	sh := newShell(t, server.URL)
	sh.env["JETON_TOKEN"] = httptestcluster.Root
	first, firstFile := keyPair(t)
	second, secondFile := keyPair(t)
	stranger, strangerFile := keyPair(t)
	post, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	want := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := sh.run(t.Context(), args...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v: exit code %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		for _, id := range []*age.X25519Identity{first, second, stranger} {
			if strings.Contains(out+errs, id.String()) || strings.Contains(out+errs, id.Recipient().String()) {
				t.Errorf("%v shows a key", args)
			}
		}
		return out + errs
	}
	name := writeFile(t, "a.age", "old")
	others := writeFile(t, "recipients", "# who may read\n"+second.Recipient().String()+"\n")
	want(exitDone, "Saved the state", "snapshot", "save", "-force", "-recipient="+first.Recipient().String(), "-recipients-file", others, name)
	if text, err := os.ReadFile(name); err != nil || !strings.HasPrefix(string(text), ageMagic) {
		t.Fatalf("the file begins with %.20q, %v", text, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	for _, key := range []string{firstFile, secondFile} {
		want(exitDone, "is sound", "snapshot", "verify", "-identity", key, name)
		want(exitDone, "live_tokens", "snapshot", "inspect", "-identity", key, name)
	}
	want(exitDone, "are equal", "snapshot", "diff", "-identity", strangerFile, "-identity", firstFile, name, name)
	want(exitDone, "Restored", "snapshot", "restore", "-identity", firstFile, name)
	for _, verb := range []string{"verify", "inspect", "restore", "rehearse"} {
		want(exitUsage, "-identity", "snapshot", verb, name)
		want(exitFailed, "none of the identities", "snapshot", verb, "-identity", strangerFile, name)
		want(exitFailed, "not a file of age identities", "snapshot", verb, "-identity", others, name)
		want(exitFailed, "no such file", "snapshot", verb, "-identity", name+".none", name)
	}
	if err := os.Chmod(firstFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if says := want(exitDone, "WARNING", "snapshot", "restore", "-identity", firstFile, name); strings.Count(says, "WARNING") != 1 {
		t.Errorf("warned more than once:\n%s", says)
	}

	// who is no recipient is refused before anything is asked for
	for _, args := range [][]string{
		{"-recipient=nobody"}, {"-recipient="}, {"-recipient=" + first.String()}, {"-recipients-file", firstFile}, {"-recipients-file", name},
		{"-recipient=" + first.Recipient().String(), "-recipient=" + post.Recipient().String()},
	} {
		want(exitUsage, "", append([]string{"snapshot", "save", "-force", name}, args...)...)
	}
	want(exitDone, "Saved", "snapshot", "save", "-force", "-recipient="+post.Recipient().String(), name)
	want(exitDone, "is sound", "snapshot", "verify", "-identity", writeFile(t, "post.txt", post.String()), name)
}

func TestSnapshotEncryptedHostile(t *testing.T) {
	before, _ := twoStates(t)
	plain := archiveOf(t, before)
	id, file := keyPair(t)
	whole := encrypted(t, plain, id.Recipient())
	flipped := []byte(whole)
	flipped[len(flipped)-20] ^= 1
	for _, tt := range []struct{ name, text, says string }{
		{"cut in the header", whole[:60], "a.age"},
		{"cut in the middle", whole[:len(whole)-100], "a.age"},
		{"changed", string(flipped), "a.age"},
		{"something behind", whole + "x", "a.age"},
		{"garbage inside", encrypted(t, "no archive at all, but a text", id.Recipient()), "not an archive"},
		{"nothing inside", encrypted(t, "", id.Recipient()), "cut off"},
		{"an archive that is cut off inside", encrypted(t, plain[:len(plain)-1], id.Recipient()), "cut off"},
		{"an archive and more inside", encrypted(t, plain+"x", id.Recipient()), "bytes after the end"},
		{"encrypted twice", encrypted(t, whole, id.Recipient()), "not an archive"},
	} {
		for _, verb := range []string{"verify", "inspect", "diff", "rehearse"} {
			name := writeFile(t, "a.age", tt.text)
			args := []string{"snapshot", verb, "-identity", file, name}
			if verb == "diff" {
				args = append(args, writeFile(t, "b.snap", plain))
			}
			code, out, errs := newShell(t, "").run(t.Context(), args...)
			if code != exitFailed || out != "" || !strings.Contains(errs, tt.says) || !strings.Contains(errs, "a.age: ") {
				t.Errorf("%s, %s: exit code %d:\n%s%s", tt.name, verb, code, out, errs)
			}
		}
	}
}
