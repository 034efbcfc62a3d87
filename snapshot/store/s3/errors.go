package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/minio/minio-go/v7"

	"github.com/jeton-io/jeton/snapshot/store"
)

// trouble says what kind an error is. Of what a store answers only its code is kept:
// the text of some repeats what was signed.
func trouble(err error) error {
	var known *store.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	answer := minio.ToErrorResponse(err)
	if answer.StatusCode == 0 && answer.Code == "" {
		return &store.Error{Problem: store.Unreached, Err: err}
	}
	kind := store.Unreached
	switch {
	case answer.Code == minio.NoSuchBucket:
		kind = store.NoPlace
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		kind = store.Forbidden
	case answer.StatusCode == http.StatusInsufficientStorage, answer.Code == "QuotaExceeded":
		kind = store.NoRoom
	}
	return &store.Error{Problem: kind, Err: fmt.Errorf("the store answered %d %s", answer.StatusCode, answer.Code)}
}
