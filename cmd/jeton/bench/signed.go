package bench

import (
	"encoding/json"
	"fmt"
	"time"
)

const (
	pathBootstrap = "/v1/token/bootstrap"
	pathUsers     = "/v1/jeton/users"
	pathLogin     = "/v1/token/login"
)

// prepareSigned makes a user of the run's own and takes a Waypoint token of it, one for
// all workers.
func prepareSigned(w *worker) error {
	token, err := w.hot.get(func() (string, error) {
		// There is a signing key then, be it that somebody has made one before.
		if _, err := w.conn.exchange(w.render("POST", pathBootstrap, "", "{}"), time.Now()); err != nil {
			return "", fmt.Errorf("bootstrap on %s: %w", w.conn.target.addr, err)
		}
		name := fmt.Sprintf("bench-%d", time.Now().UnixNano())
		if _, err := w.ask(pathUsers, fmt.Sprintf(`{"username":%q}`, name)); err != nil {
			return "", err
		}
		body, err := w.ask(pathLogin, fmt.Sprintf(`{"duration":"%ds","user":{"username":{"username":%q}}}`, ttlSeconds(w.config), name))
		if err != nil {
			return "", err
		}
		var made struct{ Token string }
		if err := json.Unmarshal(body, &made); err != nil || made.Token == "" {
			return "", fmt.Errorf("prepare a Waypoint token on %s: the answer holds none", w.conn.target.addr)
		}
		return made.Token, nil
	})
	if err != nil {
		return err
	}
	w.lookupRequest = w.render("GET", pathLookupSelf, token, "")
	return nil
}

// ask sends what has to be done before the clock runs.
func (w *worker) ask(path, body string) ([]byte, error) {
	resp, err := w.conn.exchange(w.render("POST", path, w.parent, body), time.Now())
	if err != nil {
		return nil, fmt.Errorf("prepare %s on %s: %w", path, w.conn.target.addr, err)
	}
	if resp.status != 200 {
		return nil, fmt.Errorf("prepare %s on %s: status %d: %.200s", path, w.conn.target.addr, resp.status, resp.body)
	}
	return resp.body, nil
}
