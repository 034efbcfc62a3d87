package policy

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// model is the merged table of all the rules of a token, matched in the most
// obvious way: every pattern is a regular expression, the matching ones are
// sorted by the documented precedence.
type model struct {
	patterns []string
	rules    map[string][]Rule // by pattern, in order
}

func newModel(policies [][]Rule) *model {
	m := &model{rules: map[string][]Rule{}}
	for _, rules := range policies {
		for _, r := range rules {
			if m.rules[r.Pattern()] == nil {
				m.patterns = append(m.patterns, r.Pattern())
			}
			m.rules[r.Pattern()] = append(m.rules[r.Pattern()], r)
		}
	}
	return m
}

func isSegmented(p string) bool {
	return p == "+" || strings.HasPrefix(p, "+/") || strings.Contains(p, "/+")
}

// expressions are the patterns seen so far; compiling is what takes time.
var expressions = map[string]*regexp.Regexp{}

func patternMatches(p, path string) bool {
	if expressions[p] == nil {
		expressions[p] = regexp.MustCompile(expression(p))
	}
	return expressions[p].MatchString(path)
}

func expression(p string) string {
	stem, prefix := strings.CutSuffix(p, "*")
	expr := regexp.QuoteMeta(stem)
	if isSegmented(p) {
		parts := strings.Split(stem, "/")
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(part)
			if part == "+" {
				parts[i] = "[^/]*"
			}
		}
		expr = strings.Join(parts, "/")
	}
	if !prefix {
		expr += "$"
	}
	return "^" + expr
}

// precedence orders patterns; the last of a sorted list decides.
func precedence(a, b string) int {
	rank := func(p string) (first, noGlob, wildcards int, stem string) {
		stem, prefix := strings.CutSuffix(p, "*")
		first, noGlob = len(stem), 1
		if prefix {
			noGlob = 0
		}
		if isSegmented(p) {
			first = strings.Index(p, "+")
			for _, part := range strings.Split(stem, "/") {
				if part == "+" {
					wildcards++
				}
			}
		}
		return first, noGlob, wildcards, stem
	}
	af, ag, aw, as := rank(a)
	bf, bg, bw, bs := rank(b)
	return slices.Compare(
		[]string{fmt.Sprintf("%03d %d %03d %03d", af, ag, 999-aw, len(as)), as},
		[]string{fmt.Sprintf("%03d %d %03d %03d", bf, bg, 999-bw, len(bs)), bs})
}

func (m *model) wild(path string) (string, bool) {
	var found []string
	for _, p := range m.patterns {
		if (strings.HasSuffix(p, "*") || isSegmented(p)) && patternMatches(p, path) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return "", false
	}
	slices.SortFunc(found, precedence)
	return found[len(found)-1], true
}

func (m *model) exact(path string) bool {
	return m.rules[path] != nil && !strings.HasSuffix(path, "*") && !isSegmented(path)
}

// decider is the pattern that decides.
func (m *model) decider(path string, want Capability) (string, bool) {
	path = strings.TrimLeft(path, "/")
	bare := strings.TrimSuffix(path, "/")
	if m.exact(path) {
		return path, true
	}
	if (want == List || want == Scan) && m.exact(bare) {
		return bare, true
	}
	if want == List && bare != path {
		if p, ok := m.wild(bare); ok {
			return p, true
		}
	}
	return m.wild(path)
}

func (m *model) match(path string, want Capability) (Capability, time.Duration, time.Duration, bool) {
	p, ok := m.decider(path, want)
	if !ok {
		return 0, 0, 0, false
	}
	var caps Capability
	var low, high []time.Duration
	for _, r := range m.rules[p] {
		if r.Capabilities&Deny != 0 {
			return Deny, 0, 0, true
		}
		caps |= r.Capabilities
		if r.MinWrappingTTL > 0 {
			low = append(low, r.MinWrappingTTL)
		}
		if r.MaxWrappingTTL > 0 {
			high = append(high, r.MaxWrappingTTL)
		}
	}
	least := func(list []time.Duration) time.Duration {
		if len(list) == 0 {
			return 0
		}
		return slices.Min(list)
	}
	return caps, least(low), least(high), true
}

// allowed judges parameters by the documented rules, rule list by rule list.
func (m *model) allowed(path string, op Capability, params map[string]any) bool {
	p, ok := m.decider(path, op)
	if !ok || op == List || op == Scan || op == Delete {
		return true
	}
	allowed, denied := map[string][]Value{}, map[string][]Value{}
	anyValue := map[string]bool{}
	for _, r := range m.rules[p] {
		if r.Capabilities&Deny != 0 {
			return true // nothing is left to restrict
		}
		for _, a := range r.Parameters.Allowed {
			allowed[a.Name] = append(allowed[a.Name], a.Values...)
			anyValue["a"+a.Name] = anyValue["a"+a.Name] || len(a.Values) == 0
		}
		for _, d := range r.Parameters.Denied {
			denied[d.Name] = append(denied[d.Name], d.Values...)
			anyValue["d"+d.Name] = anyValue["d"+d.Name] || len(d.Values) == 0
		}
	}
	for _, r := range m.rules[p] {
		for _, name := range r.Parameters.Required {
			if _, ok := params[name]; !ok {
				return false
			}
		}
	}
	in := func(v any, list []Value) bool {
		return slices.ContainsFunc(list, func(l Value) bool { return l.matches(v) })
	}
	for name, v := range params {
		name = strings.ToLower(name)
		if _, all := denied["*"]; all {
			return false
		}
		if d, ok := denied[name]; ok && (anyValue["d"+name] || in(v, d)) {
			return false
		}
		_, all := allowed["*"]
		a, ok := allowed[name]
		if len(allowed) > 0 && (!ok && !all || ok && !anyValue["a"+name] && !in(v, a)) {
			return false
		}
	}
	return true
}

// world draws policies, paths and parameters from an alphabet so small that
// they meet.
type world struct{ *rand.Rand }

func (w world) pick(list ...string) string { return list[w.IntN(len(list))] }

func (w world) join(parts ...string) string {
	var segments []string
	for range 1 + w.IntN(4) {
		segments = append(segments, w.pick(parts...))
	}
	return strings.Join(segments, "/")
}

func (w world) path() string { return w.join("a", "a", "b", "ab", "aba", "", "+", "+a", "a*") }

func (w world) parameters() (list []Parameter) {
	for range w.IntN(3) {
		p := Parameter{Name: w.pick("x", "y", "z", "*")}
		for range w.IntN(3) {
			p.Values = append(p.Values, Value(w.pick("sa", "sb", "sa*", "s*b", "t", "n1e0")))
		}
		list = append(list, p)
	}
	return mergeParameters(list, nil)
}

func (w world) rules() (rules []Rule) {
	for range w.IntN(12) {
		text := w.join("a", "a", "b", "ab", "aba", "", "+", "+", "+a", "a+") + w.pick("", "", "*")
		path, prefix, err := SplitPath(text)
		if err != nil {
			continue
		}
		r := Rule{Path: path, Prefix: prefix, Capabilities: Capability(w.Uint32()) & (allCapabilities &^ Deny)}
		if w.IntN(10) == 0 {
			r.Capabilities |= Deny
		}
		if w.IntN(3) == 0 {
			r.MinWrappingTTL, r.MaxWrappingTTL = time.Duration(w.IntN(4)), time.Duration(w.IntN(4))
		}
		if w.IntN(2) == 0 {
			r.Parameters = Parameters{Allowed: w.parameters(), Denied: w.parameters()}
			if w.IntN(4) == 0 {
				r.Parameters.Required = []string{w.pick("x", "y", "z")}
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func (w world) params() map[string]any {
	params := map[string]any{}
	for range w.IntN(3) {
		params[w.pick("x", "y", "z", "X")] = []any{"a", "b", "ab", true, 1, nil}[w.IntN(6)]
	}
	return params
}

func TestMatchEqualsModel(t *testing.T) {
	worlds := 3000
	if testing.Short() {
		worlds = 300
	}
	decided := 0
	for seed := range uint64(worlds) {
		w := world{rand.New(rand.NewPCG(seed, 1))}
		var policies [][]Rule
		var acl ACL
		for range 1 + w.IntN(4) {
			rules := w.rules()
			policies = append(policies, rules)
			acl = append(acl, Compile(mustNew(t, rules...)))
		}
		m := newModel(policies)
		for range 40 {
			path := w.path()
			want := []Capability{Read, List, Scan, Update, Delete, Create, Patch}[w.IntN(7)]
			caps, low, high, ok := m.match(path, want)
			g := acl.Match(path, want)
			if g.caps != caps || g.minWrap != low || g.maxWrap != high {
				p, _ := m.decider(path, want)
				t.Fatalf("seed %d: %s on %q: got %v %d %d, want %v %d %d by %q of %q",
					seed, want, path, g.caps, g.minWrap, g.maxWrap, caps, low, high, p, m.patterns)
			}
			params := w.params()
			if got, want := g.CheckParameters(want, params), m.allowed(path, want, params); got != want {
				t.Fatalf("seed %d: %q with %v: got %v, want %v by %+v", seed, path, params, got, want, m.rules)
			}
			if ok {
				decided++
			}
		}
	}
	if decided < worlds*10 {
		t.Errorf("only %d of %d requests met a rule", decided, worlds*40)
	}
}

// TestOnePolicyEqualsMany: rules in one policy decide as in several, in any order.
func TestOnePolicyEqualsMany(t *testing.T) {
	for seed := range uint64(500) {
		w := world{rand.New(rand.NewPCG(seed, 2))}
		a, b := w.rules(), w.rules()
		one := ACL{Compile(mustNew(t, slices.Concat(a, b)...))}
		two := ACL{Compile(mustNew(t, b...)), nil, Compile(mustNew(t, a...))}
		for range 40 {
			path := w.path()
			g, h := one.Match(path, List), two.Match(path, List)
			if !reflect.DeepEqual(g, h) {
				t.Fatalf("seed %d: %q: one gives %+v, two give %+v", seed, path, g, h)
			}
		}
	}
}
