package main

import (
	"context"
	"io"

	"filippo.io/age"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot/store"
	"github.com/jeton-io/jeton/snapshot/store/s3"
)

// openStore opens the place where the snapshots of a schedule go.
func openStore(t *fsm.SnapshotTarget, secret cluster.StoreSecret) (store.Store, error) {
	place, err := openPlace(t, secret)
	if err != nil || len(t.Recipients) == 0 {
		return place, err
	}
	recipients, err := parseRecipients(t.Recipients)
	if err != nil {
		return nil, err
	}
	return &encrypting{place, recipients}, nil
}

func openPlace(t *fsm.SnapshotTarget, secret cluster.StoreSecret) (store.Store, error) {
	if t.Storage == fsm.LocalStorage {
		return &store.Dir{Folder: t.Folder(), Prefix: t.FilePrefix, MaxSpace: t.MaxSpace}, nil
	}
	b, err := s3.Open(s3.Config{
		Endpoint: t.Host(), Region: t.Region, Bucket: t.Bucket, Folder: t.Folder(), Prefix: t.FilePrefix,
		PlainHTTP: t.PlainHTTP, PathStyle: t.PathStyle, Encrypted: t.Encrypted,
		AccessKeyID: t.AccessKeyID, SecretAccessKey: secret.Key, SessionToken: secret.SessionToken,
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// encrypting is a store whose files only recipients can read.
type encrypting struct {
	store.Store
	recipients []age.Recipient
}

// Put implements store.Store.
func (e *encrypting) Put(ctx context.Context, name string, write func(io.Writer) error) (int64, error) {
	return e.Store.Put(ctx, name, func(w io.Writer) error {
		sealed, err := encryptTo(w, e.recipients)
		if err != nil {
			return err
		}
		if err := write(sealed); err != nil {
			return err
		}
		return sealed.Close()
	})
}
