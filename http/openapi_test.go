package http_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// Every operation of the route table says in a sentence what it does, and names
// only fields that have a description.
func TestRoutesAreDescribed(t *testing.T) {
	texts, variables := httpd.FieldTexts(), httpd.VariableTexts()
	used := make(map[string]bool)
	for _, op := range httpd.Operations(newServer(t, httpd.Config{Cluster: httptestcluster.New()})) {
		if !strings.HasSuffix(op.About, ".") {
			t.Errorf("route %s: %s has the text %q; its about needs a sentence that ends in a full stop", op.Route, op.Verb, op.About)
		}
		for _, name := range slices.Concat(op.Takes, op.Asks) {
			used[name] = true
			if texts[name] == "" {
				t.Errorf("route %s takes the field %s, which openapi_fields.go does not describe", op.Route, name)
			}
		}
		for _, m := range regexp.MustCompile(`\{(\w+)`).FindAllStringSubmatch(op.Route, -1) {
			used["{"+m[1]] = true
			if variables[m[1]] == "" {
				t.Errorf("route %s has the variable %s, which openapi_fields.go does not describe", op.Route, m[1])
			}
		}
	}
	for name := range texts { // order: each stands alone
		if !used[name] {
			t.Errorf("openapi_fields.go describes the field %s, which no route takes", name)
		}
	}
	for name := range variables { // order: each stands alone
		if !used["{"+name] {
			t.Errorf("openapi_fields.go describes the variable %s, which no route has", name)
		}
	}
}

// Every field that the code reads is described: what a handler takes by name has
// to stand in openapi_fields.go.
func TestFieldsAreDescribed(t *testing.T) {
	texts := httpd.FieldTexts()
	known := make(map[string]bool)
	for name := range texts { // order: each stands alone
		known[name[strings.IndexByte(name, '.')+1:]] = true
	}
	taking := []string{"text", "flag", "whole", "duration", "list", "commaList", "pairs", "cidrs", "take", "mountTTL"}
	// Fields of fields, and those that a policy knows alone.
	inner := regexp.MustCompile(`^lockout_`)
	found := 0
	for path, file := range sources(t) { // order: each stands alone
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			lit, isText := call.Args[0].(*ast.BasicLit)
			if !ok || !isText || lit.Kind != token.STRING || !slices.Contains(taking, method.Sel.Name) {
				return true
			}
			name, _ := strconv.Unquote(lit.Value)
			found++
			if !known[name] && !inner.MatchString(name) {
				t.Errorf("%s: the field %s is read and stands in no route's takes with a description in openapi_fields.go", path, name)
			}
			return true
		})
	}
	if found < 50 {
		t.Errorf("found only %d fields", found)
	}
}

// sources are the files of this package but its tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]*ast.File)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// The OpenAPI document has every route and verb of the table, nothing else, and
// is a valid one.
func TestOpenAPI(t *testing.T) {
	s := newServer(t, httpd.Config{Cluster: httptestcluster.New()})
	st := &stand{t, httptestcluster.New(), s.Handler()}
	text := st.must(200, "GET", "sys/internal/specs/openapi", "", nil).text
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	var want []string
	for _, op := range httpd.Operations(s) {
		verb := strings.Replace(op.Verb, "list", "get", 1)
		want = append(want, verb+" "+op.Path)
		item := doc.Paths.Find(op.Path)
		if item == nil || item.GetOperation(strings.ToUpper(verb)) == nil {
			t.Errorf("the document lacks %s %s", verb, op.Path)
			continue
		}
		described := item.GetOperation(strings.ToUpper(verb))
		if !strings.Contains(described.Summary, op.About) {
			t.Errorf("%s %s is summed up as %q, want %q", verb, op.Path, described.Summary, op.About)
		}
		takesArchive := op.Path == "/sys/storage/raft/snapshot" || op.Path == "/sys/storage/raft/snapshot-force"
		if raw := op.Verb == "post" && described.RequestBody.Value.Content["application/gzip"] != nil; raw != takesArchive && op.Verb == "post" {
			t.Errorf("%s %s takes an archive: %v", verb, op.Path, raw)
		} else if op.Verb == "post" && !raw {
			properties := described.RequestBody.Value.Content["application/json"].Schema.Value.Properties
			if len(properties) != len(op.Takes) {
				t.Errorf("%s %s has %d fields, want %d", verb, op.Path, len(properties), len(op.Takes))
			}
		}
		if op.Verb == "list" && described.Parameters.GetByInAndName("query", "list") == nil {
			t.Errorf("%s %s does not say how to list", verb, op.Path)
		}
	}
	for path, item := range doc.Paths.Map() { // order: each stands alone
		for verb := range item.Operations() { // order: each stands alone
			if !slices.Contains(want, strings.ToLower(verb)+" "+path) {
				t.Errorf("the document has %s %s, which the table has not", verb, path)
			}
		}
	}
}

func TestOpenAPIDetails(t *testing.T) {
	s := newStand(t)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.must(200, "GET", "sys/internal/specs/openapi", "", nil).text))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		of         func(*openapi3.PathItem) any
		want       any
	}{
		{"no token", "/sys/health", func(p *openapi3.PathItem) any { return p.Get.Extensions["x-vault-unauthenticated"] }, true},
		{"a token", "/auth/token/create", func(p *openapi3.PathItem) any { return len(*p.Post.Security) }, 1},
		{"sudo", "/auth/token/accessors", func(p *openapi3.PathItem) any { return p.Get.Extensions["x-vault-sudo"] }, true},
		{"no sudo", "/auth/token/create", func(p *openapi3.PathItem) any { return p.Post.Extensions["x-vault-sudo"] }, nil},
		{"deprecated", "/auth/token/lookup/{token}", func(p *openapi3.PathItem) any { return p.Get.Deprecated }, true},
		{"variable", "/auth/userpass/users/{name}", func(p *openapi3.PathItem) any { return len(p.Parameters) }, 1},
		{"variable with slashes", "/cubbyhole/{path}", func(p *openapi3.PathItem) any {
			return strings.HasSuffix(p.Parameters[0].Value.Description, "May hold slashes.")
		}, true},
		{"must list", "/auth/token/roles", func(p *openapi3.PathItem) any { return p.Get.Parameters.GetByInAndName("query", "list").Required }, true},
		{"may list", "/cubbyhole/{path}", func(p *openapi3.PathItem) any { return p.Get.Parameters.GetByInAndName("query", "list").Required }, false},
		{"kind of a field", "/auth/token/create", func(p *openapi3.PathItem) any {
			return p.Post.RequestBody.Value.Content["application/json"].Schema.Value.Properties["policies"].Value.Type.Is("array")
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			item := doc.Paths.Find(tt.path)
			if item == nil {
				t.Fatalf("the document lacks %s", tt.path)
			}
			if got := tt.of(item); got != tt.want {
				t.Errorf("%s: got %v, want %v", tt.path, got, tt.want)
			}
		})
	}
}
