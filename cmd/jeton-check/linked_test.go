package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// notInServer are packages that do something by being linked, whoever imports them.
var notInServer = map[string]string{
	"google.golang.org/grpc/encoding/gzip": "a client's message would be unpacked before anybody knows who sent it",
	"net/http/pprof":                       "memory, with every token in it, would be a request away",
}

func TestServerLinksNothingHarmful(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/jeton")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(out))
	if !slices.Contains(linked, module+"http") {
		t.Fatalf("among %d packages of the server ours are not", len(linked))
	}
	for _, name := range linked {
		if why := notInServer[name]; why != "" {
			t.Errorf("the server links %s: %s", name, why)
		}
	}
}
