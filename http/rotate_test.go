package http_test

import "testing"

func TestRotate(t *testing.T) {
	s := newStand(t)
	s.policy("reader", `path "sys/key-status" { capabilities = ["read"] } path "sys/rotate" { capabilities = ["update"] }`)
	reader, _ := s.token(object{"policies": []string{"reader"}})
	term := func() any {
		status := s.must(200, "GET", "sys/key-status", reader, nil).data()
		if status["install_time"] == "" {
			t.Errorf("no time in %v", status)
		}
		return status["term"]
	}
	if got := term(); got != 1.0 {
		t.Errorf("a new cluster is at term %v", got)
	}
	s.must(204, "PUT", "sys/rotate", root, nil)
	if got := term(); got != 2.0 {
		t.Errorf("rotated once, it is at term %v", got)
	}
	s.must(403, "PUT", "sys/rotate", reader, nil) // not without sudo
	if got := term(); got != 2.0 {
		t.Errorf("refused, it is at term %v", got)
	}
}
