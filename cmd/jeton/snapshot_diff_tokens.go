package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// tokenChanges are what became of service tokens. One is alive here when nothing
// has ended it itself: of its ancestors, a stream tells nothing.
type tokenChanges struct {
	Old     int        `json:"old"` // alive
	New     int        `json:"new"`
	Made    tokenList  `json:"made"`
	Ended   tokenList  `json:"ended"`
	Changed tokenList  `json:"changed"`
	Changes []counted  `json:"changes"` // what changed; of one token it may be several things
	Deaths  []counted  `json:"deaths"`  // that are remembered of the time between, by cause; of tokens made in it, too
	Policy  []movement `json:"by_policy"`
	Path    []movement `json:"by_path"`
}

// tokenList has the number of all and the latest made of them.
type tokenList struct {
	Tokens int         `json:"tokens"`
	Latest []tokenLine `json:"latest"`

	most int
}

// tokenLine is a token as listings show it.
type tokenLine struct {
	Accessor    string   `json:"accessor"`
	DisplayName string   `json:"display_name"`
	Path        string   `json:"path"`
	Policies    []string `json:"policies"`
	Why         string   `json:"why,omitempty"` // it ended, or what changed

	serial uint64
}

// movement is what happened to the tokens of a policy or a path.
type movement struct {
	Name    string `json:"name"`
	Old     int    `json:"old"`
	New     int    `json:"new"`
	Made    int    `json:"made"`
	Ended   int    `json:"ended"`
	Changed int    `json:"changed"`
}

type tokenDiffer struct {
	*differ
	tokenChanges
	policies, paths map[string]*movement
	kinds, causes   map[string]int
	buried          map[string]*tokenLine // of Ended, by accessor, once all tokens have been seen
}

func newTokenDiffer(d *differ) tokenDiffer {
	t := tokenDiffer{
		differ: d, policies: map[string]*movement{}, paths: map[string]*movement{}, kinds: map[string]int{}, causes: map[string]int{},
	}
	t.Made.most, t.Ended.most, t.Changed.most = d.most, d.most, d.most
	return t
}

// meet takes what stands for one thing in the two states; false: it is no matter of
// tokens.
func (d *tokenDiffer) meet(was, is *fsm.Record) bool {
	switch v := valueOf(was, is).(type) {
	case *fsm.Token:
		d.token(tokenOf(was), tokenOf(is), was != nil && is != nil && was.Same(is))
	case *fsm.Tombstone:
		if was == nil && d.related() {
			d.bury(v)
		}
	default:
		return false
	}
	return true
}

func valueOf(was, is *fsm.Record) any {
	if is != nil {
		return is.Value
	}
	return was.Value
}

func tokenOf(r *fsm.Record) *fsm.Token {
	if r == nil {
		return nil
	}
	t, _ := r.Value.(*fsm.Token)
	return t
}

func (d *tokenDiffer) token(was, is *fsm.Token, same bool) {
	lived, lives := d.old.lives(was), d.new.lives(is)
	if lived {
		d.Old++
		d.each(was, func(m *movement) { m.Old++ })
	}
	if lives {
		d.New++
		d.each(is, func(m *movement) { m.New++ })
	}
	if !d.related() || same && lived == lives {
		return
	}
	another := was != nil && is != nil && was.Serial != is.Serial // a chosen id that was chosen again
	if lived && (!lives || another) {
		d.Ended.add(was, whyEnded(is, another))
		d.each(was, func(m *movement) { m.Ended++ })
	}
	if lives && (!lived || another) {
		d.Made.add(is, "")
		d.each(is, func(m *movement) { m.Made++ })
	}
	if lived && lives && !another {
		what := changesOf(was, is)
		for _, w := range what {
			d.kinds[w]++
		}
		d.Changed.add(is, strings.Join(what, ", "))
		d.each(is, func(m *movement) { m.Changed++ })
	}
}

// lives says whether nothing has ended t itself.
func (s *side) lives(t *fsm.Token) bool {
	if t == nil {
		return false
	}
	if t.Death == nil && t.Deadline > s.clock {
		return true
	}
	s.waiting++
	return false
}

// each visits what is counted of a token's policies and path.
func (d *tokenDiffer) each(t *fsm.Token, f func(*movement)) {
	for _, p := range t.Policies {
		f(of(d.policies, p))
	}
	f(of(d.paths, t.Path))
}

func of(list map[string]*movement, name string) *movement {
	m := list[name]
	if m == nil {
		m = &movement{Name: name}
		list[name] = m
	}
	return m
}

// whyEnded says what is known of an end from what is left of the token.
func whyEnded(left *fsm.Token, another bool) string {
	switch {
	case left == nil || another:
		return "gone" // until its tombstone is met
	case left.Death != nil:
		return left.Death.Cause.String()
	}
	return fsm.Expired.String()
}

// changesOf names what may change of a token.
func changesOf(was, is *fsm.Token) (what []string) {
	for _, c := range []struct {
		so   bool
		what string
	}{
		{was.RenewedAt != is.RenewedAt || was.Deadline != is.Deadline || was.Increment != is.Increment, "renewed"},
		{was.UsesLeft != is.UsesLeft, "used"},
		{was.Parent != is.Parent, "orphaned"},
	} {
		if c.so {
			what = append(what, c.what)
		}
	}
	if len(what) == 0 {
		what = []string{"other"}
	}
	return what
}

// bury takes a tombstone that is new. They come after all tokens.
func (d *tokenDiffer) bury(t *fsm.Tombstone) {
	if d.buried == nil {
		d.Ended.cut()
		d.buried = map[string]*tokenLine{}
		for i := range d.Ended.Latest {
			d.buried[d.Ended.Latest[i].Accessor] = &d.Ended.Latest[i]
		}
	}
	d.causes[t.Death.Cause.String()]++
	if line := d.buried[t.Accessor]; line != nil {
		line.Why = t.Death.Cause.String()
	}
}

func (d *tokenDiffer) changes() tokenChanges {
	for _, l := range []*tokenList{&d.Made, &d.Ended, &d.Changed} {
		l.cut()
	}
	d.Changes, d.Deaths = top(d.kinds, 0), top(d.causes, 0)
	d.Policy, d.Path = moved(d.policies, d.most), moved(d.paths, d.most)
	return d.tokenChanges
}

// moved lists what moved most.
func moved(counts map[string]*movement, most int) []movement {
	list := make([]movement, 0, len(counts))
	for _, m := range counts { // order: sorted below
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b movement) int {
		return cmp.Or(cmp.Compare(b.Made+b.Ended+b.Changed, a.Made+a.Ended+a.Changed), cmp.Compare(b.Old+b.New, a.Old+a.New), cmp.Compare(a.Name, b.Name))
	})
	if most > 0 && len(list) > most {
		list = list[:most]
	}
	return list
}

func (l *tokenList) add(t *fsm.Token, why string) {
	l.Tokens++
	l.Latest = append(l.Latest, tokenLine{t.Accessor(), t.DisplayName, t.Path, t.Policies, why, t.Serial})
	if l.most > 0 && len(l.Latest) > 2*l.most+100 {
		l.cut()
	}
}

// cut leaves the latest made.
func (l *tokenList) cut() {
	slices.SortFunc(l.Latest, func(a, b tokenLine) int {
		return cmp.Or(cmp.Compare(b.serial, a.serial), cmp.Compare(a.Accessor, b.Accessor))
	})
	if l.most > 0 && len(l.Latest) > l.most {
		l.Latest = l.Latest[:l.most]
	}
}
