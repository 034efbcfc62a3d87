package fsm

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// What the machine may import. Nothing here reads a clock, randomness, the
// environment, a file or the network.
var allowedImports = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "crypto/sha256": true, "encoding/binary": true,
	"encoding/hex": true, "encoding/json": true, "errors": true, "fmt": true, "io": true, "math": true,
	"math/big": true, "net/netip": true, "slices": true, "strconv": true, "strings": true,
	"sync": true, "sync/atomic": true, "time": true, "unicode/utf8": true,
	"github.com/jeton-io/jeton/fsm/btree":  true,
	"github.com/jeton-io/jeton/fsm/policy": true,
}

// forbidden are the functions of allowed packages that make nodes differ.
var forbidden = map[string]string{
	"time.Now":          "the leader's stamp is the only clock",
	"time.Since":        "the leader's stamp is the only clock",
	"time.Until":        "the leader's stamp is the only clock",
	"time.Sleep":        "apply does not wait",
	"time.After":        "apply does not wait",
	"time.NewTimer":     "apply does not wait",
	"time.NewTicker":    "apply does not wait",
	"time.AfterFunc":    "apply does not wait",
	"time.Tick":         "apply does not wait",
	"time.Local":        "the time zone belongs to the node",
	"strings.ToLower":   "the Unicode tables change between Go releases; fold ASCII",
	"strings.ToUpper":   "the Unicode tables change between Go releases; fold ASCII",
	"strings.ToTitle":   "the Unicode tables change between Go releases; fold ASCII",
	"strings.TrimSpace": "the Unicode tables change between Go releases; trim ASCII",
	"strings.EqualFold": "the Unicode tables change between Go releases; fold ASCII",
	"strings.Fields":    "the Unicode tables change between Go releases; split at ASCII",
}

// TestDeterminism reads the machine's source for what would let replicas come
// apart. Each message says why.
func TestDeterminism(t *testing.T) {
	for _, dir := range []string{".", "policy", "btree"} {
		t.Run(dir, func(t *testing.T) { checkDir(t, dir) })
	}
}

func checkDir(t *testing.T, dir string) {
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := conf.Check(dir, fset, files, info); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		checkFile(t, fset, f, info)
	}
}

func checkFile(t *testing.T, fset *token.FileSet, f *ast.File, info *types.Info) {
	for _, imp := range f.Imports {
		if path := strings.Trim(imp.Path.Value, `"`); !allowedImports[path] {
			t.Errorf("%s: import of %s", fset.Position(imp.Pos()), path)
		}
	}
	ordered := make(map[int]bool) // lines with a comment that says why any order will do
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.Contains(c.Text, "order:") {
				ordered[fset.Position(c.Pos()).Line] = true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		at := fset.Position(token.NoPos)
		if n != nil {
			at = fset.Position(n.Pos())
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s: a goroutine; apply is one thread", at)
		case *ast.SelectStmt:
			t.Errorf("%s: select picks at random", at)
		case *ast.RangeStmt:
			if _, isMap := info.TypeOf(n.X).Underlying().(*types.Map); isMap && !ordered[at.Line] {
				t.Errorf("%s: range over a map without an order: comment; iteration order differs between nodes", at)
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				if why, bad := forbidden[x.Name+"."+n.Sel.Name]; bad {
					t.Errorf("%s: %s.%s: %s", at, x.Name, n.Sel.Name, why)
				}
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				t.Errorf("%s: a float; rounding differs between machines", at)
			}
		}
		return true
	})
}
