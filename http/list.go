package http

import (
	"net/http"
	"slices"
	"strconv"
)

// maxListed bounds how many keys one answer lists. What is more has to be asked
// for in parts: an answer cut short without a word would be taken for the whole.
const maxListed = 250_000

// page takes the part of a list that the client asks for, as OpenBao does: what
// comes behind the key after, and at most limit keys of that.
func (c *call) page(ans answer) (answer, error) {
	keys, ok := ans.data.(nameList)
	if !ok {
		return ans, nil
	}
	limit := 0
	if text := c.query.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil {
			return answer{}, invalid("query parameter limit is %s, expected a whole number", quote(text))
		}
	}
	after := c.query.Get("after")
	if limit <= 0 && after == "" {
		if len(keys) > maxListed {
			return answer{}, refuse(http.StatusBadRequest,
				"there are %d keys, at most %d are listed at once: ask for parts with limit and after", len(keys), maxListed)
		}
		return ans, nil
	}
	keys = slices.Clone(keys)
	slices.Sort(keys)
	if after != "" {
		at, there := slices.BinarySearch(keys, after)
		if there {
			at++
		}
		keys = keys[at:]
	}
	if limit <= 0 || limit > maxListed {
		limit = maxListed
	}
	keys = keys[:min(limit, len(keys))]
	if len(keys) == 0 {
		return answer{}, errNothing
	}
	ans.data = keys
	return ans, nil
}
