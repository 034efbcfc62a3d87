// Package jwttest signs tokens, good and bad ones, and stands in for their issuer.
package jwttest
