package waypoint_test

import (
	"encoding/hex"
	"errors"
	"maps"
	"testing"

	"github.com/jeton-io/jeton/http/waypoint"
)

var verdicts = map[string]waypoint.Reason{
	"valid":         0,
	"bad_base58":    waypoint.NotBase58,
	"bad_magic":     waypoint.NotMagic,
	"bad_transport": waypoint.BadTransport,
	"unknown_key":   waypoint.UnknownKey,
	"bad_signature": waypoint.BadMAC,
	"bad_body":      waypoint.BadBody,
	"expired":       waypoint.Expired,
	"no_kind":       waypoint.NoKind,
}

// reasonOf is why a token was refused, 0 if it was not.
func reasonOf(t testing.TB, err error) waypoint.Reason {
	t.Helper()
	if err == nil {
		return 0
	}
	var no *waypoint.Refusal
	if !errors.As(err, &no) || no.Reason == 0 {
		t.Fatalf("%T %v is no refusal", err, err)
	}
	return no.Reason
}

// Every recorded token gets the verdict that was recorded, and says what it said.
func TestVectorsVerdict(t *testing.T) {
	v := loadVectors(t)
	seen := make(map[string]bool)
	for _, tt := range v.Tokens {
		t.Run(tt.Name, func(t *testing.T) {
			for _, c := range tt.Checks {
				want, known := verdicts[c.Verdict]
				if !known {
					t.Fatalf("unknown verdict %q", c.Verdict)
				}
				seen[c.Verdict] = true
				token, _, err := waypoint.Verify(tt.Text, v.keys(t), c.At)
				if got := reasonOf(t, err); got != want {
					t.Fatalf("at %v: %v (reason %d), want %s", c.At, err, got, c.Verdict)
				}
				if err == nil && !same(token, c.Decoded.token(t)) {
					t.Errorf("at %v: says %+v, want %+v", c.At, token, c.Decoded)
				}
			}
		})
	}
	if len(seen) != len(verdicts) {
		t.Errorf("verdicts seen: %v", seen)
	}
}

// What can be taken apart has the recorded parts, and the usual encoder's bytes are
// ours.
func TestVectorsParts(t *testing.T) {
	for _, tt := range loadVectors(t).Tokens {
		t.Run(tt.Name, func(t *testing.T) {
			data, ok := waypoint.Decode58(tt.Text)
			if tt.TransportHex != nil && (!ok || hex.EncodeToString(data) != hex.EncodeToString([]byte(waypoint.Magic))+*tt.TransportHex) {
				t.Errorf("base 58 of %x, want the transport %s", data, *tt.TransportHex)
			}
			tr, err := waypoint.Parse(tt.Text)
			if tt.BodyHex == nil {
				return // it is no transport, or no body: see TestVectorsVerdict
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(tr.Body); got != *tt.BodyHex {
				t.Errorf("body %s, want %s", got, *tt.BodyHex)
			}
			if got := hex.EncodeToString(tr.Signature); got != tt.SignatureHex || tr.KeyID != tt.KeyID {
				t.Errorf("signature %s by %q, want %s by %q", got, tr.KeyID, tt.SignatureHex, tt.KeyID)
			}
			if !maps.Equal(tr.Metadata, tt.Metadata) {
				t.Errorf("metadata %v, want %v", tr.Metadata, tt.Metadata)
			}
			var oauth *oauthFields
			if o := tr.OAuth; o != nil {
				oauth = &oauthFields{o.URL, o.ClientID, o.ClientSecret}
			}
			if (oauth == nil) != (tt.OAuth == nil) || oauth != nil && *oauth != *tt.OAuth {
				t.Errorf("credentials %v, want %v", oauth, tt.OAuth)
			}
			if got := tr.Text() == tt.Text; got != tt.TextCanonical {
				t.Errorf("written again it is the same text: %v, want %v", got, tt.TextCanonical)
			}
		})
	}
}

func TestVectorsBody(t *testing.T) {
	read := 0
	for _, tt := range loadVectors(t).Tokens {
		if tt.BodyHex == nil {
			continue
		}
		body := unhex(t, *tt.BodyHex)
		token, err := waypoint.DecodeBody(body)
		if err != nil {
			t.Errorf("%s: %v", tt.Name, err)
			continue
		}
		read++
		if !same(token, tt.Unverified.token(t)) {
			t.Errorf("%s: says %+v, want %+v", tt.Name, token, tt.Unverified)
		}
		if got := string(token.Body()) == string(body); got != tt.BodyCanonical {
			t.Errorf("%s: written again it is the same body: %v, want %v", tt.Name, got, tt.BodyCanonical)
		}
	}
	if read != 83 {
		t.Errorf("%d bodies were read", read)
	}
}

// Tokens made of the recorded fields, without a look at the recorded texts, are
// those texts.
func TestVectorsMint(t *testing.T) {
	v := loadVectors(t)
	kinds := make(map[waypoint.Kind]int)
	for _, tt := range v.Tokens {
		plain := tt.BodyCanonical && tt.TextCanonical && tt.Metadata == nil && tt.OAuth == nil
		verdict := tt.Checks[0].Verdict
		// The unknown field of two of them is nothing that we would write.
		strange := tt.Name == "body-unknown-field-signed" || tt.Name == "transport-unknown-field" || tt.Name == "transport-body-wrong-wire-type"
		if !plain || strange || verdict != "valid" && verdict != "expired" || tt.Unverified.Kind == "" {
			continue
		}
		token := tt.Unverified.token(t)
		key, _ := v.keys(t)(waypoint.FoldKeyID(tt.KeyID))
		text, err := waypoint.Mint(token, tt.KeyID, key)
		if err != nil || text != tt.Text {
			t.Errorf("%s: %v\n%s, want\n%s", tt.Name, err, text, tt.Text)
		}
		kinds[token.Grant.Kind()]++
	}
	for k := waypoint.KindLogin; k <= waypoint.KindRunner; k++ {
		if kinds[k] == 0 {
			t.Errorf("no vector is a %s token", k)
		}
	}
}

func TestVectorsLabelHash(t *testing.T) {
	for _, tt := range loadVectors(t).LabelHashes {
		before := maps.Clone(tt.Labels)
		if got := waypoint.LabelHash(tt.Labels); got != tt.Hash {
			t.Errorf("%v: %016x, want %016x", tt.Labels, got, tt.Hash)
		}
		if !maps.Equal(before, tt.Labels) {
			t.Errorf("%v has become %v", before, tt.Labels)
		}
	}
	if waypoint.LabelHash(nil) != waypoint.LabelHash(map[string]string{}) {
		t.Error("no labels are not an empty set")
	}
}

// Each reason is of one class, and each class and kind has a word of its own.
func TestWords(t *testing.T) {
	for verdict, reason := range verdicts { // order: each stands alone
		foreign := verdict == "bad_base58" || verdict == "bad_magic"
		malformed := verdict == "bad_transport" || verdict == "bad_body" || verdict == "no_kind"
		if reason.Foreign() != foreign || reason.Malformed() != malformed {
			t.Errorf("%s: foreign %v, malformed %v", verdict, reason.Foreign(), reason.Malformed())
		}
	}
	words := make(map[string]bool)
	for r := range waypoint.NoKind + 2 {
		words[r.String()] = true
	}
	for k := range waypoint.KindRunner + 2 {
		words[k.String()] = true
	}
	if len(words) != 5+5+4 { // two numbers on either side have no word
		t.Errorf("words: %v", words)
	}
}
