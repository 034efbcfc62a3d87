package cluster

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPromiseRules(t *testing.T) {
	abc, bcd := []string{"a", "b", "c"}, []string{"b", "c", "d"}
	id := func(servers []string) string { return configurationID("jeton", servers) }
	promised := func(servers []string) func(*testing.T, *formation) {
		return func(t *testing.T, f *formation) {
			if w, err := f.promise(id(servers), servers, true); err != nil || w != yes {
				t.Fatalf("promise: %v, %v", w, err)
			}
		}
	}
	formed := func(id string) func(*testing.T, *formation) {
		return func(t *testing.T, f *formation) {
			if err := f.settle(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name  string
		do    []func(*testing.T, *formation)
		ask   []string
		fits  bool
		want  word
		binds bool // the word, when asked for with binding, is kept
	}{
		{"a free node", nil, abc, true, yes, true},
		{"a free node with other settings", nil, abc, false, notNow, false},
		{"nothing at all", nil, nil, false, notNow, false},
		{"the same again", []func(*testing.T, *formation){promised(abc)}, abc, true, yes, true},
		{"the same, settings changed since", []func(*testing.T, *formation){promised(abc)}, abc, false, yes, true},
		{"another", []func(*testing.T, *formation){promised(abc)}, bcd, true, never, false},
		{"formed so", []func(*testing.T, *formation){promised(abc), formed(id(abc))}, abc, true, yes, false},
		{"formed so, settings changed since", []func(*testing.T, *formation){promised(abc), formed(id(abc))}, abc, false, yes, false},
		{"formed otherwise", []func(*testing.T, *formation){promised(abc), formed(id(bcd))}, abc, true, never, false},
		{"joined another cluster", []func(*testing.T, *formation){formed("elsewhere")}, abc, true, never, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			f, err := openFormation(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, do := range tt.do {
				do(t, f)
			}
			before := f.bound()
			for range 2 { // also after a restart
				if w := f.word(id(tt.ask), tt.ask, tt.fits); w != tt.want {
					t.Fatalf("word %d, want %d", w, tt.want)
				}
				if len(f.bound()) != len(before) {
					t.Fatal("a word that binds nobody bound this node")
				}
				if f, err = openFormation(dir); err != nil {
					t.Fatal(err)
				}
			}
			if w, err := f.promise(id(tt.ask), tt.ask, tt.fits); err != nil || w != tt.want {
				t.Fatalf("promise %d, %v; want %d", w, err, tt.want)
			}
			if f, err = openFormation(dir); err != nil {
				t.Fatal(err)
			}
			if tt.binds && f.word(id([]string{"x"}), []string{"x"}, true) != never {
				t.Fatal("the promise is forgotten")
			}
		})
	}
}

func TestConfigurationIDNamesClusterAndServers(t *testing.T) {
	seen := make(map[string]bool)
	for _, id := range []string{
		configurationID("jeton", []string{"a", "b"}),
		configurationID("jeton", []string{"a", "b", "c"}),
		configurationID("jeton", []string{"ab"}),
		configurationID("other", []string{"a", "b"}),
	} {
		if seen[id] || len(id) != 32 {
			t.Errorf("id %q", id)
		}
		seen[id] = true
	}
}

func TestDamagedFormationIsNotIgnored(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "formation.json"), []byte(`{"promised":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFormation(dir); err == nil {
		t.Fatal("a node that can not read its promise must not give another")
	}
}
