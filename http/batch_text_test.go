package http

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

func TestBase62(t *testing.T) {
	var data []byte
	for n := range 40 {
		text := append62(nil, data)
		if len(text) != size62(n) {
			t.Errorf("%d bytes take %d characters, want %d", n, len(text), size62(n))
		}
		if got, ok := parse62(string(text)); !ok || !bytes.Equal(got, data) {
			t.Errorf("%x became %x, %v", data, got, ok)
		}
		data = append(data, byte(255-n))
	}
	for text, why := range map[string]string{ // order: each stands alone
		"4":           "no byte takes one character",
		"48":          "256",
		"0000":        "no bytes take four characters",
		"LygHa16AHYG": "2^64",
		"zzzzzzzzzzz": "above eight bytes",
		"0_":          "no digit",
	} {
		if got, ok := parse62(text); ok {
			t.Errorf("%s (%s) is taken for %x", text, why, got)
		}
	}
	if got, ok := parse62("LygHa16AHYF"); !ok || hex.EncodeToString(got) != "ffffffffffffffff" {
		t.Errorf("the greatest block is %x, %v", got, ok)
	}
}

// batchKey is a key as a cluster draws it.
func batchKey(t testing.TB) *keyring.Key {
	c := httptestcluster.New()
	d, ok := c.Local().CurrentKey(fsm.KeyBatch)
	if !ok {
		t.Fatal("no key for batch tokens")
	}
	k, err := c.Key(t.Context(), fsm.KeyBatch, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func someBatch(k *keyring.Key) *fsm.BatchToken {
	return &fsm.BatchToken{
		KeyID: k.ID, Serial: 7, Accessor: strings.Repeat("a", fsm.AccessorBytes), Path: "auth/token/create",
		DisplayName: "token", Policies: []string{"default"}, CreatedAt: 1, TTL: time.Hour,
	}
}

func TestBatchText(t *testing.T) {
	k, cluster := batchKey(t), fsm.Digest{1}
	b := someBatch(k)
	text, err := batchText(k, cluster, b)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := batchText(k, cluster, b); again != text {
		t.Error("the same contents have two texts")
	}
	if kind, valid := parseToken(text); kind != kindBatch || !valid || !plausible(text) {
		t.Errorf("%s is no token of ours", text)
	}
	blob, ok := parseBatch(text)
	if !ok || blob.keyID != k.ID {
		t.Fatalf("taken apart to %+v, %v", blob, ok)
	}
	got, err := blob.open(k, cluster)
	if err != nil || got.KeyID != b.KeyID || !bytes.Equal(got.Contents(), b.Contents()) {
		t.Errorf("opened to %+v, %v", got, err)
	}
	if _, err := blob.open(k, fsm.Digest{2}); err != errNoBatchToken {
		t.Errorf("opens in another cluster: %v", err)
	}
	if _, err := blob.open(batchKey(t), cluster); err != errNoBatchToken {
		t.Errorf("opens with another key: %v", err)
	}
	if strings.Contains(text, "default") || bytes.Contains(blob.box, []byte("default")) {
		t.Error("what it says shows")
	}
}

// The longest text is still a header that every node takes.
func TestLongestBatchText(t *testing.T) {
	k := batchKey(t)
	b := someBatch(k)
	b.Meta = []fsm.MetaPair{{Key: "m"}}
	b.Meta[0].Value = strings.Repeat("x", fsm.MaxBatchBytes-len(b.Contents())-1)
	text, err := batchText(k, fsm.Digest{1}, b)
	if err != nil || len(b.Contents()) != fsm.MaxBatchBytes {
		t.Fatal(len(b.Contents()), err)
	}
	if len(text) > maxTokenBytes || !plausible(text) {
		t.Errorf("text of %d bytes", len(text))
	}
}

func TestBatchKeyOfAnotherShape(t *testing.T) {
	for _, id := range []string{"b1", "", "0123456789ABCDEF", "0123456789abcdef00"} {
		if text, err := batchText(&keyring.Key{ID: id}, fsm.Digest{}, someBatch(&keyring.Key{ID: id})); err == nil {
			t.Errorf("key %q makes the text %s", id, text)
		}
	}
}

// Any other character anywhere makes a text that does not open, the checksum made
// right again or not: there is one text of a token.
func TestBatchTextIsNotMalleable(t *testing.T) {
	k, cluster := batchKey(t), fsm.Digest{1}
	text, err := batchText(k, cluster, someBatch(k))
	if err != nil {
		t.Fatal(err)
	}
	for at := prefixBytes; at < len(text)-checksumChars; at++ {
		forged := []byte(text[:len(text)-checksumChars])
		forged[at] = base62[(value62(forged[at])+1)%62]
		if opens(k, cluster, string(forged)+text[len(text)-checksumChars:]) {
			t.Fatalf("character %d can be changed", at)
		}
		if opens(k, cluster, string(appendChecksum(forged))) {
			t.Fatalf("character %d can be changed with the checksum", at)
		}
	}
}

func opens(k *keyring.Key, cluster fsm.Digest, text string) bool {
	blob, ok := parseBatch(text)
	if !ok || blob.keyID != k.ID {
		return false
	}
	_, err := blob.open(k, cluster)
	return err == nil
}

// FuzzBatchText looks for a text that opens and is not the one that was made, and
// for blobs of two spellings.
func FuzzBatchText(f *testing.F) {
	k, cluster := batchKey(f), fsm.Digest{1}
	text, err := batchText(k, cluster, someBatch(k))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[:len(text)-1])
	f.Add("jtb_")
	f.Fuzz(func(t *testing.T, in string) {
		for _, in := range []string{in, string(appendChecksum([]byte(prefixBatch + in)))} {
			blob, ok := parseBatch(in)
			if !ok {
				continue
			}
			whole := append(bytes.Clone(blob.head), blob.box...)
			if out := string(appendChecksum(append62([]byte(prefixBatch), whole))); out != in {
				t.Fatalf("two spellings of one blob: %s and %s", in, out)
			}
			if opens(k, cluster, in) && in != text {
				t.Fatalf("%s opens", in)
			}
		}
	})
}
