// Package s3 keeps the archives of scheduled snapshots in a bucket of a store that
// speaks the protocol of Amazon's S3.
//
// An archive goes there in parts while it is written, in memory that does not grow
// with it. The store checks each part against its MD5 and shows nothing under the
// name before the last one is confirmed; then its length is asked for.
package s3
