package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is the product without one of its protections.
type mutant struct {
	name    string // of the protection
	patches []patch
	// What should notice: seeds of the simulation, or one test.
	seeds []int
	test  test
}

// patch replaces a text that stands in a file exactly once.
type patch struct{ file, old, new string }

type test struct{ pkg, name string }

func (m *mutant) files() (files []string) {
	for _, p := range m.patches {
		if !slices.Contains(files, p.file) {
			files = append(files, p.file)
		}
	}
	return files
}

// changed is every file of the mutant as it is there, by its path below root.
func (m *mutant) changed(root string) (map[string]string, error) {
	files := make(map[string]string)
	for _, p := range m.patches {
		text, ok := files[p.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, p.file))
			if err != nil {
				return nil, err
			}
			text = string(b)
		}
		if n := strings.Count(text, p.old); n != 1 {
			return nil, fmt.Errorf("%s: the text to be replaced occurs %d times in %s, want once:\n%s", m.name, n, p.file, p.old)
		}
		files[p.file] = strings.Replace(text, p.old, p.new, 1)
	}
	return files, nil
}
