package hclpolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

func mustParse(tb testing.TB, text string) *policy.Policy {
	tb.Helper()
	p, err := Parse("test", text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func mustRules(tb testing.TB, rules ...policy.Rule) *policy.Policy {
	tb.Helper()
	p, err := policy.New(rules...)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func values(tb testing.TB, list ...any) []policy.Value {
	tb.Helper()
	var vs []policy.Value
	for _, v := range list {
		value, err := policy.NewValue(v)
		if err != nil {
			tb.Fatal(err)
		}
		vs = append(vs, value)
	}
	return vs
}

const write = policy.Create | policy.Read | policy.Update | policy.Delete | policy.List

func TestParse(t *testing.T) {
	read := policy.Rule{Path: "a", Capabilities: policy.Read}
	wrapped := func(low, high time.Duration) policy.Rule {
		return policy.Rule{Path: "a", MinWrappingTTL: low, MaxWrappingTTL: high}
	}
	denied := func(list ...any) policy.Rule {
		return policy.Rule{Path: "a", Parameters: policy.Parameters{
			Denied: []policy.Parameter{{Name: "x", Values: values(t, list...)}}}}
	}
	for _, tc := range []struct {
		name, text string
		want       []policy.Rule
	}{
		{"nothing", "", nil},
		{"a comment", "# nothing\n// here\n/* at all */", nil},
		{"a block", `path "a" { capabilities = ["read"] }`, []policy.Rule{read}},
		{"a name and a comment", `name = "x"` + "\n" + `path "a" { capabilities = ["read"], comment = "why" }`, []policy.Rule{read}},
		{"bare and quoted keys", `"path" a { "capabilities" = ["read"] }`, []policy.Rule{read}},
		{"Windows line ends", "path \"a\" {\r\n  capabilities = [\"read\"]\r\n}\r\n", []policy.Rule{read}},
		{"a leading slash", `path "/a" { capabilities = ["read"] }`, []policy.Rule{read}},
		{"a prefix", `path "a*" {}`, []policy.Rule{{Path: "a", Prefix: true}}},
		{"segments", `path "a/+/b*" {}`, []policy.Rule{{Path: "a/+/b", Prefix: true}}},
		{"no capabilities", `path "a" { capabilities = [] }`, []policy.Rule{{Path: "a"}}},
		{"all capabilities", `path "a" { capabilities = ["create","read","update","delete","list","sudo","patch","scan"] }`,
			[]policy.Rule{{Path: "a", Capabilities: write | policy.Sudo | policy.Patch | policy.Scan}}},
		{"deny among others", `path "a" { capabilities = ["read","deny"] required_parameters = ["x"] }`,
			[]policy.Rule{{Path: "a", Capabilities: policy.Deny}}},
		{"deny hides bounds that do not fit", `path "a" { policy = "deny" min_wrapping_ttl = 9 max_wrapping_ttl = 3 }`,
			[]policy.Rule{{Path: "a", Capabilities: policy.Deny}}},
		{"read is read and list", `path "a" { policy = "read" }`, []policy.Rule{{Path: "a", Capabilities: policy.Read | policy.List}}},
		{"write", `path "a" { policy = "write" }`, []policy.Rule{{Path: "a", Capabilities: write}}},
		{"sudo", `path "a" { policy = "sudo" }`, []policy.Rule{{Path: "a", Capabilities: write | policy.Sudo}}},
		{"deny", `path "a" { policy = "deny" capabilities = ["read"] }`, []policy.Rule{{Path: "a", Capabilities: policy.Deny}}},
		{"word and list", `path "a" { policy = "read" capabilities = ["sudo"] }`,
			[]policy.Rule{{Path: "a", Capabilities: policy.Read | policy.List | policy.Sudo}}},
		{"blocks of one path", "path \"a\" { capabilities = [\"read\"] }\npath \"/a\" { capabilities = [\"list\"] }",
			[]policy.Rule{{Path: "a", Capabilities: policy.Read | policy.List}}},
		{"one of them denies", `path "a" { capabilities = ["read"] } path "a" { capabilities = ["deny"] }`,
			[]policy.Rule{{Path: "a", Capabilities: policy.Deny}}},

		{"parameters", `path "a" {
			allowed_parameters  = { "Color" = ["red", "b*"], free = [] }
			denied_parameters { "x" = [] }
			required_parameters = ["Owner", "ticket"]
		}`, []policy.Rule{{Path: "a", Parameters: policy.Parameters{
			Allowed:  []policy.Parameter{{Name: "color", Values: values(t, "red", "b*")}, {Name: "free"}},
			Denied:   []policy.Parameter{{Name: "x"}},
			Required: []string{"owner", "ticket"}}}}},
		{"values of every kind", `path "a" { denied_parameters = { x = ["s", 5, 5.50, -3, 0x1f, 010, true, ["l", 1], { k = "v" }] } }`,
			[]policy.Rule{denied("s", 5, 5.5, -3, 31, 8, true, []any{"l", 1}, map[string]any{"k": "v"})}},
		{"escapes", `path "a" { denied_parameters = { x = ["q\"\\\u00e9", "${keep \"this\"}"] } }`,
			[]policy.Rule{denied(`q"\é`, `${keep \"this\"}`)}},
		{"a here-document", "path \"a\" { denied_parameters = { x = [<<EOT\ntwo\nlines\nEOT\n] } }", []policy.Rule{denied("two\nlines\n")}},

		{"seconds", `path "a" { min_wrapping_ttl = 60 max_wrapping_ttl = "600" }`, []policy.Rule{wrapped(time.Minute, 10*time.Minute)}},
		{"units", `path "a" { min_wrapping_ttl = "1m30s" max_wrapping_ttl = "1d" }`, []policy.Rule{wrapped(90*time.Second, 24*time.Hour)}},
		{"no bounds", `path "a" { min_wrapping_ttl = 0 max_wrapping_ttl = "" }`, []policy.Rule{{Path: "a"}}},
		{"ten years", `path "a" { max_wrapping_ttl = "3650d" }`, []policy.Rule{wrapped(0, policy.MaxWrapTTL)}},
		{"blocks that fit each but not together", `path "a" { min_wrapping_ttl = 9 } path "a" { max_wrapping_ttl = 3 }`,
			[]policy.Rule{wrapped(9*time.Second, 3*time.Second)}},

		{"a template is left out", `path "id/{{identity.entity.id}}/*" { capabilities = ["read"] }` + "\n" + `path "a" { capabilities = ["read"] }`,
			[]policy.Rule{read}},

		{"JSON", `{"path": {"a": {"capabilities": ["read"]}}}`, []policy.Rule{read}},
		{"JSON, nothing", ` {} `, nil},
		{"JSON, a list of paths", `{"path": [{"a": {"capabilities": ["read"]}}, {"b*": {}}]}`,
			[]policy.Rule{read, {Path: "b", Prefix: true}}},
		{"JSON, a list of blocks", `{"path": {"a": [{"capabilities": ["read"]}, {"capabilities": ["list"]}]}}`,
			[]policy.Rule{{Path: "a", Capabilities: policy.Read | policy.List}}},
		{"JSON, path twice", `{"path": {"a": {"policy": "read"}}, "name": "x", "path": {"a": {"policy": "sudo"}}}`,
			[]policy.Rule{{Path: "a", Capabilities: write | policy.Sudo}}},
		{"JSON, values of every kind", `{"path": {"a": {"denied_parameters": {"x": ["s", 5, 1e2, true, null, [[]], {"k": ["v"]}]}}}}`,
			[]policy.Rule{denied("s", 5, 100, true, nil, []any{[]any{}}, map[string]any{"k": []any{"v"}})}},
		{"JSON, parameters in a list", `{"path": {"a": {"denied_parameters": [{"x": [true]}], "max_wrapping_ttl": 5}}}`,
			[]policy.Rule{{Path: "a", MaxWrappingTTL: 5 * time.Second, Parameters: denied(true).Parameters}}},
	} {
		got, err := Parse("test", tc.text)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if want := mustRules(t, tc.want...); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.name, got, want)
		}
	}
}

// numbered is a list of n different strings.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%q,", fmt.Sprint(i))
	}
	return b.String()
}

func TestParseErrors(t *testing.T) {
	nested := func(n int) string {
		return `path "a" { denied_parameters = { x = ` + strings.Repeat("[", n) + strings.Repeat("]", n) + " } }"
	}
	var crowd strings.Builder
	for i := range policy.MaxRules + 1 {
		fmt.Fprintf(&crowd, "path \"%d\" {}\n", i)
	}
	for _, tc := range []struct {
		name, text string
		line       int
		says       string
	}{
		{"no end", "path \"x\" {\n  capabilities = [\"read\"] ", 2, "RBRACE"},
		{"no end of a list", "path \"x\" {\n  capabilities = [\"read\" ", 2, "expected comma or list end"},
		{"no end of a string", "\npath \"x {\n}", 2, "not terminated"},
		{"no value", "name =", 1, "expected a value after '='"},
		{"no value but a comment", "\nname = # soon\n", 3, "expected a value after '='"},
		{"no block", `path "x"`, 1, "expected start of object"},
		{"keys without end", strings.Repeat("a ", policy.MaxTextBytes/2), 1, "key 'a a a"},
		{"a list too long", `path "x" { required_parameters = [` + strings.Repeat(`"a",`, 9) + numbered(policy.MaxParameters+1) + `] }`, 1, `path "x": 130 required parameters, at most 128`},
		{"no key", "{}\n{}", 2, "invalid character '{'"},
		{"a stray brace", "\n}", 2, "expected: IDENT"},
		{"a strange character", "path \"x\" {\n}\n;", 3, "illegal char"},
		{"a NUL", "\npath \"x\" {} \x00", 2, "null character"},
		{"no UTF-8", "#\n# \xff\n", 2, "expected UTF-8"},
		{"an octal escape out of range", "\npath \"\\777\" {}", 2, "malformed escape"},
		{"a code point out of range", "\npath \"\\U00110000\" {}", 2, "malformed escape"},
		{"a broken here-document", "name = <<EOT\nx", 2, "heredoc not terminated"},

		{"an unknown block", "# policy\nnonsense \"x\" { }", 2, `invalid key "nonsense": expected path`},
		{"a key in another case", `Path "x" { }`, 1, `invalid key "Path"`},
		{"no path", "path { }", 1, "one path, found 0"},
		{"two paths", `path "a" "b" { }`, 1, "one path, found 2"},
		{"paths as an attribute", `path = { "a" = {} }`, 1, "one path, found 0"},
		{"a name that is none", "name = [1]", 1, "name: expected a string, found a list"},
		{"an unknown attribute", "path \"x\" {\n  unknown = \"y\"\n}", 2, `path "x": invalid key "unknown": expected capabilities`},
		{"an attribute in another case", `path "x" { Capabilities = [] }`, 1, `invalid key "Capabilities"`},
		{"an attribute twice", "path \"x\" {\n capabilities = [\"read\"]\n capabilities = [\"list\"]\n}", 3, "already given on line 2"},
		{"an attribute with two keys", `path "x" { denied_parameters x { } }`, 1, "expected one key"},
		{"control groups", `path "x" { control_group = {} }`, 1, "control_group is not supported"},
		{"MFA", `path "x" { mfa_methods = [] }`, 1, "mfa_methods is not supported"},
		{"an expiration", `path "x" { expiration = "2030-01-01T00:00:00Z" }`, 1, "expiration is not supported"},

		{"an unknown capability", "path \"x\" { capabilities = [\n  \"read\",\n  \"fly\"] }", 3, `path "x": invalid capability "fly": expected create,`},
		{"an unknown one beside deny", `path "x" { capabilities = ["deny", "fly"] }`, 1, `invalid capability "fly"`},
		{"root is no capability", `path "x" { capabilities = ["root"] }`, 1, `invalid capability "root"`},
		{"capabilities in a string", `path "x" { capabilities = "read" }`, 1, "capabilities: expected a list of strings, found a string"},
		{"a capability that is a number", `path "x" { capabilities = ["read", 5] }`, 1, "capabilities: element 2: expected a string, found a number"},
		{"an unknown word", `path "x" { policy = "fly" }`, 1, `path "x": invalid policy "fly": expected read, write, sudo or deny`},
		{"a list of words", `path "x" { policy = ["read"] }`, 1, "policy: expected a string, found a list"},

		{"+*", `path "a/+*" { }`, 1, "'+*' is forbidden"},
		{"a path too long", "\npath \"" + strings.Repeat("x", policy.MaxPathBytes+1) + `" { }`, 2, "at most 512"},
		{"a path that is not UTF-8", `path "\xff" { }`, 1, "UTF-8"},
		{"too many blocks", crowd.String(), policy.MaxRules + 1, "more than 256"},
		{"a text too long", strings.Repeat("#", policy.MaxTextBytes+1), 0, "at most 65536"},
		{"nested as deep as values may", nested(policy.MaxValueDepth + 3), 1, "deeper"},
		{"nested deeper than may be parsed", nested(30_000), 1, "nested deeper than"},
		{"a template without end", `path "a/{{identity.entity.id" { }`, 1, "expected one }} after each {{"},
		{"a template without start", `path "a/id}}/{{x}}" { }`, 1, "expected {{ before }}"},
		{"a template in a bad block", `path "{{a}}" { policy = "fly" }`, 1, "invalid policy"},

		{"a parameter without list", `path "x" { allowed_parameters = { a = "b" } }`, 1, `parameter "a": expected a list of values, found a string`},
		{"parameters in a list", `path "x" { allowed_parameters = ["a"] }`, 1, "allowed_parameters: expected { … }, found a list"},
		{"a parameter twice", "path \"x\" { allowed_parameters = {\n a = []\n A = [] } }", 3, "already given"},
		{"a number out of range", `path "x" { allowed_parameters = { a = [99999999999999999999] } }`, 1, "64 bits"},
		{"a fraction out of range", `path "x" { allowed_parameters = { a = [1e400] } }`, 1, "malformed or out of range"},
		{"a name twice in a value", `path "x" { allowed_parameters = { a = [{ b = 1 b = 2 }] } }`, 1, "once and alone"},
		{"required that is none", `path "x" { required_parameters = [["a"]] }`, 1, "element 1: expected a string, found a list"},

		{"a duration of a kind unknown", `path "x" { min_wrapping_ttl = true }`, 1, "expected seconds or a duration"},
		{"a duration that is none", `path "x" { min_wrapping_ttl = "soon" }`, 1, `invalid duration "soon": expected seconds`},
		{"half a second too many", `path "x" { min_wrapping_ttl = 1.5 }`, 1, "invalid duration"},
		{"a negative duration", `path "x" { max_wrapping_ttl = -5 }`, 1, "expected 0 to 3650d"},
		{"a duration that overflows", `path "x" { max_wrapping_ttl = "9223372036854775807d" }`, 1, "expected 0 to 3650d"},
		{"a duration too long", `path "x" { max_wrapping_ttl = "3651d" }`, 1, "expected 0 to 3650d"},
		{"a maximum below the minimum", "\npath \"x\" { min_wrapping_ttl = 9 max_wrapping_ttl = 3 }", 2, "max_wrapping_ttl 3s is less than min_wrapping_ttl 9s"},

		{"JSON that ends early", "{\"path\": {\n\"x\": {\"capabilities\": [\"read\"]", 2, "unexpected end"},
		{"JSON and more", "{}\n{}", 2, "after top-level value"},
		{"JSON with a comma too many", "{\"path\": {\n}, }", 2, "looking for beginning of object key"},
		{"JSON, unknown key", "{\n\"paths\": {}}", 2, `invalid key "paths"`},
		{"JSON, path of another kind", `{"path": "x"}`, 1, "path: expected { … }, found a string"},
		{"JSON, paths of another kind", "{\"path\": [\n{}, 5]}", 2, "path: element 2: expected { … }, found a number"},
		{"JSON, unknown capability", "{\"path\": {\"x\": {\n\"capabilities\": [\"fly\"]}}}", 2, `path "x": invalid capability "fly"`},
		{"JSON, null", `{"path": {"x": {"capabilities": null}}}`, 1, "expected a list of strings, found null"},
		{"JSON, an attribute twice", "{\"path\": {\"x\": {\"policy\": \"read\",\n\"policy\": \"sudo\"}}}", 2, "already given on line 1"},
		{"JSON, deep", `{"path":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}", 1, "nested deeper than"},
		{"JSON, deeper than encoding/json", `{"path":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "}", 1, "exceeded max depth"},
	} {
		_, err := Parse("web", tc.text)
		var at *Error
		if !errors.As(err, &at) {
			t.Errorf("%s: got %v, want an *Error", tc.name, err)
			continue
		}
		if at.Line != tc.line || !strings.Contains(at.Message, tc.says) {
			t.Errorf("%s: got line %d: %s; want line %d and %q", tc.name, at.Line, at.Message, tc.line, tc.says)
		}
		if msg := err.Error(); !strings.HasPrefix(msg, `failed to parse policy "web": `) || len(msg) > 1024 {
			t.Errorf("%s: got message %.2000s", tc.name, msg)
		}
	}
}

func TestWarnings(t *testing.T) {
	_, warnings, err := ParseWithWarnings("w", "path \"a\" {}\npath \"{{identity.entity.name}}/x\" { capabilities = [\"read\"] }")
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], `line 2: path "{{identity.entity.name}}/x"`) {
		t.Errorf("got %q, %v", warnings, err)
	}
}

// TestBuiltinTexts: the texts that are shown say what the built-in forms do.
func TestBuiltinTexts(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       *policy.Policy
	}{
		{policy.DefaultName, policy.DefaultText, policy.Default()},
		{policy.ResponseWrappingName, policy.ResponseWrappingText, policy.ResponseWrapping()},
	} {
		if got := mustParse(t, tc.text); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: the text says %+v, the form %+v", tc.name, got, tc.want)
		}
	}
}

// TestJSONEqualsHCL: one policy in both languages has one form.
func TestJSONEqualsHCL(t *testing.T) {
	hcl := mustParse(t, `path "s/+/x*" { capabilities = ["read", "update"] allowed_parameters = { n = [1, true] } max_wrapping_ttl = "2h" }`)
	text, err := json.Marshal(map[string]any{"path": map[string]any{"s/+/x*": map[string]any{
		"capabilities":       []string{"update", "read"},
		"allowed_parameters": map[string]any{"N": []any{true, 1.0}},
		"max_wrapping_ttl":   7200,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := mustParse(t, string(text)); !reflect.DeepEqual(got, hcl) {
		t.Errorf("got %+v, want %+v", got, hcl)
	}
}
