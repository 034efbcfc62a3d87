package fsm

import "strings"

// The secrets engines. What they do is for the nodes; the machine keeps their
// items and leases, and does not look into either.
const (
	MountWebhook  = "webhook"
	MountDatabase = "database"
)

func isSecretEngine(name string) bool { return name == MountWebhook || name == MountDatabase }

// reservedPaths are first segments that no secrets engine can take: what the API
// has there, or will.
var reservedPaths = []string{
	"auth", "sys", "cubbyhole", "identity", "audit", "jeton", "token", "user", "users", "runner", "runners",
}

// checkSecretPath wants a path at which a secrets engine can be mounted.
func checkSecretPath(path string) *Error {
	first, _, _ := strings.Cut(path, "/")
	for _, reserved := range reservedPaths {
		if first == reserved {
			return invalid(MountReserved, path+"/")
		}
	}
	return checkMountPath(path)
}

// checkSecretSettings refuses what only login methods have.
func checkSecretSettings(m *MountConfig) *Error {
	if m.TokenType != TypeUnset || m.Lockout != (LockoutConfig{}) {
		return invalid(SecretMountSetting)
	}
	return nil
}

// SecretMount finds the secrets engine that is mounted at a path.
func (s *State) SecretMount(path string) (*Mount, bool) {
	m, ok := s.mountAt(path)
	if !ok || m.Class != ClassSecret {
		return nil, false
	}
	return m, true
}

// SecretMountOf finds the secrets engine that a path of the API lies below, and
// what stands after the mount's path.
func (s *State) SecretMountOf(path string) (m *Mount, rest string, ok bool) {
	m, rest, ok = s.mountOf(path)
	if !ok || m.Class != ClassSecret {
		return nil, "", false
	}
	return m, rest, true
}

// SecretMounts lists the secrets engines in order of their paths.
func (s *State) SecretMounts() (list []*Mount) {
	s.mountPaths.scan(func(it mountItem) bool {
		if m, _ := s.mounts.find(it.serial); m.Class == ClassSecret {
			list = append(list, m)
		}
		return true
	})
	return list
}

// MountBySerial finds a mount, disabled ones included while they wait for their
// leases to be revoked.
func (s *State) MountBySerial(serial uint64) (*Mount, bool) { return s.mounts.find(serial) }

// secretAt is SecretMount for commands.
func (s *State) secretAt(path string) (*Mount, *Error) {
	m, ok := s.SecretMount(path)
	if !ok {
		return nil, verdict(NotFound, NoSecretMount, path+"/")
	}
	return m, nil
}
