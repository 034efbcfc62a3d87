package http

import (
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// inventoryItem is a token as inventories show it: everything but what would give
// it away, which are its text and its digest.
func inventoryItem(view cluster.View, t *fsm.Token) object {
	st := view.State
	children, more := st.CountChildren(t, childLooks, st.Clock)
	item := object{
		"accessor": t.Accessor(), "parent_accessor": st.ParentAccessor(t), "orphan": st.IsOrphan(t), "depth": t.Depth,
		"type": typeName(t), "path": t.Path, "role": t.Role, "display_name": t.DisplayName,
		"policies": t.Policies, "meta": metaObject(t.Meta),
		"creation_time": t.CreatedAt.Time(), "expire_time": deadlineTime(t), "last_renewal_time": nil,
		"ttl": wholeSeconds(secondsLeft(t.TTLAt(view.At))), "period": wholeSeconds(t.Period),
		"explicit_max_ttl": wholeSeconds(t.ExplicitMaxTTL), "renewable": t.Renewable,
		"num_uses": t.NumUses, "uses_left": t.UsesLeft,
		"children": children, "more_children": more,
	}
	if t.RenewedAt != 0 {
		item["last_renewal_time"] = t.RenewedAt.Time()
	}
	return item
}

func typeName(t *fsm.Token) string {
	if t.IsWrapping() {
		return "wrapping"
	}
	return "service"
}

func wholeSeconds(d time.Duration) int64 { return int64(d / time.Second) }

func metaObject(pairs []fsm.MetaPair) object {
	if len(pairs) == 0 {
		return nil
	}
	m := make(object, len(pairs))
	for _, p := range pairs {
		m[p.Key] = p.Value
	}
	return m
}
