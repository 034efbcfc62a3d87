package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// What deploy/ and the compose file tell a server is what a server can be told: each
// is loaded as the server command would. Those tests of package deploy that need no
// server are there.

// clientEnv is what client commands, health checks among them, take from the
// environment.
var clientEnv = []string{"JETON_ADDR", "JETON_CACERT"}

// loadExample loads what a node of an example has in its environment.
func loadExample(t *testing.T, env map[string]string, args ...string) Options {
	t.Helper()
	known := append(slices.Clone(clientEnv), configEnv)
	for _, s := range settings {
		known = append(known, s.env())
	}
	for name := range env { // order: each is reported
		if strings.HasPrefix(name, "JETON_") && !slices.Contains(known, name) {
			t.Errorf("%s is no setting", name)
		}
	}
	o, err := loadOptions(t, args, env)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// checkExample looks at what every node of three wants.
func checkExample(t *testing.T, o Options, id string) {
	t.Helper()
	if o.NodeID != id || o.BootstrapExpect != 3 || len(o.Join) == 0 || o.SecretFile == "" || o.DataDir == "" {
		t.Errorf("node %q of %d joins %v, data in %q, secret in %q", o.NodeID, o.BootstrapExpect, o.Join, o.DataDir, o.SecretFile)
	}
	for what, addrs := range map[string][]string{
		"8200": {o.HTTPAddr, o.AdvertiseHTTPAddr}, "8201": {o.ClusterAddr, o.AdvertiseClusterAddr},
		"8202": append([]string{o.GossipAddr, o.AdvertiseGossipAddr}, o.Join...),
	} {
		for _, addr := range addrs {
			if addr != "" && !strings.HasSuffix(addr, ":"+what) {
				t.Errorf("%s is not on port %s", addr, what)
			}
		}
	}
	if host, _, _ := strings.Cut(o.AdvertiseHTTPAddr, ":"); !strings.HasPrefix(host, id) {
		t.Errorf("node %s tells clients to go to %s", id, host)
	}
}

func readExample(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestComposeExample(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Hostname    string         `json:"hostname"`
			Environment map[string]any `json:"environment"`
			Secrets     []string       `json:"secrets"`
		} `json:"services"`
	}
	if err := yaml.Unmarshal([]byte(readExample(t, "docker-compose.yml")), &file); err != nil {
		t.Fatal(err)
	}
	fallback := regexp.MustCompile(`\$\{\w+:-([^}]*)\}`)
	for _, id := range []string{"node-1", "node-2", "node-3"} {
		s := file.Services[id]
		env := map[string]string{"JETON_DATA_DIR": "/data/node"} // the image's
		for name, v := range s.Environment {
			env[name] = fallback.ReplaceAllString(fmt.Sprint(v), "$1")
		}
		o := loadExample(t, env)
		checkExample(t, o, id)
		for _, path := range []string{o.SecretFile, o.InitialRootTokenFile} {
			if !slices.Contains(s.Secrets, strings.TrimPrefix(path, "/run/secrets/")) {
				t.Errorf("%s: nothing is mounted at %s", id, path)
			}
		}
		if s.Hostname != id {
			t.Errorf("%s is known to the others as %s", id, s.Hostname)
		}
	}
}

func TestSystemdExample(t *testing.T) {
	o := DefaultOptions()
	if err := applyHCL([]byte(readExample(t, "deploy/systemd/jeton.hcl")), &o); err != nil {
		t.Fatal(err)
	}
	unit := readExample(t, "deploy/systemd/jeton.service")
	env := map[string]string{"JETON_CONFIG": writeFile(t, "jeton.hcl", readExample(t, "deploy/systemd/jeton.hcl"))}
	for _, m := range regexp.MustCompile(`(?m)^Environment=(\w+)=(.*)$`).FindAllStringSubmatch(unit, -1) {
		env[m[1]] = strings.NewReplacer("%d", "/run/credentials/jeton.service", "%S", "/var/lib").Replace(m[2])
	}
	o = loadExample(t, env)
	checkExample(t, o, "node-1")
	if o.SecretFile != "/run/credentials/jeton.service/cluster.secret" || o.DataDir != "/var/lib/jeton/node" {
		t.Errorf("secret in %s, data in %s", o.SecretFile, o.DataDir)
	}
	if !o.DisableLegacyPaths || !o.DisableWaypoint {
		t.Error("an example opens what few need")
	}
	if want := int((handOverTimeout + drainTimeout).Seconds()); !strings.Contains(unit, "TimeoutStopSec=30s") || want >= 30 {
		t.Errorf("a server takes %d s to stop, which is more than it is given", want)
	}
}

func TestKubernetesExample(t *testing.T) {
	var config struct{ Data map[string]string }
	if err := yaml.Unmarshal([]byte(readExample(t, "deploy/kubernetes/configmap.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	var set struct {
		Spec struct {
			ServiceName string
			Replicas    int
			Template    struct {
				Spec struct {
					TerminationGracePeriodSeconds int
					Containers                    []struct {
						Args  []string
						Env   []struct{ Name, Value string }
						Ports []struct {
							Name          string
							ContainerPort int
						}
						VolumeMounts []struct{ MountPath string }
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(readExample(t, "deploy/kubernetes/statefulset.yaml")), &set); err != nil {
		t.Fatal(err)
	}
	pod := set.Spec.Template.Spec
	c := pod.Containers[0]
	for i := range set.Spec.Replicas {
		id := fmt.Sprintf("jeton-%d", i)
		known := map[string]string{"POD_NAMESPACE": "jeton", "POD_IP": "10.0.0.1", "JETON_NODE_ID": id}
		env := maps.Clone(config.Data)
		for _, v := range c.Env {
			if v.Value != "" { // the others come from the pod
				known[v.Name] = os.Expand(strings.NewReplacer("$(", "${", ")", "}").Replace(v.Value), func(name string) string {
					value, ok := known[name]
					if !ok {
						t.Errorf("%s names %s, which is not above it", v.Name, name)
					}
					return value
				})
			}
			env[v.Name] = known[v.Name]
		}
		o := loadExample(t, env, c.Args[1:]...)
		checkExample(t, o, id)
		if want := id + "." + set.Spec.ServiceName + ".jeton.svc:8200"; o.AdvertiseHTTPAddr != want {
			t.Errorf("%s tells clients to go to %s, want %s", id, o.AdvertiseHTTPAddr, want)
		}
		if o.Join[0] != set.Spec.ServiceName+":8202" {
			t.Errorf("joins %v, want the pods of %s", o.Join, set.Spec.ServiceName)
		}
		for _, path := range []string{o.SecretFile, o.TLSCertFile, o.TLSKeyFile, o.DataDir} {
			mounted := false
			for _, m := range c.VolumeMounts {
				mounted = mounted || strings.HasPrefix(path, m.MountPath+"/")
			}
			if !mounted {
				t.Errorf("nothing is mounted where %q is", path)
			}
		}
	}
	ports := map[string]int{"https": 8200, "cluster": 8201, "gossip": 8202, "gossip-udp": 8202}
	for _, p := range c.Ports {
		if ports[p.Name] != p.ContainerPort {
			t.Errorf("port %s is %d, and the server's is %d", p.Name, p.ContainerPort, ports[p.Name])
		}
		delete(ports, p.Name)
	}
	if len(ports) > 0 {
		t.Errorf("ports that the container does not have: %v", ports)
	}
	if stop := int((handOverTimeout + drainTimeout).Seconds()); pod.TerminationGracePeriodSeconds < stop+10 {
		t.Errorf("a server takes %d s to stop, and the pod is given %d", stop, pod.TerminationGracePeriodSeconds)
	}
}
