package http_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// Every path that is answered stands in a table of docs/api.md, and no other.
func TestPathsAreDocumented(t *testing.T) {
	doc := readDoc(t, "api.md")
	var documented []string
	for row := range strings.Lines(doc) {
		cell, _, found := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
		if !found || !strings.HasPrefix(row, "| `") || strings.HasPrefix(row, "| `…") {
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			documented = append(documented, m[1])
		}
	}
	s := newServer(t, httpd.Config{Cluster: httptestcluster.New()})
	answered := httpd.RoutePaths(s)
	for _, path := range answered {
		if !slices.Contains(documented, path) {
			t.Errorf("docs/api.md lacks %s", path)
		}
	}
	for _, path := range documented {
		if !slices.Contains(answered, path) {
			t.Errorf("docs/api.md has %s, which is not answered", path)
		}
	}
}

// The examples of the documents do what they show.
func TestExamples(t *testing.T) {
	for doc, least := range map[string]int{"api.md": 25, "wrapping.md": 9, "quotas.md": 12, "inventory.md": 15} {
		t.Run(doc, func(t *testing.T) { runExamples(t, readDoc(t, doc), least) })
	}
}

func runExamples(t *testing.T, doc string, least int) {
	server := httptest.NewServer(newServer(t, httpd.Config{Cluster: httptestcluster.New()}).Handler())
	defer server.Close()
	sh := shell{t, map[string]string{"JETON_ADDR": server.URL, "ROOT": root}}
	if commands := sh.examples(doc); commands < least {
		t.Errorf("found only %d examples", commands)
	}
}

// examples runs the examples of a document and counts them.
func (s shell) examples(doc string) (commands int) {
	s.t.Helper()
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(doc, -1) {
		for example := range strings.SplitSeq(strings.TrimPrefix(block[1], "$ "), "\n$ ") {
			command, want, _ := strings.Cut(example, "\n")
			got := s.run(command)
			commands++
			if msg := differs(decodeJSON(s.t, want), decodeJSON(s.t, got), ""); msg != "" {
				s.t.Errorf("%s\n%s\nthe answer is %s", command, msg, got)
			}
		}
	}
	return commands
}

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decodeJSON(t *testing.T, text string) (v any) {
	t.Helper()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// differs says where an answer is not what an example shows. An example may
// leave fields out, and … stands for any text.
func differs(want, got any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for name, v := range w { // order: any difference will do
			if _, there := g[name]; !there {
				return at + "." + name + " is not there"
			}
			if msg := differs(v, g[name], at+"."+name); msg != "" {
				return msg
			}
		}
		return ""
	case []any:
		g, _ := got.([]any)
		if len(g) != len(w) {
			return fmt.Sprintf("%s is %v, want %v", at, got, want)
		}
		for i := range w {
			if msg := differs(w[i], g[i], fmt.Sprintf("%s[%d]", at, i)); msg != "" {
				return msg
			}
		}
		return ""
	case string:
		pattern := strings.ReplaceAll(regexp.QuoteMeta(w), "…", "(?s:.+)")
		if g, ok := got.(string); ok && regexp.MustCompile("^"+pattern+"$").MatchString(g) {
			return ""
		}
		return fmt.Sprintf("%s is %v, want %v", at, got, want)
	}
	if want != got {
		return fmt.Sprintf("%s is %v, want %v", at, got, want)
	}
	return ""
}

// shell understands as much of a shell, curl and jq as the examples use, so that
// nothing has to be installed to run them.
type shell struct {
	t    *testing.T
	vars map[string]string
}

// run runs curl, or NAME=$(curl … | jq -r .a.b).
func (s shell) run(command string) string {
	s.t.Helper()
	name, inner, assigns := strings.Cut(command, "=$(")
	if !assigns {
		return s.curl(s.words(command))
	}
	inner, filter, found := strings.Cut(strings.TrimSuffix(inner, ")"), " | jq -r .")
	if !found {
		s.t.Fatalf("no jq in %s", command)
	}
	v := decodeJSON(s.t, s.curl(s.words(inner)))
	for field := range strings.SplitSeq(filter, ".") {
		m, _ := v.(map[string]any)
		v = m[field]
	}
	text, ok := v.(string)
	if !ok {
		s.t.Fatalf("%s: there is no %s", command, filter)
	}
	s.vars[name] = text
	return ""
}

// words splits a command as a shell does.
func (s shell) words(command string) (words []string) {
	var word strings.Builder
	quote, any := byte(0), false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(command):
			i++
			word.WriteByte(command[i])
			any = true
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, any = c, true
		case quote == 0 && c == ' ':
			if any {
				words = append(words, word.String())
			}
			word.Reset()
			any = false
		case quote != '\'' && c == '$':
			name := regexp.MustCompile(`^[A-Z_]+`).FindString(command[i+1:])
			value, known := s.vars[name]
			if !known {
				s.t.Fatalf("$%s is not set in %s", name, command)
			}
			word.WriteString(value)
			i, any = i+len(name), true
		default:
			word.WriteByte(c)
			any = true
		}
	}
	return append(words, word.String())
}

func (s shell) curl(args []string) string {
	s.t.Helper()
	method, url, body := "", "", ""
	header, client, shown := http.Header{}, http.DefaultClient, tlsFiles{}
	for i := 1; i < len(args); i++ {
		switch args[i] {
		case "-X":
			i++
			method = args[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ": ")
			header.Set(name, value)
		case "--cacert", "--cert", "--key":
			i++
			shown[args[i-1]] = args[i]
			client = shown.client(s.t)
		case "-d":
			i++
			body = args[i]
			header.Set("Content-Type", "application/x-www-form-urlencoded") // as curl does
			if method == "" {
				method = "POST"
			}
		default:
			url = args[i]
		}
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header = header
	res, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}
