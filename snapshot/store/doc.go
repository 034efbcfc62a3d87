// Package store keeps the archives of scheduled snapshots: how their files are called,
// which of them go when there are newer ones, and how they are kept in a directory.
// Package s3 below it keeps them in a bucket.
//
// A file of a schedule is called
//
//	<prefix>-<seconds since the Unix epoch>-<index>.snap
//
// with the log's time at which it was begun and the index of the state in it, both in
// decimal without a zero or a sign before them. Only what is called exactly so is ever
// listed or removed: whatever else lies beside it is not ours.
package store
