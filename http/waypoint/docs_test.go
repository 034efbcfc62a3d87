package waypoint_test

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/waypoint"
)

var (
	docText = regexp.MustCompile(`(?m)^//\t([1-9A-HJ-NP-Za-km-z]{60,})$`)
	docRow  = regexp.MustCompile(`(?m)^//\t((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?$`)
)

// The example of the package's comment is what it says it is.
func TestDocExample(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	found := docText.FindAllSubmatch(doc, -1)
	if len(found) != 1 {
		t.Fatalf("%d texts in doc.go", len(found))
	}
	text := string(found[0][1])
	var rows strings.Builder
	for _, row := range docRow.FindAllSubmatch(doc, -1) {
		rows.WriteString(strings.ReplaceAll(string(row[1]), " ", ""))
	}
	data, ok := waypoint.Decode58(text)
	if got := rows.String(); !ok || got != hex.EncodeToString(data) {
		t.Errorf("the rows are\n%s, the text is\n%x", got, data)
	}
	key := make([]byte, waypoint.KeyBytes)
	for i := range key {
		key[i] = byte(i)
	}
	issued := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	token, tr, err := waypoint.Verify(text, func(id string) ([]byte, error) {
		if id != "k1" {
			return nil, nil
		}
		return key, nil
	}, issued.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := waypoint.New(&waypoint.Runner{ID: "R-1", LabelHash: waypoint.LabelHash(map[string]string{"env": "prod"})},
		[waypoint.AccessorBytes]byte(unhex(t, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")), issued, time.Hour)
	if !same(token, want) || tr.KeyID != "k1" {
		t.Errorf("it says %+v by %q", token, tr.KeyID)
	}
}
