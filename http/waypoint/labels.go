package waypoint

import (
	"encoding/binary"
	"hash/fnv"
)

// The pair that is hashed with every set of labels, so that the hash of an empty
// set is not the 0 that means any.
const (
	HashLabel      = "waypoint.hashicorp.com/runner-hash"
	HashLabelValue = "1"
)

// LabelHash is the hash of a runner's labels that its token carries. It takes the
// place of a label of the extra pair's name, and leaves the map as it is.
func LabelHash(labels map[string]string) uint64 {
	all := pairHash(HashLabel, HashLabelValue)
	for key, value := range labels { // order: XOR has none
		if key != HashLabel {
			all ^= pairHash(key, value)
		}
	}
	return wordsHash(all)
}

func pairHash(key, value string) uint64 { return wordsHash(textHash(key), textHash(value)) }

func textHash(s string) uint64 {
	h := fnv.New64()
	h.Write([]byte(s))
	return h.Sum64()
}

func wordsHash(words ...uint64) uint64 {
	h := fnv.New64()
	for _, w := range words {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], w)
		h.Write(b[:])
	}
	return h.Sum64()
}
