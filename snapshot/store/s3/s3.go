package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"

	"github.com/jeton-io/jeton/snapshot/store"
)

// Config says which bucket it is, and who asks.
type Config struct {
	Endpoint  string // host and perhaps a port; empty: Amazon's
	Region    string
	Bucket    string
	Folder    string // what all names begin with, without a slash at its ends; may be empty
	Prefix    string // of the files
	PlainHTTP bool
	PathStyle bool
	Encrypted bool // the store is asked to encrypt with a key of its own

	// Who asks. Without a key's id it is the environment's (AWS_ACCESS_KEY_ID and its
	// like), or the role of the machine.
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
}

// amazon is where Amazon answers, whatever the region.
const amazon = "s3.amazonaws.com"

// Bounds of an upload. A part is held in memory, and no archive has more than 10,000.
const (
	partBytes = 16 << 20
	retries   = 3
	clearTime = 10 * time.Second // for what an upload that failed has left
)

// Bucket is a store.Store.
type Bucket struct {
	config Config
	client *minio.Client
}

// Open makes a client. Nothing is asked of the store yet.
func Open(c Config) (*Bucket, error) {
	options := &minio.Options{
		Secure: !c.PlainHTTP, Region: c.Region, MaxRetries: retries,
		Creds: credentials.NewStaticV4(c.AccessKeyID, c.SecretAccessKey, c.SessionToken),
	}
	if c.AccessKeyID == "" {
		options.Creds = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{}})
	}
	if c.PathStyle {
		options.BucketLookup = minio.BucketLookupPath
	}
	client, err := minio.New(cmp.Or(c.Endpoint, amazon), options)
	if err != nil {
		return nil, fmt.Errorf("the settings of bucket %s: %w", c.Bucket, err)
	}
	client.SetAppInfo("jeton", "1")
	return &Bucket{c, client}, nil
}

func (b *Bucket) key(name string) string { return path.Join(b.config.Folder, name) }

// Put sends what write writes as it is written.
func (b *Bucket) Put(ctx context.Context, name string, write func(io.Writer) error) (int64, error) {
	r, w := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := write(w)
		w.CloseWithError(err) // without one, the end
		written <- err
	}()
	options := minio.PutObjectOptions{PartSize: partBytes, NumThreads: 1, SendContentMd5: true, ContentType: "application/gzip"}
	if b.config.Encrypted {
		options.ServerSideEncryption = encrypt.NewSSE()
	}
	sent, err := b.client.PutObject(ctx, b.config.Bucket, b.key(name), r, -1, options)
	r.CloseWithError(io.ErrClosedPipe) // or who writes would wait for who has gone
	if bad := <-written; bad != nil && !errors.Is(bad, io.ErrClosedPipe) {
		err = &store.Error{Err: bad} // no fault of the store's
	}
	if err != nil {
		b.clear(ctx, name)
		return 0, trouble(err)
	}
	if err := b.verify(ctx, name, sent.Size); err != nil {
		b.remove(ctx, name)
		return 0, trouble(err)
	}
	return sent.Size, nil
}

// remove takes back what was sent and is not known to be there whole: it must neither
// stay for each attempt nor count as the newest.
func (b *Bucket) remove(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearTime)
	defer cancel()
	_ = b.Delete(ctx, name)
}

// verify asks the store what it has.
func (b *Bucket) verify(ctx context.Context, name string, size int64) error {
	info, err := b.client.StatObject(ctx, b.config.Bucket, b.key(name), minio.StatObjectOptions{})
	if err != nil || info.Size == size {
		return err
	}
	return &store.Error{
		Problem: store.Damaged, Err: fmt.Errorf("%d bytes were sent and the store has %d", size, info.Size),
	}
}

// clear gives up the parts of an upload that failed, though its time may be over. A
// store that cannot be reached keeps them for as long as its rules say.
func (b *Bucket) clear(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearTime)
	defer cancel()
	_ = b.client.RemoveIncompleteUpload(ctx, b.config.Bucket, b.key(name))
}

// List names the schedule's files.
func (b *Bucket) List(ctx context.Context) (names []store.Name, err error) {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when this returns
	defer cancel()
	for object := range b.client.ListObjects(ctx, b.config.Bucket, minio.ListObjectsOptions{Prefix: b.key(b.config.Prefix + "-")}) {
		if object.Err != nil {
			return nil, trouble(object.Err)
		}
		file := object.Key
		if b.config.Folder != "" {
			file = strings.TrimPrefix(file, b.config.Folder+"/")
		}
		if n, ours := store.ParseName(b.config.Prefix, file); ours {
			names = append(names, n)
		}
	}
	return names, nil
}

// Delete removes a file.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	return trouble(b.client.RemoveObject(ctx, b.config.Bucket, b.key(name), minio.RemoveObjectOptions{}))
}
