package snapshot

import (
	"archive/tar"
	"bytes"
	"strconv"
	"strings"
	"time"
)

// The members of an archive, in their order.
const (
	metaName   = "meta.json"
	stateName  = "state.bin"
	sumsName   = "SHA256SUMS"
	sealedName = "SHA256SUMS.sealed"
)

// Bounds of the members.
const (
	maxMetaBytes   = 64 << 10
	maxSealedBytes = 4096
	// MaxStateBytes is what a ustar header can say: the state of some 25 million
	// tokens.
	MaxStateBytes = 8<<30 - 1
)

const blockBytes = 512

// header is the one tar header that a member of that name and size can have.
func header(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
	})
	return b.Bytes(), err
}

// sizeIn is the size that a header claims, if it claims one as header writes it.
func sizeIn(block []byte) (int64, bool) {
	const from, digits = 124, 11
	n, err := strconv.ParseInt(string(block[from:from+digits]), 8, 64)
	return n, err == nil && n >= 0
}

// nameIn is the name in a header, as far as it can be shown.
func nameIn(block []byte) string {
	name, _, _ := strings.Cut(string(block[:100]), "\x00")
	return strconv.Quote(name)
}

// padding is how many zeros follow a content of that size.
func padding(size int64) int64 { return -size & (blockBytes - 1) }
