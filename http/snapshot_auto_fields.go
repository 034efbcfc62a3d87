package http

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

const scheduleTakes = "snap.interval snap.retain snap.retain_age snap.recipients storage_type path_prefix file_prefix local_max_space " +
	"aws_s3_bucket aws_s3_region aws_s3_endpoint aws_s3_disable_tls aws_s3_force_path_style aws_s3_server_side_encryption " +
	"aws_access_key_id aws_secret_access_key aws_session_token aws_s3_enable_kms aws_s3_kms_key autoload_enabled"

// defaultFilePrefix is Vault's.
const defaultFilePrefix = "vault-snapshot"

// fillSchedule changes what the request names, the secret too.
func (c *call) fillSchedule(s *fsm.SnapshotSchedule) error {
	b, id, endpoint := &c.body, s.Target.AccessKeyID, s.Target.Endpoint
	if s.Version == 0 {
		for _, name := range []string{"interval", "storage_type", "path_prefix"} {
			if name == "path_prefix" && b.text("storage_type") == fsm.S3Storage.String() {
				continue // the bucket's root will do
			}
			if !b.has(name) {
				return invalid("field %q: has to be given", ourWord(name))
			}
		}
		s.Retain = 1
	}
	c.scheduleOf(s)
	if b.err != nil {
		return b.err
	}
	t := &s.Target
	secret := cluster.StoreSecret{Key: b.text("aws_secret_access_key"), SessionToken: b.text("aws_session_token")}
	if secret.Key == "" {
		if len(t.Secret.Box) > 0 && t.Endpoint != endpoint {
			// whoever may move a schedule must not be sent what somebody else has stored
			return invalid("field %q: has to be given again with another aws_s3_endpoint", ourWord("aws_secret_access_key"))
		}
		if b.has("aws_secret_access_key") || t.AccessKeyID != id {
			t.Secret = fsm.Sealed{}
		}
		return nil
	}
	text, err := json.Marshal(secret)
	if err != nil {
		return fmt.Errorf("secret of a schedule: %w", err)
	}
	t.Secret, err = c.s.cluster.Seal(cluster.StoreLabel(s.Name), text)
	return err
}

// maxStoreSecretBytes bounds both parts of a secret together, which fit sealed into a
// record.
const maxStoreSecretBytes = 3000

// scheduleOf changes a schedule by the fields that are given, but for the secret.
func (c *call) scheduleOf(s *fsm.SnapshotSchedule) {
	b, t := &c.body, &s.Target
	if _, ok := b.take("storage_type"); ok {
		if kind := b.storage("storage_type"); kind != t.Storage {
			*t = fsm.SnapshotTarget{Storage: kind, FilePrefix: t.FilePrefix, Recipients: t.Recipients}
		}
	}
	b.durationInto("interval", &s.Interval)
	b.durationInto("retain_age", &s.RetainAge)
	if _, ok := b.take("retain"); ok {
		s.Retain = uint32(b.whole("retain", fsm.MaxSnapshotsKept))
	}
	b.textInto("path_prefix", &t.PathPrefix)
	b.textInto("file_prefix", &t.FilePrefix)
	if t.FilePrefix == "" {
		t.FilePrefix = defaultFilePrefix
	}
	if _, ok := b.take("recipients"); ok {
		t.Recipients = b.list("recipients", fsm.MaxRecipients)
		if !c.s.recipients(t.Recipients) {
			b.fail("recipients", "are not public keys of age (age1…) that go together") // repeats none: it may be a secret one
		}
	}
	if _, ok := b.take("local_max_space"); ok {
		t.MaxSpace = uint64(b.whole("local_max_space", math.MaxInt64))
	}
	b.textInto("aws_s3_bucket", &t.Bucket)
	b.textInto("aws_s3_region", &t.Region)
	b.textInto("aws_s3_endpoint", &t.Endpoint)
	b.textInto("aws_access_key_id", &t.AccessKeyID)
	t.PlainHTTP = b.flag("aws_s3_disable_tls", t.PlainHTTP)
	t.PathStyle = b.flag("aws_s3_force_path_style", t.PathStyle)
	t.Encrypted = b.flag("aws_s3_server_side_encryption", t.Encrypted)
	key, session := b.text("aws_secret_access_key"), b.text("aws_session_token")
	if len(key)+len(session) > maxStoreSecretBytes {
		b.fail("aws_secret_access_key", "has %d bytes with the session token, at most %d are allowed", len(key)+len(session), maxStoreSecretBytes)
	}
	if session != "" && key == "" {
		b.fail("aws_session_token", "is given without aws_secret_access_key")
	}
	b.notSupported("aws_s3_enable_kms", "autoload_enabled")
	if b.text("aws_s3_kms_key") != "" {
		b.fail("aws_s3_kms_key", "is not supported: the store encrypts with a key of its own (aws_s3_server_side_encryption), or not at all")
	}
}

func (b *body) storage(name string) fsm.SnapshotStorage {
	switch kind := b.text(name); kind {
	case fsm.LocalStorage.String():
		return fsm.LocalStorage
	case fsm.S3Storage.String():
		return fsm.S3Storage
	case "azure-blob", "google-gcs":
		b.fail(name, "is %s, which is not supported; expected local or aws-s3", ourWord(kind))
	default:
		b.fail(name, "is %s, expected local or aws-s3", quote(kind))
	}
	return 0
}

func (b *body) textInto(name string, v *string) {
	if _, ok := b.take(name); ok {
		*v = b.text(name)
	}
}

func (b *body) durationInto(name string, v *time.Duration) {
	if _, ok := b.take(name); ok {
		*v = b.duration(name)
	}
}
