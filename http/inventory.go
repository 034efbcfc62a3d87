package http

import (
	"fmt"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// The inventory tells who holds tokens, by accessor alone. Its answers are taken
// from immutable states without locks, and each looks at a bounded number of
// records.
func (s *Server) inventoryRoutes() {
	const lists = "Lists live tokens by filter, without their texts."
	s.handle(route{path: "jeton/tokens", folder: true, read: listTokens, list: listTokens, about: about{
		read: lists, list: lists, asks: filterAsks + " limit cursor",
	}})
	s.handle(route{path: "jeton/tokens/{accessor}/tree", read: showTree, about: about{
		read: "Lists a live token and its live descendants.", asks: "limit cursor",
	}})
	s.handle(route{path: "jeton/tokens/{accessor}/why", read: explainToken, about: about{
		read: "Says what keeps a token alive, or what ended it.",
	}})
}

const (
	maxPage     = 1000
	defaultPage = 100
	// pageLooks is how many records a page may look at: a filter that matches little
	// gets short pages.
	pageLooks = 100_000
	// countLooks is how far descendants are counted, and childLooks children.
	countLooks = 10_000
	childLooks = 100
	// maxScans bounds how many such answers are worked on at once.
	maxScans = 16
)

// listing is one page of a listing on its way.
type listing struct {
	view     cluster.View
	question string // what was asked for, on all pages the same
	place    []byte // nil: from the beginning
	limit    int
	pin      uint64 // 0: the view is the present one
}

// beginListing reads what all listings have in common and has the caller judged.
// Whatever state a page is taken from, the caller's rights are those of now.
func (c *call) beginListing(question string) (*listing, error) {
	l := &listing{question: question, limit: defaultPage}
	if n := c.body.whole("limit", maxPage); c.body.has("limit") {
		if l.limit = int(n); n == 0 {
			c.body.fail("limit", "is 0, expected 1 to %d", maxPage)
		}
	}
	text := c.body.text("cursor")
	var k cursor
	if text != "" {
		var err error
		if k, err = readCursor(text, question); err != nil {
			c.body.fail("cursor", "%v", err)
		}
		l.place = k.place
	}
	if err := c.decoded(); err != nil {
		return nil, err
	}
	if !c.s.scans.enter() {
		return nil, errBusy
	}
	view, _, err := c.read(c.access())
	if err != nil {
		c.s.scans.leave()
		return nil, err
	}
	l.view = view
	if text != "" {
		c.resumeIn(l, k)
	}
	return l, nil
}

// resumeIn goes on in the state that the listing began in, or says that it can
// not: another node has it, it was kept long enough, or this node has restarted.
func (c *call) resumeIn(l *listing, k cursor) {
	if view, ok := c.s.pins.find(k.pin); ok {
		l.view, l.pin, c.index = view, k.pin, view.State.Index()
		return
	}
	c.warn(fmt.Sprintf("The state at index %d is not kept here any more; this page shows index %d. "+
		"Tokens made or ended in between may be missing or be shown.", k.index, l.view.State.Index()))
}

// next is the cursor of the page behind this one.
func (c *call) next(l *listing, place []byte) string {
	if l.pin == 0 {
		l.pin = c.s.pins.keep(l.view)
	}
	k := cursor{pin: l.pin, index: l.view.State.Index(), place: place}
	return k.text(l.question)
}

func listTokens(c *call) (answer, error) {
	f := c.filter()
	l, err := c.beginListing("tokens " + f.question())
	if err != nil {
		return answer{}, err
	}
	defer c.s.scans.leave()
	st := l.view.State
	var from fsm.Place
	if l.place != nil {
		if from, err = readPlace(l.place); err != nil {
			return answer{}, invalid("field validation failed: field %q: %v", "cursor", err)
		}
	}
	filter := f.in(st)
	if filter.Type == fsm.TypeBatch {
		c.warn("Batch tokens are not stored, so they cannot be listed.")
	}
	page := st.ListTokens(filter, from, l.limit, pageLooks, st.Clock)
	tokens := make([]object, 0, len(page.Tokens))
	for _, t := range page.Tokens {
		tokens = append(tokens, inventoryItem(l.view, t))
	}
	data := object{"tokens": tokens, "index": st.Index(), "cursor": ""}
	if page.More {
		data["cursor"] = c.next(l, appendPlace(nil, page.Next))
	}
	return answer{data: data}, nil
}
