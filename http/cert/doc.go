// Package cert verifies client certificates for the login method cert: parses the
// PEM that a record of a mount holds, builds chains from what a client showed to an
// authority of a record, or finds the very certificate in one, and compares names
// and extensions with the record's patterns.
//
// It holds no state of its own but parsed PEM. Time is the caller's, never the
// machine's watch. The system's authorities are never trusted, and revocation is not
// looked at. Everything that a client can make long has a bound.
package cert
