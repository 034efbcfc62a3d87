package fsm

import (
	"bytes"
	"strings"
)

// SnapshotTarget is where the snapshots of a schedule go.
type SnapshotTarget struct {
	Storage    SnapshotStorage
	PathPrefix string // a directory of the leader's machine; in a bucket, what names begin with
	FilePrefix string // what the names of files begin with

	// Recipients are the public keys of age to which snapshots are encrypted; none: they
	// are not.
	Recipients []string

	MaxSpace uint64 // bytes that a schedule's files may take in a directory; 0: any

	// Of a bucket.
	Bucket      string
	Region      string
	Endpoint    string // empty: Amazon's
	AccessKeyID string // empty: as the node's environment says
	PlainHTTP   bool
	PathStyle   bool   // the bucket stands in the path, and not in the host's name
	Encrypted   bool   // the store is asked to encrypt with a key of its own
	Secret      Sealed // what goes with the key's id; zero: nothing
}

// SnapshotStorage is a kind of place. Numbers are never reused.
type SnapshotStorage uint8

// The kinds of places.
const (
	LocalStorage SnapshotStorage = 1
	S3Storage    SnapshotStorage = 2
)

// String is the kind as the API spells it.
func (k SnapshotStorage) String() string {
	if k == S3Storage {
		return "aws-s3"
	}
	return "local"
}

func (t *SnapshotTarget) fields(c *coder) {
	c.u8((*uint8)(&t.Storage))
	c.string(&t.PathPrefix, MaxPathBytes)
	c.string(&t.FilePrefix, MaxFilePrefixBytes)
	c.strings(&t.Recipients, MaxRecipients, MaxRecipientBytes)
	c.u64(&t.MaxSpace)
	c.string(&t.Bucket, MaxBucketBytes)
	c.string(&t.Region, MaxRegionBytes)
	c.string(&t.Endpoint, MaxEndpointBytes)
	c.string(&t.AccessKeyID, MaxAccessKeyBytes)
	c.bool(&t.PlainHTTP)
	c.bool(&t.PathStyle)
	c.bool(&t.Encrypted)
	t.Secret.fields(c)
}

func (t *SnapshotTarget) same(o *SnapshotTarget) bool { return bytes.Equal(encode(t), encode(o)) }

// snapshotPlace is what no two schedules share: each would remove the other's files.
type snapshotPlace struct {
	storage                          SnapshotStorage
	endpoint, bucket, folder, prefix string
}

func (t *SnapshotTarget) place() snapshotPlace {
	return snapshotPlace{t.Storage, t.Host(), t.Bucket, t.Folder(), t.FilePrefix}
}

// Folder is the path prefix without the slash that it may end in.
func (t *SnapshotTarget) Folder() string { return strings.TrimSuffix(t.PathPrefix, "/") }

// Host is the endpoint without the scheme that may stand before it.
func (t *SnapshotTarget) Host() string {
	host := strings.TrimPrefix(t.Endpoint, "https://")
	if t.PlainHTTP {
		host = strings.TrimPrefix(t.Endpoint, "http://")
	}
	if host != t.Endpoint {
		host = strings.TrimSuffix(host, "/")
	}
	return host
}

// checkEndpoint wants a host and perhaps a port, after the scheme that the other
// settings mean, or none.
func (t *SnapshotTarget) checkEndpoint() *Error {
	host := t.Host()
	odd := strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f }) || strings.ContainsAny(host, "/@?#\\")
	if len(t.Endpoint) > MaxEndpointBytes || odd || (host == "") != (t.Endpoint == "") {
		return invalid(OutOfRange, "aws_s3_endpoint", t.Endpoint, "a host and perhaps a port, at most 255 bytes, after https:// or nothing, or with aws_s3_disable_tls after http:// or nothing")
	}
	return nil
}

func (t *SnapshotTarget) check() *Error {
	if len(t.FilePrefix) > MaxFilePrefixBytes || !isWord(t.FilePrefix) || !isWordByte(t.FilePrefix[0]) {
		return invalid(OutOfRange, "file_prefix", t.FilePrefix, "1 to 64 letters, digits, underscores, dots and dashes, the first a letter, a digit or an underscore")
	}
	if err := t.checkRecipients(); err != nil {
		return err
	}
	switch t.Storage {
	case LocalStorage:
		return t.checkLocal()
	case S3Storage:
		return t.checkBucket()
	}
	return invalid(OutOfRange, "storage_type", uint8(t.Storage), "local or aws-s3")
}

// checkRecipients wants what may be public keys. Whether they are, the node has found out
// that proposes them: a secret one is not to get here.
func (t *SnapshotTarget) checkRecipients() *Error {
	if len(t.Recipients) > MaxRecipients {
		return invalid(OutOfRange, "number of recipients", len(t.Recipients), "at most 8")
	}
	for _, r := range t.Recipients {
		if len(r) > MaxRecipientBytes || !isWord(r) || !strings.HasPrefix(r, "age1") {
			return invalid(OutOfRange, "length of a recipient", len(r), "a public key of age (age1…), at most 2048 bytes")
		}
	}
	return nil
}

func (t *SnapshotTarget) checkLocal() *Error {
	folder, absolute := strings.CutPrefix(t.Folder(), "/")
	if !absolute || folder == "" {
		return invalid(SnapshotPathBad, "has to be the absolute path of a directory")
	}
	if t.Bucket+t.Region+t.Endpoint+t.AccessKeyID+t.Secret.KeyID != "" || t.PlainHTTP || t.PathStyle || t.Encrypted || len(t.Secret.Box) > 0 {
		return invalid(OutOfRange, "storage_type", t.Storage, "aws-s3 with settings of a bucket")
	}
	return checkFolder(folder)
}

// checkFolder wants segments that are names.
func checkFolder(folder string) *Error {
	if len(folder) > MaxPathBytes-2 {
		return invalid(SnapshotPathBad, "is longer than 510 bytes")
	}
	for segment := range strings.SplitSeq(folder, "/") {
		switch {
		case segment == "" || segment == "." || segment == "..":
			return invalid(SnapshotPathBad, "has a segment that is empty, . or ..")
		case strings.ContainsFunc(segment, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
			return invalid(SnapshotPathBad, "holds a control character")
		}
	}
	return nil
}

func (t *SnapshotTarget) checkBucket() *Error {
	if folder := t.Folder(); folder != "" {
		if strings.HasPrefix(folder, "/") {
			return invalid(SnapshotPathBad, "begins with a slash, which no name in a bucket does")
		}
		if err := checkFolder(folder); err != nil {
			return err
		}
	} else if t.PathPrefix != "" {
		return invalid(SnapshotPathBad, "begins with a slash, which no name in a bucket does")
	}
	if err := t.checkEndpoint(); err != nil {
		return err
	}
	switch {
	case len(t.Bucket) < 3 || len(t.Bucket) > MaxBucketBytes || !isWord(t.Bucket):
		return invalid(OutOfRange, "aws_s3_bucket", t.Bucket, "3 to 63 letters, digits, dots and dashes")
	case len(t.Region) > MaxRegionBytes || !isWord(t.Region) && (t.Region != "" || t.Endpoint == ""):
		return invalid(OutOfRange, "aws_s3_region", t.Region, "the name of a region; it may be empty with an endpoint")
	case len(t.AccessKeyID) > MaxAccessKeyBytes || strings.ContainsFunc(t.AccessKeyID, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return invalid(OutOfRange, "length of aws_access_key_id", len(t.AccessKeyID), "at most 128 letters")
	case len(t.Secret.KeyID) > maxKeyIDBytes || len(t.Secret.Box) > maxSealedBytes:
		return verdict(Limit, TooLong, "secret of a bucket", len(t.Secret.Box), maxSealedBytes)
	case (t.AccessKeyID == "") != (len(t.Secret.Box) == 0):
		return invalid(SnapshotHalfKey)
	case t.MaxSpace != 0:
		return invalid(OutOfRange, "local_max_space", t.MaxSpace, "0 for a bucket")
	}
	return nil
}
