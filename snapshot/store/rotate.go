package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

func sortNewest(names []Name) []Name {
	sorted := slices.Clone(names)
	slices.SortFunc(sorted, func(a, b Name) int {
		return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.Index, a.Index))
	})
	return sorted
}

// Rotate removes the files that are not to be kept any more, oldest first, and says how
// many. It goes on after an error with the others.
func Rotate(ctx context.Context, s Store, prefix string, retain int, age time.Duration) (removed int, err error) {
	names, err := s.List(ctx)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, n := range slices.Backward(Spent(names, retain, age)) {
		if err := s.Delete(ctx, n.File(prefix)); err != nil {
			failed = append(failed, err)
			continue
		}
		removed++
	}
	return removed, errors.Join(failed...)
}
