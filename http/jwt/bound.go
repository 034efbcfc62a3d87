package jwt

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// checkClaims wants each of the role's bound claims to be there with one of its
// values. A claim that is a list may have it among others.
func checkClaims(claims map[string]any, role *fsm.JWTRole) error {
	for _, b := range role.Claims {
		v, ok := claim(claims, b.Name)
		if !ok || v == nil {
			return refuse("error validating claims: claim %q is missing", b.Name)
		}
		items, list := v.([]any)
		if !list {
			items = []any{v}
		}
		matched := false
		for _, item := range items {
			got, scalar := Scalar(item)
			if !scalar && !list {
				return refuse("error validating claims: claim %q is not a string, a number, a boolean or a list", b.Name)
			}
			matched = matched || scalar && matches(&b, got, role.Globs)
		}
		if !matched {
			return refuse("error validating claims: claim %q does not match any associated bound claim values", b.Name)
		}
	}
	return nil
}

func matches(b *fsm.BoundClaim, got fsm.ClaimValue, globs bool) bool {
	for _, want := range b.Values {
		if want == got || globs && got.Kind == fsm.ClaimString && want.Kind == fsm.ClaimString && fsm.GlobMatch(want.Text, got.Text) {
			return true
		}
	}
	return false
}

// Scalar is a string, number or boolean of JSON in the form in which bound claims
// are kept and compared. Of two spellings of a number one is left; whole numbers
// are compared digit by digit, however long.
func Scalar(v any) (fsm.ClaimValue, bool) {
	switch v := v.(type) {
	case string:
		return fsm.ClaimValue{Kind: fsm.ClaimString, Text: v}, true
	case bool:
		return fsm.ClaimValue{Kind: fsm.ClaimBool, Text: strconv.FormatBool(v)}, true
	case json.Number:
		text, ok := spell(v.String())
		return fsm.ClaimValue{Kind: fsm.ClaimNumber, Text: text}, ok
	}
	return fsm.ClaimValue{}, false
}

// spell is the one spelling of a number.
func spell(text string) (string, bool) {
	if !strings.ContainsAny(text, ".eE") {
		if text == "-0" {
			return "0", true
		}
		return text, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "", false
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10), true
	}
	return strconv.FormatFloat(f, 'g', -1, 64), true
}
