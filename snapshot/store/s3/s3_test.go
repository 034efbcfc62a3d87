package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/jeton-io/jeton/snapshot/store"
	"github.com/jeton-io/jeton/snapshot/store/s3"
)

const secret = "wJalrXUtnFEMI-never-shown"

// place is a bucket to test with, and what looks into it.
type place struct {
	config s3.Config
	admin  *minio.Client
}

// open is the store under test.
func (p *place) open(t *testing.T, changes ...func(*s3.Config)) *s3.Bucket {
	t.Helper()
	c := p.config
	for _, change := range changes {
		change(&c)
	}
	b, err := s3.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newPlace(t *testing.T, endpoint, id, key string) *place {
	t.Helper()
	_, host, _ := strings.Cut(endpoint, "://")
	p := &place{config: s3.Config{
		Endpoint: host, Region: "us-east-1", Bucket: fmt.Sprintf("jeton-%d", time.Now().UnixNano()), Folder: "back/ups", Prefix: "a",
		PlainHTTP: !strings.HasPrefix(endpoint, "https://"), PathStyle: true, AccessKeyID: id, SecretAccessKey: key,
	}}
	var err error
	p.admin, err = minio.New(host, &minio.Options{
		Secure: !p.config.PlainHTTP, Region: "us-east-1", BucketLookup: minio.BucketLookupPath, Creds: credentials.NewStaticV4(id, key, ""),
	})
	if err == nil {
		err = p.admin.MakeBucket(t.Context(), p.config.Bucket, minio.MakeBucketOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fake is a server that speaks the protocol, in this process.
func fake(t *testing.T, around func(http.Handler) http.Handler) *place {
	t.Helper()
	h := unchunked(gofakes3.New(s3mem.New()).Server())
	if around != nil {
		h = around(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return newPlace(t, server.URL, "AKIAFAKE", secret)
}

// genuine is a real server: the one that the environment names, or a versitygw that is
// found on this machine.
func genuine(t *testing.T) *place {
	t.Helper()
	if endpoint := os.Getenv("JETON_TEST_S3_ENDPOINT"); endpoint != "" {
		return newPlace(t, endpoint, os.Getenv("JETON_TEST_S3_KEY_ID"), os.Getenv("JETON_TEST_S3_KEY"))
	}
	return newPlace(t, startVersity(t), versityID, secret)
}

func both(t *testing.T, test func(t *testing.T, p *place)) {
	t.Run("fake", func(t *testing.T) { test(t, fake(t, nil)) })
	t.Run("real", func(t *testing.T) { test(t, genuine(t)) })
}

func write(b []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(b)); return err }
}

// keys is what is in the bucket.
func (p *place) keys(t *testing.T) string {
	t.Helper()
	var keys []string
	for o := range p.admin.ListObjects(t.Context(), p.config.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	return strings.Join(keys, " ")
}

func TestBucket(t *testing.T) {
	both(t, func(t *testing.T, p *place) {
		b := p.open(t)
		for _, key := range []string{"back/ups/a-1-2.snap.bak", "back/ups/a-1-1-1.snap", "back/ups/deeper/a-1-1.snap", "a-1-1.snap"} {
			if _, err := p.admin.PutObject(t.Context(), p.config.Bucket, key, strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		for at := range int64(4) {
			name := store.Name{At: 100 + at, Index: 7}.File("a")
			if n, err := b.Put(t.Context(), name, write([]byte("archive"))); n != 7 || err != nil {
				t.Fatalf("%d bytes, %v", n, err)
			}
		}
		if n, err := store.Rotate(t.Context(), b, "a", 2, 0); n != 2 || err != nil {
			t.Fatalf("%d removed, %v", n, err)
		}
		if err := b.Delete(t.Context(), "a-1-1.snap"); err != nil {
			t.Errorf("what is not there: %v", err)
		}
		want := "a-1-1.snap back/ups/a-1-1-1.snap back/ups/a-1-2.snap.bak back/ups/a-102-7.snap back/ups/a-103-7.snap back/ups/deeper/a-1-1.snap"
		if got := p.keys(t); got != want {
			t.Errorf("there are %s", got)
		}
	})
}

// Several parts come together again, at the root of a bucket too.
func TestParts(t *testing.T) {
	both(t, func(t *testing.T, p *place) {
		big := bytes.Repeat([]byte("0123456789abcdef"), 34<<20/16)
		b := p.open(t, func(c *s3.Config) { c.Folder, c.Encrypted = "", false })
		if n, err := b.Put(t.Context(), "a-1-1.snap", write(big)); n != int64(len(big)) || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		o, err := p.admin.GetObject(t.Context(), p.config.Bucket, "a-1-1.snap", minio.GetObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(o)
		if err != nil || !bytes.Equal(got, big) {
			t.Errorf("%d bytes come back, %v", len(got), err)
		}
		if names, err := b.List(t.Context()); err != nil || len(names) != 1 {
			t.Errorf("%v, %v", names, err)
		}
	})
}

// An upload that fails in the middle leaves neither an object nor parts.
func TestUploadFails(t *testing.T) {
	both(t, func(t *testing.T, p *place) {
		b, errBroken := p.open(t), errors.New("broken")
		_, err := b.Put(t.Context(), "a-1-1.snap", func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 20<<20)); err != nil {
				return err
			}
			return errBroken
		})
		if !errors.Is(err, errBroken) || store.ProblemOf(err) != store.Other {
			t.Errorf("%v of kind %d, want what broke", err, store.ProblemOf(err))
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err = b.Put(ctx, "a-2-2.snap", func(w io.Writer) error {
			w.Write(make([]byte, 20<<20))
			cancel()
			_, err := w.Write(make([]byte, 20<<20))
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that it was given up", err)
		}
		if got := p.keys(t); got != "" {
			t.Errorf("there are %s", got)
		}
		for part := range p.admin.ListIncompleteUploads(t.Context(), p.config.Bucket, "", true) {
			t.Errorf("parts are left: %+v", part)
		}
	})
}

// Without a key of its own a schedule asks with the environment's.
func TestEnvironment(t *testing.T) {
	p := genuine(t)
	t.Setenv("AWS_ACCESS_KEY_ID", p.config.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", p.config.SecretAccessKey)
	b := p.open(t, func(c *s3.Config) { c.AccessKeyID, c.SecretAccessKey = "", "" })
	if _, err := b.Put(t.Context(), "a-1-1.snap", write([]byte("archive"))); err != nil {
		t.Error(err)
	}
}

// What a store says no to has its kind, and the text holds no secret.
func TestRefusals(t *testing.T) {
	p := genuine(t)
	tests := []struct {
		name   string
		change func(*s3.Config)
		want   store.Problem
	}{
		{"no such bucket", func(c *s3.Config) { c.Bucket = "jeton-none" }, store.NoPlace},
		{"a wrong secret", func(c *s3.Config) { c.SecretAccessKey = "another-" + secret }, store.Forbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := p.open(t, tt.change)
			_, err := b.Put(t.Context(), "a-1-1.snap", write([]byte("x")))
			_, listing := b.List(t.Context())
			for _, err := range []error{err, listing} {
				if err == nil || store.ProblemOf(err) != tt.want || strings.Contains(err.Error(), secret) {
					t.Errorf("%v of kind %d, want %d", err, store.ProblemOf(err), tt.want)
				}
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	p := fake(t, nil)
	b := p.open(t, func(c *s3.Config) { c.Endpoint = "127.0.0.1:1" })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := b.Put(ctx, "a-1-1.snap", write([]byte("x"))); store.ProblemOf(err) != store.Unreached || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}

// A store that says nothing is left when the time is over.
func TestSilentStore(t *testing.T) {
	var silent atomic.Bool
	p := fake(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if silent.Load() {
				io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	silent.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	context.AfterFunc(ctx, func() { silent.Store(false) }) // or clearing up would take its time
	if _, err := p.open(t).Put(ctx, "a-1-1.snap", write([]byte("x"))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// A store that loses bytes is found out.
func TestStoreThatShortens(t *testing.T) {
	p := fake(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, ".snap") {
				w.Header().Set("Content-Length", "3")
				w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
				w.Header().Set("ETag", `"x"`)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	if _, err := p.open(t).Put(t.Context(), "a-1-1.snap", write([]byte("archive"))); store.ProblemOf(err) != store.Damaged {
		t.Errorf("%v", err)
	}
}

func TestEndpoints(t *testing.T) {
	for endpoint, good := range map[string]bool{
		"": true, "s3.example.org": true, "10.0.0.1:9000": true, "a b": false, "a/b": false,
	} {
		if _, err := s3.Open(s3.Config{Endpoint: endpoint, Region: "us-east-1", Bucket: "bucket", AccessKeyID: "a", SecretAccessKey: "b"}); (err == nil) != good {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}
