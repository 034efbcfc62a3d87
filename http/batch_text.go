package http

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
)

// The text of a batch token is jtb_, then in base62
//
//	offset  bytes  meaning
//	0       1      format, 1
//	1       8      id of the key that seals it
//	9       n      what the token says (fsm.BatchToken), sealed by keyring.SealSame
//	               for the label `batch token`; additional data are the nine bytes
//	               before it and the identity of the cluster
//
// then the checksum of every token. What was decided once has one text, whichever
// node makes it and however often; and there is no other text of that token.
const (
	batchFormat    = 1
	batchKeyBytes  = 8
	batchHeadBytes = 1 + batchKeyBytes
	batchLabel     = "batch token"
	prefixBatch    = "jtb_"
)

// errNoBatchToken says that a text is no batch token that this cluster sealed.
var errNoBatchToken = errors.New("not a batch token of this cluster")

// batchText makes the text of a batch token with the key that it names.
func batchText(k *keyring.Key, cluster fsm.Digest, b *fsm.BatchToken) (string, error) {
	id, err := hex.DecodeString(k.ID)
	if err != nil || len(id) != batchKeyBytes || hex.EncodeToString(id) != k.ID {
		return "", fmt.Errorf("key %q for batch tokens: want an id of %d bytes in hexadecimal", k.ID, batchKeyBytes)
	}
	head := append([]byte{batchFormat}, id...)
	box := k.SealSame(batchLabel, b.Contents(), additional(head, cluster))
	text := make([]byte, 0, prefixBytes+size62(len(head)+len(box))+checksumChars)
	text = append62(append(text, prefixBatch...), append(head, box...))
	return string(appendChecksum(text)), nil
}

func additional(head []byte, cluster fsm.Digest) []byte {
	return append(append(make([]byte, 0, len(head)+len(cluster)), head...), cluster[:]...)
}

// batchBlob is a text taken apart, not yet opened.
type batchBlob struct {
	keyID string
	head  []byte
	box   []byte
}

// parseBatch takes the text of a batch token apart.
func parseBatch(text string) (batchBlob, bool) {
	if kind, valid := parseToken(text); kind != kindBatch || !valid {
		return batchBlob{}, false
	}
	blob, ok := parse62(text[prefixBytes : len(text)-checksumChars])
	if !ok || len(blob) <= batchHeadBytes || blob[0] != batchFormat {
		return batchBlob{}, false
	}
	return batchBlob{
		keyID: hex.EncodeToString(blob[1:batchHeadBytes]),
		head:  blob[:batchHeadBytes], box: blob[batchHeadBytes:],
	}, true
}

// open is what the token says, if the key sealed it for this cluster.
func (b batchBlob) open(k *keyring.Key, cluster fsm.Digest) (*fsm.BatchToken, error) {
	contents, err := k.OpenSame(batchLabel, b.box, additional(b.head, cluster))
	if err != nil {
		return nil, errNoBatchToken
	}
	return fsm.DecodeBatchToken(b.keyID, contents)
}
