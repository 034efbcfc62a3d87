package gossip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Meta is what a node says about itself.
type Meta struct {
	ServerID    string // raft's: node id and incarnation
	NodeID      string
	HTTPAddr    string // where clients reach it
	ClusterAddr string // host:port of raft and node-to-node calls
	ClusterID   string // "" until the node belongs to a formed cluster
	Voter       bool   // wants to vote
	HasState    bool   // its data directory holds raft state
}

// record is what travels: Meta and the start stamp.
type record struct {
	Meta
	start uint64
}

const (
	metaVersion  = 1
	flagVoter    = 1 << 0
	flagHasState = 1 << 1
	metaHeader   = 1 + 1 + 8

	// The longest texts, in bytes. Together with their lengths and the
	// header they make 507, memberlist's limit being 512.
	maxServerID  = 100
	maxNodeID    = 80
	maxAddr      = 128
	maxClusterID = 56
)

var errMeta = errors.New("malformed node record")

// metaField is one text of the record, in the order of the wire.
type metaField struct {
	name     string
	value    *string
	min, max int
}

func (m *Meta) fields() [5]metaField {
	return [5]metaField{
		{"server id", &m.ServerID, 1, maxServerID},
		{"node id", &m.NodeID, 1, maxNodeID},
		{"http address", &m.HTTPAddr, 0, maxAddr},
		{"cluster address", &m.ClusterAddr, 1, maxAddr},
		{"cluster id", &m.ClusterID, 0, maxClusterID},
	}
}

func (f metaField) check() error {
	if n := len(*f.value); n < f.min || n > f.max {
		return fmt.Errorf("%w: %s of %d bytes, want %d to %d", errMeta, f.name, n, f.min, f.max)
	}
	if !utf8.ValidString(*f.value) {
		return fmt.Errorf("%w: %s is not UTF-8", errMeta, f.name)
	}
	for _, c := range *f.value {
		if unicode.IsControl(c) {
			return fmt.Errorf("%w: %s holds a control character", errMeta, f.name)
		}
	}
	return nil
}

func (m Meta) validate() error {
	for _, f := range m.fields() {
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}

// encode writes a record that validate accepts.
func (r record) encode() []byte {
	var flags byte
	if r.Voter {
		flags |= flagVoter
	}
	if r.HasState {
		flags |= flagHasState
	}
	out := make([]byte, 0, 256)
	out = append(out, metaVersion, flags)
	out = binary.BigEndian.AppendUint64(out, r.start)
	for _, f := range r.fields() {
		out = append(out, byte(len(*f.value)))
		out = append(out, *f.value...)
	}
	return out
}

// decode accepts exactly what encode writes.
func decode(in []byte) (record, error) {
	var r record
	if len(in) < metaHeader {
		return r, fmt.Errorf("%w: %d bytes", errMeta, len(in))
	}
	if in[0] != metaVersion {
		return r, fmt.Errorf("%w: version %d, want %d", errMeta, in[0], metaVersion)
	}
	flags := in[1]
	if flags&^(flagVoter|flagHasState) != 0 {
		return r, fmt.Errorf("%w: flags %#02x", errMeta, flags)
	}
	r.Voter, r.HasState = flags&flagVoter != 0, flags&flagHasState != 0
	if r.start = binary.BigEndian.Uint64(in[2:]); r.start == 0 {
		return r, fmt.Errorf("%w: start stamp 0", errMeta)
	}
	rest := in[metaHeader:]
	for _, f := range r.fields() {
		if len(rest) == 0 || len(rest)-1 < int(rest[0]) {
			return record{}, fmt.Errorf("%w: cut in the %s", errMeta, f.name)
		}
		n := int(rest[0])
		*f.value = string(rest[1 : 1+n])
		rest = rest[1+n:]
		if err := f.check(); err != nil {
			return record{}, err
		}
	}
	if len(rest) != 0 {
		return record{}, fmt.Errorf("%w: %d bytes after its end", errMeta, len(rest))
	}
	return r, nil
}
