package fsm

import (
	"fmt"
	"strings"
)

// Reason says why, as a number that is never reused. The wording beside it in
// reasonTexts is for people and may change at any time.
type Reason uint16

func (r *Reason) fields(c *coder) {
	v := uint64(*r)
	c.u64(&v)
	if v > 1<<16-1 {
		c.fail(errNotCanonical)
		return
	}
	*r = Reason(v)
}

// text renders the reason's wording with its arguments. A reason from a newer
// release is shown by its number.
func (r Reason) text(args []string) string {
	format, ok := reasonTexts[r]
	if !ok {
		return fmt.Sprintf("reason %d (%s)", r, strings.Join(args, ", "))
	}
	for _, a := range args {
		format = strings.Replace(format, "{}", a, 1)
	}
	return format
}
