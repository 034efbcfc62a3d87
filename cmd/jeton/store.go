package main

import (
	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot/store"
	"github.com/jeton-io/jeton/snapshot/store/s3"
)

// openStore opens the place where the snapshots of a schedule go. A store that encrypts
// archives for recipients would stand around what this returns.
func openStore(t *fsm.SnapshotTarget, secret cluster.StoreSecret) (store.Store, error) {
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
