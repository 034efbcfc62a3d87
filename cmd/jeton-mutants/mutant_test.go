package main

import "testing"

// Every mutant can still be made: the texts that it replaces occur, once.
func TestMutants(t *testing.T) {
	seen := make(map[string]bool)
	for _, m := range mutants {
		files, err := m.changed("../..")
		if err != nil {
			t.Error(err)
		}
		if len(files) == 0 || (len(m.seeds) == 0) == (m.test == test{}) || seen[m.name] {
			t.Errorf("%s: changes %d files, is to be noticed by seeds %v or %v", m.name, len(files), m.seeds, m.test)
		}
		seen[m.name] = true
	}
}

func TestChanged(t *testing.T) {
	for _, old := range []string{"package main", "no such" + " text", "t.Errorf"} {
		m := mutant{name: "x", patches: []patch{{"mutant_test.go", old, "y"}}}
		if _, err := m.changed("."); err == nil {
			t.Errorf("%q is taken to occur once", old)
		}
	}
}

func TestComplaint(t *testing.T) {
	for out, want := range map[string]string{
		"    sim_test.go:1: seed 1, 2s: n1 crashes\n    sim_seen_test.go:9: stale: look up 0\n": "an answer from before what had been answered",
		"panic: boom\n\ngoroutine 1":                               "panic",
		"    x_test.go:3: the reason\n    x_test.go:4: the next\n": "the reason",
		"--- FAIL: TestX":                                          "it failed",
	} {
		if got := complaint(out); got != want {
			t.Errorf("%q, want %q, of\n%s", got, want, out)
		}
	}
}
