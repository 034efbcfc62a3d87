package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// secretWords are the words of a name by which code calls what a stranger might guess
// at. Tokens are not among them: no token is ever compared, but looked up by its digest,
// which is keyed (fsm.Digest).
var secretWords = []string{"mac", "hmac", "signature", "password", "secret", "cookie", "seed", "salt"}

// harmlessWords make another thing of such a name when they are its last: the id of a
// secret, how long a signature is.
var harmlessWords = []string{"id", "ids", "name", "names", "bytes", "ttl", "accessor", "accessors", "path", "kind", "uses", "file", "field", "version"}

// comparers tell by their time how much of two things is equal.
var comparers = []string{"bytes.Equal", "bytes.Compare", "bytes.HasPrefix", "strings.Compare", "strings.EqualFold", "strings.HasPrefix", "slices.Equal", "slices.Compare", "reflect.DeepEqual", "maps.Equal"}

// constants only sound like secrets.
var constants = []string{"ClassSecret", "UserPassword", "BadMAC", "PasswordSCRAM", "PasswordPlain", "badPassword"}

// inNoTime is why a comparison may take the time it takes.
var inNoTime = map[string]string{
	"http/signed_token.go: c.s.cluster.Salt == salt":                         "one pointer and another, which no client names",
	"http/wrap_gone.go: text == c.secret":                                    "both are what the same client has shown in one request",
	"http/wrapping.go: text == c.secret":                                     "both are what the same client has shown in one request",
	"http/engine/postgres/config.go: p.Password != passStand":                "what stands for the password in an address, a constant",
	"http/httptestcluster/cluster.go: bytes.Equal(salt, c.hasher.Load.salt)": "a cluster for tests",
}

// TestSecretsAreComparedInConstantTime: whoever may try again and again must not learn
// from how long it takes how much of a guess was right.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if room := roomOf(p.ImportPath); room != "cluster" && room != "http" && room != "fsm" || forTests(p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range comparisonsOfSecrets(file) {
				where := folder + "/" + name + ": " + c.text
				if inNoTime[where] != "" {
					seen[where] = true
				} else {
					t.Errorf("%s (line %d): a secret is compared in a time that depends on it: use crypto/subtle or hmac.Equal, or say in inNoTime why not", where, fset.Position(c.at).Line)
				}
			}
		}
	}
	for where := range inNoTime {
		if !seen[where] {
			t.Errorf("inNoTime excuses %q, which is not there", where)
		}
	}
}

type comparison struct {
	at   token.Pos
	text string
}

func comparisonsOfSecrets(file *ast.File) (found []comparison) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op != token.EQL && n.Op != token.NEQ || isFixed(n.X) || isFixed(n.Y) {
				return true
			}
			x, y := nameOf(n.X), nameOf(n.Y)
			if isConstant(x) || isConstant(y) {
				return true
			}
			if isSecret(x) || isSecret(y) {
				found = append(found, comparison{n.Pos(), x + " " + n.Op.String() + " " + y})
			}
		case *ast.CallExpr:
			if called := nameOf(n.Fun); slices.Contains(comparers, called) && len(n.Args) == 2 {
				if x, y := nameOf(n.Args[0]), nameOf(n.Args[1]); isSecret(x) || isSecret(y) {
					found = append(found, comparison{n.Pos(), called + "(" + x + ", " + y + ")"})
				}
			}
		}
		return true
	})
	return found
}

// isFixed tells what everybody knows: literals, nil, empty values, and lengths.
func isFixed(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.ParenExpr:
		return isFixed(e.X)
	case *ast.CallExpr:
		name := nameOf(e.Fun)
		return name == "len" || name == "cap"
	}
	return false
}

// nameOf is what an expression is called: through conversions, slices and indexes.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	case *ast.SliceExpr:
		return nameOf(e.X)
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.StarExpr:
		return nameOf(e.X)
	case *ast.UnaryExpr:
		return nameOf(e.X)
	case *ast.ParenExpr:
		return nameOf(e.X)
	case *ast.ArrayType:
		return ""
	case *ast.CallExpr:
		if name := nameOf(e.Fun); len(e.Args) == 1 && (name == "" || name == "string" || strings.HasPrefix(name, "strings.To")) {
			return nameOf(e.Args[0])
		} else {
			return name
		}
	}
	return ""
}

func isConstant(name string) bool {
	return slices.Contains(constants, name[strings.LastIndexByte(name, '.')+1:])
}

// isSecret looks at the last part of a name, word by word.
func isSecret(name string) bool {
	words := wordsOf(name[strings.LastIndexByte(name, '.')+1:])
	return len(words) > 0 && !slices.Contains(harmlessWords, words[len(words)-1]) &&
		slices.ContainsFunc(words, func(w string) bool { return slices.Contains(secretWords, strings.TrimSuffix(w, "s")) })
}

// wordsOf takes a name in camel case apart: HMACSecretID is hmac, secret and id.
func wordsOf(name string) (words []string) {
	runes, start := []rune(name), 0
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			words = append(words, strings.ToLower(string(runes[start:i])))
			start = i
		}
	}
	return words
}

func TestComparisonsOfSecrets(t *testing.T) {
	for _, tt := range []struct {
		code  string
		found bool
	}{
		{`mac == t.Signature`, true},
		{`string(mac[:]) != text`, true},
		{`bytes.Equal(sum, r.mac)`, true},
		{`a.password == strings.ToLower(b)`, true},
		{`wantedCookie() == shown`, true},
		{`strings.EqualFold(shown, c.cookie)`, true},
		{`[32]byte(expectedHMAC) == got`, true},
		{`*secrets[0] == other`, true},
		{`password == ""`, false},
		{`len(secret) == n`, false},
		{`s == (secret{})`, false},
		{`key == nil || cookie == nil`, false},
		{`secretID == other`, false},
		{`macBytes == n`, false},
		{`machine == other`, false},
		{`hmac.Equal(mac, other)`, false},
		{`subtle.ConstantTimeCompare(mac[:], t.Signature) == 1`, false},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar _ = "+tt.code, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := comparisonsOfSecrets(file); len(got) > 0 != tt.found {
			t.Errorf("%s: found %v, want %v", tt.code, got, tt.found)
		}
	}
}
