// Package certtest makes authorities and certificates, good and bad ones.
package certtest
