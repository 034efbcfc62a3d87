package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Rule is what a policy says about one path.
type Rule struct {
	// Path is the pattern without its final *. A segment that is a + alone
	// stands for any one segment.
	Path string
	// Prefix says that the pattern ends in *: it matches every path that starts
	// with Path.
	Prefix       bool
	Capabilities Capability
	Parameters   Parameters
	// MinWrappingTTL and MaxWrappingTTL bound the TTL of the wrapped response.
	// Zero is no bound; either bound makes wrapping a duty.
	MinWrappingTTL time.Duration
	MaxWrappingTTL time.Duration
}

// Parameters restricts the parameters of a request.
type Parameters struct {
	Allowed  []Parameter // sorted by name; empty: all are
	Denied   []Parameter // sorted by name
	Required []string    // sorted
}

// Parameter names a parameter in lower case, or all of them by "*", and the
// values meant; none means any value.
type Parameter struct {
	Name   string
	Values []Value // sorted, each once
}

// SplitPath reads a path as it stands in a policy: one leading slash is
// dropped, a final * makes it a prefix.
func SplitPath(text string) (path string, prefix bool, err error) {
	text = strings.TrimPrefix(text, "/")
	path, prefix = strings.CutSuffix(text, "*")
	return path, prefix, checkPath(path, prefix)
}

// Pattern is the path with its final *, if it has one.
func (r *Rule) Pattern() string {
	if r.Prefix {
		return r.Path + "*"
	}
	return r.Path
}

// Check says what is wrong with the rule by itself, if anything is.
func (r Rule) Check() error {
	_, err := r.normal()
	return err
}

// hasSegments says that the pattern is matched segment by segment. The test is
// Vault's: it also holds for a segment that only starts with a +, which is then
// compared literally, but takes part in precedence as a pattern with a +.
func (r *Rule) hasSegments() bool {
	return r.Path == "+" || strings.HasPrefix(r.Path, "+/") || strings.Contains(r.Path, "/+")
}

// grant is what the rule gives when it decides.
func (r *Rule) grant() Grant {
	g := Grant{caps: r.Capabilities, minWrap: r.MinWrappingTTL, maxWrap: r.MaxWrappingTTL}
	if !r.Parameters.empty() {
		g.params = &r.Parameters
	}
	return g
}

// normal returns the rule in canonical form, or what is wrong with it.
func (r Rule) normal() (Rule, error) {
	if err := checkPath(r.Path, r.Prefix); err != nil {
		return Rule{}, err
	}
	if r.Capabilities&^allCapabilities != 0 {
		return Rule{}, fmt.Errorf("unknown capability bits %#x", uint16(r.Capabilities&^allCapabilities))
	}
	if r.Capabilities&Deny != 0 {
		return Rule{Path: r.Path, Prefix: r.Prefix, Capabilities: Deny}, nil
	}
	for _, ttl := range []time.Duration{r.MinWrappingTTL, r.MaxWrappingTTL} {
		if ttl < 0 || ttl > MaxWrapTTL {
			return Rule{}, fmt.Errorf("wrapping TTL %s outside 0..%s", ttl, MaxWrapTTL)
		}
	}
	var err error
	r.Parameters, err = r.Parameters.normal()
	return r, err
}

func (p *Parameters) empty() bool {
	return len(p.Allowed) == 0 && len(p.Denied) == 0 && len(p.Required) == 0
}

func (p Parameters) normal() (Parameters, error) {
	p = Parameters{
		Allowed:  mergeParameters(p.Allowed, nil),
		Denied:   mergeParameters(p.Denied, nil),
		Required: mergeNames(p.Required, nil),
	}
	for _, list := range [][]Parameter{p.Allowed, p.Denied} {
		if len(list) > MaxParameters {
			return Parameters{}, fmt.Errorf("%d parameters in a list, at most %d", len(list), MaxParameters)
		}
		for _, param := range list {
			if err := param.check(); err != nil {
				return Parameters{}, err
			}
		}
	}
	if len(p.Required) > MaxParameters {
		return Parameters{}, fmt.Errorf("%d required parameters, at most %d", len(p.Required), MaxParameters)
	}
	for _, name := range p.Required {
		if err := checkName(name); err != nil {
			return Parameters{}, err
		}
	}
	return p, nil
}

func (p *Parameter) check() error {
	if err := checkName(p.Name); err != nil {
		return err
	}
	if len(p.Values) > MaxValues {
		return fmt.Errorf("parameter %q: %d values, at most %d", p.Name, len(p.Values), MaxValues)
	}
	for _, v := range p.Values {
		if err := v.check(); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Name, err)
		}
	}
	return nil
}

func checkPath(path string, prefix bool) error {
	switch {
	case len(path) > MaxPathBytes:
		return fmt.Errorf("path of %d bytes, at most %d", len(path), MaxPathBytes)
	case !utf8.ValidString(path):
		return errors.New("path is not valid UTF-8")
	case strings.Contains(path, "+*") || prefix && strings.HasSuffix(path, "+"):
		return errors.New("invalid use of wildcards: '+*' is forbidden")
	case !prefix && strings.HasSuffix(path, "*"):
		return errors.New("a path that ends in * is a prefix")
	}
	return nil
}

func checkName(name string) error {
	if len(name) > MaxNameBytes {
		return fmt.Errorf("parameter name of %d bytes, at most %d", len(name), MaxNameBytes)
	}
	if !utf8.ValidString(name) {
		return errors.New("parameter name is not valid UTF-8")
	}
	return nil
}

// mergeParameters unites two lists into a new sorted one. A parameter without
// values stands for any value and stays so.
func mergeParameters(a, b []Parameter) []Parameter {
	if len(a)+len(b) == 0 {
		return nil
	}
	all := make([]Parameter, 0, len(a)+len(b))
	for _, p := range slices.Concat(a, b) {
		all = append(all, Parameter{Name: fold(p.Name), Values: p.Values})
	}
	slices.SortStableFunc(all, func(x, y Parameter) int { return strings.Compare(x.Name, y.Name) })
	merged := all[:0]
	for _, p := range all {
		last := len(merged) - 1
		switch {
		case last < 0 || merged[last].Name != p.Name:
			merged = append(merged, Parameter{Name: p.Name, Values: mergeValues(p.Values, nil)})
		case len(merged[last].Values) == 0 || len(p.Values) == 0:
			merged[last].Values = nil
		default:
			merged[last].Values = mergeValues(merged[last].Values, p.Values)
		}
	}
	return merged
}

func mergeValues(a, b []Value) []Value {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func mergeNames(a, b []string) []string {
	all := slices.Concat(a, b)
	for i, name := range all {
		all[i] = fold(name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fold lowers the ASCII letters of a parameter name and allocates only if there
// are any. Unicode case tables are left out: they change between Go releases,
// and nodes of different releases must agree.
func fold(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
