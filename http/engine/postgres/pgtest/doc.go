// Package pgtest runs a real PostgreSQL for a test: a cluster of its own in a
// folder of its own, on a port of loopback, with passwords checked.
//
// The programs come from Debian's package postgresql, which make test installs where
// it can, or from anywhere in PATH. As root, servers run as the user postgres, since
// they refuse root. Where there are no programs, tests are skipped, in capital letters.
package pgtest
