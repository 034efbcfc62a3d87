package snapshot

import (
	"bytes"
	"encoding/json"
	"time"
)

// Format is the version of archives that this package writes, and the newest that
// it reads.
const Format = 1

// Meta says what an archive holds. Everything in it follows from the state, so that
// two nodes make the same archive of it.
type Meta struct {
	Format     int       `json:"format"`
	Level      uint64    `json:"level"`       // feature level of the state
	Cluster    string    `json:"cluster"`     // identity of the cluster, 64 hexadecimal digits
	Index      uint64    `json:"index"`       // of the last entry of the log that is in the state
	Epoch      uint64    `json:"epoch"`       // how often the cluster was restored
	Serial     uint64    `json:"serial"`      // how many commands there were
	Time       time.Time `json:"time"`        // by the log's clock, UTC
	SealKey    string    `json:"seal_key"`    // id of the key without which no node can use the state
	StateBytes int64     `json:"state_bytes"` // size of state.bin
	StateHash  string    `json:"state_hash"`  // as nodes compare it, 64 hexadecimal digits
}

// encode is meta.json.
func (m *Meta) encode() ([]byte, error) {
	b, err := json.Marshal(m)
	return append(b, '\n'), err
}

// decodeMeta is the strict inverse of encode. Of a newer format only its number is
// looked at.
func decodeMeta(b []byte) (*Meta, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return nil, refuse(BadMeta, "meta.json is not JSON: %v", err)
	}
	if version.Format > Format {
		return nil, refuse(NewerFormat, "format is %d, this version reads up to %d", version.Format, Format)
	}
	m := new(Meta)
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return nil, refuse(BadMeta, "meta.json: %v", err)
	}
	again, err := m.encode()
	switch {
	case m.Format < 1:
		return nil, refuse(BadMeta, "meta.json: format is %d, want 1 to %d", m.Format, Format)
	case !isHash(m.Cluster):
		return nil, refuse(BadMeta, "meta.json: cluster is not 64 hexadecimal digits")
	case !isHash(m.StateHash):
		return nil, refuse(BadMeta, "meta.json: state_hash is not 64 hexadecimal digits")
	case m.Time.Location() != time.UTC:
		return nil, refuse(BadMeta, "meta.json: time is not in UTC")
	case err != nil || !bytes.Equal(again, b):
		return nil, refuse(BadMeta, "meta.json is not in the form in which it is written")
	}
	return m, nil
}

// isHash says whether a text is 32 bytes in lower-case hexadecimal digits.
func isHash(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return len(s) == 64
}
