package check

import "github.com/jeton-io/jeton/cmd/jeton-chaos/client"

// read judges a value that a cubbyhole showed.
func (c *checker) read(r *record, e Event) {
	var from *Event // nil: the empty cubbyhole, which was there before everything
	for i, p := range r.puts {
		if p.Value == e.Value {
			from = &r.puts[i]
		}
	}
	if from == nil && e.Value != 0 || from != nil && from.Start > e.End {
		c.report(ForeignText, r, e, "it was %d", e.Value)
		return
	}
	for _, p := range r.puts {
		later := from == nil || p.Start > from.effective()
		if p.Outcome == client.Done && p.End < e.Start && later {
			c.report(StaleValue, r, e, "it was %d, while %d was acknowledged at %s", e.Value, p.Value, round(p.End))
			return
		}
	}
}
