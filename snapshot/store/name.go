package store

import (
	"strconv"
	"strings"
	"time"
)

// Name is what a file's name says.
type Name struct {
	At    int64 // seconds since the Unix epoch
	Index uint64
}

const ending = ".snap"

// File is the name of a file of a schedule with that prefix.
func (n Name) File(prefix string) string {
	return prefix + "-" + strconv.FormatInt(n.At, 10) + "-" + strconv.FormatUint(n.Index, 10) + ending
}

// ParseName is the inverse of File: it takes no other spelling.
func ParseName(prefix, file string) (n Name, ok bool) {
	rest, ours := strings.CutPrefix(file, prefix+"-")
	rest, whole := strings.CutSuffix(rest, ending)
	at, index, both := strings.Cut(rest, "-")
	if !ours || !whole || !both {
		return Name{}, false
	}
	var err1, err2 error
	n.At, err1 = strconv.ParseInt(at, 10, 64)
	n.Index, err2 = strconv.ParseUint(index, 10, 64)
	return n, err1 == nil && err2 == nil && n.At >= 0 && n.File(prefix) == file
}

// Spent are the names that are not to be kept beside the newest: all but so many, and
// what is older than an age by the newest one's time (0: no matter how old). The
// newest is always kept.
func Spent(names []Name, retain int, age time.Duration) (spent []Name) {
	sorted := sortNewest(names)
	for i, n := range sorted {
		old := age > 0 && sorted[0].At-n.At > int64(age/time.Second)
		if i > 0 && (i >= retain || old) {
			spent = append(spent, n)
		}
	}
	return spent
}
