package fsm

import (
	"cmp"
	"time"
)

// lifetime is what bounds how long a token may live from an instant on. All
// durations are whole seconds; zero is none.
type lifetime struct {
	created     Instant
	asked       time.Duration // ttl or increment; 0: DefaultTTL
	period      time.Duration // what a periodic token gets each time
	explicitMax time.Duration // counted from creation

	byDefault, max time.Duration // of the mount; zero is the system's
}

// on is l under the settings of the mount that gives the token out.
func (l lifetime) on(m *AuthMount) lifetime {
	l.byDefault, l.max = m.EffectiveTTLs()
	return l
}

// grant is the TTL from now on, by the rules of Vault's token store. A periodic
// token gets its period, at most the greatest TTL of the mount, without end
// unless it has an explicit maximum. Any other gets what is asked for, but not
// past its creation and the lesser of the mount's and its own maximum. What is
// cut of a request is told by a warning, not an error.
func (l lifetime) grant(now Instant) (time.Duration, []Warning, *Error) {
	var warnings []Warning
	most := cmp.Or(l.max, time.Duration(MaxLeaseTTL))
	if l.explicitMax > 0 {
		most = min(most, l.explicitMax)
	}
	ttl, end := l.asked, l.created.Add(most)
	if ttl == 0 {
		ttl = cmp.Or(l.byDefault, DefaultTTL)
	}
	if l.period > 0 {
		ttl, end = l.period, Never
		if ttl > most {
			warnings = append(warnings, warning(PeriodCapped, ttl, most))
			ttl = most
		}
		if l.explicitMax > 0 {
			end = l.created.Add(l.explicitMax)
		}
	}
	if end == Never {
		return ttl, warnings, nil
	}
	left := wholeSeconds(end.Sub(now))
	if left <= 0 {
		return 0, nil, invalid(PastMaxTTL)
	}
	if ttl > left {
		if l.asked > 0 || l.period > 0 {
			warnings = append(warnings, warning(TTLCapped, ttl, left))
		}
		ttl = left
	}
	return ttl, warnings, nil
}

// within is l bounded by what a role says too, nil for none. It warns where
// both named the same bound.
func (l lifetime) within(role *Role) (lifetime, []Warning) {
	if role == nil {
		return l, nil
	}
	var warnings []Warning
	if l.explicitMax > 0 && role.ExplicitMaxTTL > 0 {
		warnings = append(warnings, warning(LesserExplicitMax, min(l.explicitMax, role.ExplicitMaxTTL)))
	}
	if l.period > 0 && role.Period > 0 {
		warnings = append(warnings, warning(LesserPeriod, min(l.period, role.Period)))
	}
	l.explicitMax = lesser(l.explicitMax, role.ExplicitMaxTTL)
	l.period = lesser(l.period, role.Period)
	return l, warnings
}

// lesser is the smaller of two bounds of which zero is none.
func lesser[T time.Duration | uint32](a, b T) T {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// wholeSeconds cuts d to seconds, the precision of every TTL in Vault's API.
func wholeSeconds(d time.Duration) time.Duration { return d - d%time.Second }

// checkDuration wants a duration of a request to be zero or between a second
// and MaxTTL: anything shorter would be cut to zero, which means no bound.
func checkDuration(field string, d time.Duration) *Error {
	if d < 0 || d > MaxTTL || d > 0 && d < time.Second {
		return invalid(OutOfRange, field, d, "0 or 1s to 10 years")
	}
	return nil
}
