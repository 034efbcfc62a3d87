package http

import (
	"net/http"

	"github.com/jeton-io/jeton/fsm"
)

// showTree lists a live token and its live descendants.
func showTree(c *call) (answer, error) {
	l, err := c.beginListing("tree " + c.variable("accessor"))
	if err != nil {
		return answer{}, err
	}
	defer c.s.scans.leave()
	root, err := c.listed(l)
	if err != nil {
		return answer{}, err
	}
	st := l.view.State
	var from []uint64
	if l.place != nil {
		if from, err = readWay(l.place); err != nil {
			return answer{}, invalid("field validation failed: field %q: %v", "cursor", err)
		}
	}
	page := st.ListTree(root, from, l.limit, pageLooks, st.Clock)
	tokens := make([]object, 0, len(page.Nodes))
	for _, n := range page.Nodes {
		item := inventoryItem(l.view, n.Token)
		item["level"] = n.Depth
		tokens = append(tokens, item)
	}
	data := object{"tokens": tokens, "index": st.Index(), "cursor": ""}
	if from == nil {
		data["descendants"], data["more_descendants"] = st.CountDescendants(root, countLooks, st.Clock)
	}
	if page.More {
		data["cursor"] = c.next(l, appendWay(nil, page.Next))
	}
	return answer{data: data}, nil
}

// listed finds a live token by the accessor in the path, in the state of a
// listing.
func (c *call) listed(l *listing) (*fsm.Token, error) {
	accessor := c.variable("accessor")
	t, ok := l.view.State.LiveByAccessor(accessor, l.view.State.Clock)
	if !ok {
		return nil, refuse(http.StatusNotFound, "no live token has the accessor %s", quote(accessor))
	}
	return t, nil
}
