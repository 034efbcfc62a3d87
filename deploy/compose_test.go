package deploy_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

type composeFile struct {
	Services map[string]service
	Secrets  map[string]any
	Volumes  map[string]any
}

type service struct {
	Image       string
	Profiles    []string
	Restart     string
	Environment map[string]any
	Ports       []string
	Volumes     []string
	Secrets     []string
	Command     []string
	CapDrop     []string `json:"cap_drop"`
	SecurityOpt []string `json:"security_opt"`
	ReadOnly    bool     `json:"read_only"`
	CPUs        any      `json:"cpus"`
	MemLimit    any      `json:"mem_limit"`
	StopGrace   string   `json:"stop_grace_period"`
	Healthcheck struct {
		Test     []string
		Interval string
		Timeout  string
	}
	Logging struct{ Options map[string]string }
}

func readCompose(t *testing.T) (c composeFile) {
	t.Helper()
	text, err := readFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(text), &c); err != nil { // not strict: anchors stand beside the services
		t.Fatal(err)
	}
	return c
}

var nodes = []string{"node-1", "node-2", "node-3"}

func TestComposeServices(t *testing.T) {
	c := readCompose(t)
	for name, s := range c.Services { // order: each is reported
		node := slices.Contains(nodes, name)
		for what, ok := range map[string]bool{
			"a health check":                 s.Healthcheck.Test != nil && s.Healthcheck.Interval != "" && s.Healthcheck.Timeout != "",
			"a limit of memory":              s.MemLimit != nil,
			"a limit of processors":          s.CPUs != nil,
			"to be started again":            s.Restart == "unless-stopped",
			"a file system to read only":     s.ReadOnly,
			"no capability":                  slices.Equal(s.CapDrop, []string{"ALL"}),
			"no new privileges":              slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}),
			"logs that end":                  s.Logging.Options["max-size"] != "" && s.Logging.Options["max-file"] != "",
			"time to stop":                   !node || s.StopGrace == "30s",
			"a disk of its own":              !node || slices.Equal(s.Volumes, []string{strings.Replace(name, "node", "data", 1) + ":/data"}),
			"the profile monitoring":         node || slices.Equal(s.Profiles, []string{"monitoring"}),
			"no profile":                     !node || s.Profiles == nil,
			"an image with a pinned version": regexp.MustCompile(`:v?[0-9]+\.[0-9]+\.[0-9]+$|jeton:dev\}$`).MatchString(s.Image),
		} {
			if !ok {
				t.Errorf("%s has to have %s", name, what)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s is open to everybody: %s", name, p)
			}
		}
		for _, secret := range s.Secrets {
			if _, ok := c.Secrets[secret]; !ok {
				t.Errorf("%s wants the secret %s, which is not declared", name, secret)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[from]; !ok && !strings.HasPrefix(from, "./deploy/") {
				t.Errorf("%s wants the volume %s, which is not declared", name, from)
			}
		}
	}
	for _, name := range append(slices.Clone(nodes), "prometheus", "grafana") {
		if c.Services[name].Image == "" {
			t.Errorf("there is no service %s", name)
		}
	}
}

// Both generations of compose have to read the file; the one that is here does.
func TestComposeConfig(t *testing.T) {
	t.Parallel()
	command := []string{"docker", "compose"}
	if exec.Command("docker", "compose", "version").Run() != nil {
		command = []string{program(t, "docker-compose", "docker-compose")}
	}
	for profile, want := range map[string][]string{
		"":           nil, // docker-compose lists what is off, too
		"monitoring": {"grafana", "node-1", "node-2", "node-3", "prometheus"},
	} {
		cmd := exec.Command(command[0], append(command[1:], "config", "--services")...)
		cmd.Dir = ".."
		cmd.Env = append(cmd.Environ(), "COMPOSE_PROFILES="+profile)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s config: %v\n%s", strings.Join(command, " "), err, out)
		}
		got := strings.Fields(string(out))
		slices.Sort(got)
		if want != nil && !slices.Equal(got, want) {
			t.Errorf("profile %q starts %v, want %v", profile, got, want)
		}
	}
}
