package waypoint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/waypoint"
)

func BenchmarkVerify(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{"login", mint(b, &waypoint.Login{UserID: waypoint.DefaultUserID}, time.Hour)},
		{"runner", mint(b, &waypoint.Runner{ID: "R-adopted", LabelHash: 1 << 60}, 0)},
		{"invite", mint(b, &waypoint.Invite{FromUserID: "ann", Login: &waypoint.Login{UserID: "ann"}, Signup: &waypoint.Signup{Username: "bob"}}, time.Hour)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := waypoint.Verify(bb.text, oneKey, start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The longest text that anyone can make a node look at, for nothing.
func BenchmarkRefuse(b *testing.B) {
	text := strings.Repeat("z", waypoint.MaxTextBytes)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := waypoint.Parse(text); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkMint(b *testing.B) {
	token := waypoint.New(&waypoint.Login{UserID: waypoint.DefaultUserID}, [waypoint.AccessorBytes]byte{1}, start, time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := waypoint.Mint(token, waypoint.DefaultKeyID, testKey); err != nil {
			b.Fatal(err)
		}
	}
}
