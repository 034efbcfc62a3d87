package fsm

import "strings"

// A quota bounds something under a path of the API: a mount, or a path below
// one, by whole segments; the empty path is the whole API. Where several stand
// over a path the most specific one alone counts. Rate quotas are kept here and
// enforced by each node for itself; lease quotas are decided by the machine.

// QuotaKind says what a quota bounds. Numbers are never reused.
type QuotaKind uint8

// The kinds of quotas.
const (
	RateLimit  QuotaKind = 1
	LeaseCount QuotaKind = 2
)

// String is the kind as the API spells it.
func (k QuotaKind) String() string {
	if k == LeaseCount {
		return "lease-count"
	}
	return "rate-limit"
}

// quotaItem is where a quota stands. No two of a kind stand at one path.
type quotaItem struct {
	kind QuotaKind
	path string
	name string
}

func (q quotaItem) less(o quotaItem) bool {
	return q.kind < o.kind || q.kind == o.kind && q.path < o.path
}

// checkQuota wants a quota's name and path in their forms.
func checkQuota(name, path string, inheritable bool) *Error {
	if err := checkQuotaName(name); err != nil {
		return err
	}
	switch {
	case len(path) > MaxPathBytes:
		return invalid(OutOfRange, "path length", len(path), "at most 512 bytes")
	case strings.HasSuffix(path, "*"):
		return invalid(QuotaPathBad, "ends in *: a quota is for everything below its path without one")
	case strings.Contains("/"+path+"/", "//") && path != "":
		return invalid(QuotaPathBad, "holds an empty segment, or a slash at an end")
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
		return invalid(QuotaPathBad, "holds a control character")
	case inheritable && path != "":
		return invalid(QuotaNotInherited)
	}
	return nil
}

func checkQuotaName(name string) *Error {
	if len(name) > MaxQuotaNameBytes || !isWord(name) || !isWordByte(name[0]) || !isWordByte(name[len(name)-1]) {
		return invalid(QuotaNameBad)
	}
	return nil
}

// quotaOver is the quota of a kind that counts for a path.
func (s *State) quotaOver(kind QuotaKind, path string) (name string, ok bool) {
	for {
		path = strings.TrimSuffix(path, "/")
		if it, ok := s.quotaPaths.get(quotaItem{kind: kind, path: path}); ok {
			return it.name, true
		}
		if path == "" {
			return "", false
		}
		path = path[:strings.LastIndexByte(path, '/')+1]
	}
}

// placeQuota moves a quota of a kind to a path, or makes it there.
func (tx *Tx) placeQuota(at quotaItem, old *quotaItem, quotas int) *Error {
	if other, taken := tx.st.quotaPaths.get(at); taken && other.name != at.name {
		return invalid(QuotaPathUsed, other.name)
	}
	if !tx.st.hasMount(at.path) {
		return invalid(QuotaNoMount, at.path)
	}
	switch {
	case old != nil:
		del(tx, &tx.st.quotaPaths, *old)
	case quotas >= MaxQuotas:
		return verdict(Limit, TooManyQuotas, MaxQuotas, at.kind)
	}
	put(tx, &tx.st.quotaPaths, at)
	return nil
}

// enterQuota is enter for the place of a quota: no two of a kind have one.
func (tx *Tx) enterQuota(at quotaItem) bool {
	_, twice := put(tx, &tx.st.quotaPaths, at)
	return !twice
}

// hasMount says whether something answers at a path or above it.
func (s *State) hasMount(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	switch first {
	case "", "sys", "cubbyhole":
		return true
	}
	_, _, auth := s.AuthMountOf(path + "/")
	_, _, secret := s.SecretMountOf(path + "/")
	return auth || secret
}

// IsMount says whether a path is that of a mount itself: such a quota is shown
// with a slash at its end, as Vault shows it.
func (s *State) IsMount(path string) bool {
	_, rest, auth := s.AuthMountOf(path + "/")
	_, secret := s.SecretMount(path)
	return path == "sys" || path == "cubbyhole" || auth && rest == "" || secret
}

// dropQuotas deletes the quotas of a mount that goes, as Vault does: what comes
// to its path later has nothing to do with them.
func (tx *Tx) dropQuotas(mount string) {
	for _, kind := range [...]QuotaKind{RateLimit, LeaseCount} {
		for _, from := range [...]string{mount, mount + "/"} {
			for {
				it, ok := tx.st.quotaPaths.from(quotaItem{kind: kind, path: from})
				if !ok || it.kind != kind || it.path != mount && !strings.HasPrefix(it.path, mount+"/") {
					break
				}
				tx.dropQuota(it)
			}
		}
	}
}

func (tx *Tx) dropQuota(it quotaItem) {
	del(tx, &tx.st.quotaPaths, it)
	if it.kind == RateLimit {
		delRecord(tx, &tx.st.rateQuotas, it.name)
	} else {
		delRecord(tx, &tx.st.leaseQuotas, it.name)
	}
}
