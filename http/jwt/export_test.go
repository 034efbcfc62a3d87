package jwt

import "time"

// SetClock has a verifier tell the age of keys by another watch.
func (v *Verifier) SetClock(now func() time.Time) { v.now = now }

// Waiting is how many logins wait for keys.
func (v *Verifier) Waiting() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.waiting
}

// Flying says whether a fetch is under way.
func (v *Verifier) Flying() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.sources {
		if s.flight != nil {
			return true
		}
	}
	return false
}

// ParseSet is parseSet, as the number of keys.
func ParseSet(data []byte) (int, error) {
	keys, err := parseSet(data)
	return len(keys), err
}

// DecodeObject is decodeObject.
var DecodeObject = decodeObject
