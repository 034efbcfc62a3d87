package keyring

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
)

// A value that SealSame sealed is
//
//	offset  bytes  meaning
//	0       24     nonce: HMAC-SHA-256 of the additional data (its length before it,
//	               8 bytes, big-endian) and the plaintext, cut
//	24      n      ciphertext
//	24+n    16     tag of XChaCha20-Poly1305
//
// The nonce's key is derived with `nonce <label>`, the cipher's with `same <label>`.
// A nonce of that size may follow from the plaintext: for two plaintexts to share
// one takes more values than any key will seal.

// SealSame encrypts plaintext for a label so that the same plaintext becomes the
// same bytes on every node and at every retry. It shows when two are equal.
func (k *Key) SealSame(label string, plaintext, additional []byte) []byte {
	mac := hmac.New(sha256.New, k.Derive("nonce "+label, 32))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(additional))))
	mac.Write(additional)
	mac.Write(plaintext)
	nonce := mac.Sum(nil)[:chacha20poly1305.NonceSizeX]
	return k.same(label).Seal(nonce, nonce, plaintext, additional)
}

// OpenSame decrypts what SealSame made with the same label and additional data.
func (k *Key) OpenSame(label string, box, additional []byte) ([]byte, error) {
	if len(box) < chacha20poly1305.NonceSizeX {
		return nil, ErrBroken
	}
	nonce, sealed := box[:chacha20poly1305.NonceSizeX], box[chacha20poly1305.NonceSizeX:]
	plaintext, err := k.same(label).Open(nil, nonce, sealed, additional)
	if err != nil {
		return nil, ErrBroken
	}
	return plaintext, nil
}

func (k *Key) same(label string) cipher.AEAD {
	aead, err := chacha20poly1305.NewX(k.Derive("same "+label, chacha20poly1305.KeySize))
	if err != nil {
		panic("keyring: cipher: " + err.Error()) // only for other key lengths
	}
	return aead
}
