//go:build containers

package deploy_test

import (
	"errors"
	"net/url"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// manifests is all that deploy/kubernetes makes.
type manifests struct {
	namespace core.Namespace
	account   core.ServiceAccount
	config    core.ConfigMap
	services  map[string]core.Service
	set       apps.StatefulSet
	budget    policy.PodDisruptionBudget
	network   networking.NetworkPolicy
}

// readManifests decodes the documents of a text as strictly as Kubernetes does when
// it is asked to validate: a key that its types do not know is an error.
func readManifests(t *testing.T, text string) *manifests {
	t.Helper()
	m := &manifests{services: map[string]core.Service{}}
	var service core.Service
	kinds := map[string]any{
		"v1 Namespace": &m.namespace, "v1 ServiceAccount": &m.account, "v1 ConfigMap": &m.config, "v1 Service": &service,
		"apps/v1 StatefulSet": &m.set, "policy/v1 PodDisruptionBudget": &m.budget, "networking.k8s.io/v1 NetworkPolicy": &m.network,
	}
	for doc := range strings.SplitSeq("\n"+text, "\n---\n") {
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(doc), &head); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		into, ok := kinds[head.APIVersion+" "+head.Kind]
		if !ok {
			t.Fatalf("nothing is known of %s %s", head.APIVersion, head.Kind)
		}
		service = core.Service{}
		text, err := yaml.YAMLToJSONStrict([]byte(doc))
		if err != nil {
			t.Fatalf("%s: %v", head.Kind, err)
		}
		// unlike the standard library's, it minds the case of keys
		wrong, err := json.UnmarshalStrict(text, into)
		if err = errors.Join(append(wrong, err)...); err != nil {
			t.Fatalf("%s: %v", head.Kind, err)
		}
		if head.Kind == "Service" {
			m.services[service.Name] = service
		}
	}
	return m
}

// fromFiles is what the files say, one after the other.
func fromFiles(t *testing.T) *manifests {
	t.Helper()
	var k struct {
		APIVersion, Kind, Namespace string
		Labels                      []struct{ Pairs map[string]string }
		Resources                   []string
		Images                      []struct{ Name, NewName, NewTag string }
	}
	readYAML(t, "kubernetes/kustomization.yaml", &k)
	var all []string
	for _, name := range k.Resources {
		text, err := readFile("kubernetes/" + name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return readManifests(t, strings.Join(all, "\n---\n"))
}

func TestContainersOnKubernetesSelectors(t *testing.T) {
	m := fromFiles(t)
	labels := m.set.Spec.Template.Labels
	term := m.set.Spec.Template.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[0]
	for name, selector := range map[string]map[string]string{
		"StatefulSet":         m.set.Spec.Selector.MatchLabels,
		"Service jeton":       m.services["jeton"].Spec.Selector,
		"Service jeton-nodes": m.services["jeton-nodes"].Spec.Selector,
		"PodDisruptionBudget": m.budget.Spec.Selector.MatchLabels,
		"NetworkPolicy":       m.network.Spec.PodSelector.MatchLabels,
		"its peers":           m.network.Spec.Ingress[1].From[0].PodSelector.MatchLabels,
		"anti-affinity":       term.LabelSelector.MatchLabels,
		"spread":              m.set.Spec.Template.Spec.TopologySpreadConstraints[0].LabelSelector.MatchLabels,
	} {
		if len(labels) == 0 || !reflect.DeepEqual(selector, labels) {
			t.Errorf("%s selects %v, and pods have %v", name, selector, labels)
		}
	}
	if term.TopologyKey != "kubernetes.io/hostname" {
		t.Errorf("two nodes may run on one machine: %s", term.TopologyKey)
	}
}

func TestContainersOnKubernetesCluster(t *testing.T) {
	m := fromFiles(t)
	spec, pod := m.set.Spec, m.set.Spec.Template.Spec
	c := pod.Containers[0]
	for what, ok := range map[string]bool{
		"three nodes, started together":      *spec.Replicas == 3 && spec.PodManagementPolicy == apps.ParallelPodManagement,
		"names by the headless service":      m.services[spec.ServiceName].Spec.ClusterIP == "None",
		"names before a pod is ready":        m.services[spec.ServiceName].Spec.PublishNotReadyAddresses,
		"clients only at ready pods":         !m.services["jeton"].Spec.PublishNotReadyAddresses && m.services["jeton"].Spec.ClusterIP == "",
		"disks that outlive the set":         spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted == apps.RetainPersistentVolumeClaimRetentionPolicyType,
		"one disk a node":                    len(spec.VolumeClaimTemplates) == 1 && spec.VolumeClaimTemplates[0].Name == c.VolumeMounts[0].Name && c.VolumeMounts[0].MountPath == "/data",
		"at most one node away":              m.budget.Spec.MaxUnavailable.IntValue() == 1 && m.budget.Spec.MinAvailable == nil,
		"an account without a token":         pod.ServiceAccountName == m.account.Name && !*pod.AutomountServiceAccountToken && !*m.account.AutomountServiceAccountToken,
		"no variables of services":           !*pod.EnableServiceLinks, // JETON_PORT and such
		"settings from the ConfigMap":        c.EnvFrom[0].ConfigMapRef.Name == m.config.Name,
		"no root":                            *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser == 65532,
		"a group that reads secrets":         *pod.SecurityContext.FSGroup == 65532,
		"the usual seccomp profile":          pod.SecurityContext.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
		"a file system to read only":         *c.SecurityContext.ReadOnlyRootFilesystem,
		"no escalation":                      !*c.SecurityContext.AllowPrivilegeEscalation,
		"no capabilities":                    slices.Equal(c.SecurityContext.Capabilities.Drop, []core.Capability{"ALL"}),
		"a limit of memory":                  !c.Resources.Limits.Memory().IsZero(),
		"no throttled heartbeats":            c.Resources.Limits.Cpu().IsZero() && !c.Resources.Requests.Cpu().IsZero(),
		"time for the service to look away":  c.Lifecycle.PreStop.Sleep.Seconds > 0,
		"a policy for what the network does": len(m.network.Spec.Ingress) == 2 && slices.Equal(m.network.Spec.PolicyTypes, []networking.PolicyType{"Ingress"}),
		"pods held to the strictest profile": m.namespace.Labels["pod-security.kubernetes.io/enforce"] == "restricted",
	} {
		if !ok {
			t.Errorf("the manifests lack: %s", what)
		}
	}
	for _, v := range pod.Volumes {
		if v.Secret == nil || *v.Secret.DefaultMode&0o007 != 0 {
			t.Errorf("volume %s is no secret, or anybody may read it", v.Name)
		}
	}
}

// Ports have names, and each name leads to a port of the container.
func TestContainersOnKubernetesPorts(t *testing.T) {
	m := fromFiles(t)
	ports := map[string]core.ContainerPort{}
	for _, p := range m.set.Spec.Template.Spec.Containers[0].Ports {
		ports[p.Name] = p
	}
	for _, s := range m.services {
		for _, p := range s.Spec.Ports {
			if c := ports[p.TargetPort.StrVal]; c.ContainerPort != p.Port || c.Protocol != p.Protocol {
				t.Errorf("service %s: %s leads to %q, which is %d/%s", s.Name, p.Name, p.TargetPort.StrVal, c.ContainerPort, c.Protocol)
			}
		}
	}
	open := map[string]bool{} // to everybody
	for _, rule := range m.network.Spec.Ingress {
		for _, p := range rule.Ports {
			if c, ok := ports[p.Port.StrVal]; !ok || c.Protocol != *p.Protocol {
				t.Errorf("the policy lets %s/%s in, which is no port", p.Port.StrVal, *p.Protocol)
			}
			open[p.Port.StrVal] = len(rule.From) == 0
		}
	}
	if want := map[string]bool{"https": true, "cluster": false, "gossip": false, "gossip-udp": false}; !reflect.DeepEqual(open, want) {
		t.Errorf("open to everybody: %v, want %v", open, want)
	}
}

// Without a quorum a node is not ready, and is not killed for it either.
func TestContainersOnKubernetesProbes(t *testing.T) {
	m := fromFiles(t)
	c := m.set.Spec.Template.Spec.Containers[0]
	handler, err := readFile("../http/health.go")
	if err != nil {
		t.Fatal(err)
	}
	_, asks, _ := strings.Cut(handler, `healthAsks = "`)
	asks, _, _ = strings.Cut(asks, `"`)
	for name, want := range map[string]struct {
		probe *core.Probe
		codes string // of what is not 200 by itself
	}{
		"startup":   {c.StartupProbe, "haunhealthycode=200&sealedcode=200&standbyok=true&uninitcode=200"},
		"liveness":  {c.LivenessProbe, "haunhealthycode=200&sealedcode=200&standbyok=true&uninitcode=200"},
		"readiness": {c.ReadinessProbe, "standbyok=true"},
	} {
		get := want.probe.HTTPGet
		u, err := url.Parse(get.Path)
		if err != nil {
			t.Fatal(err)
		}
		if u.Path != "/v1/sys/health" || u.Query().Encode() != want.codes || get.Port.StrVal != "https" || get.Scheme != core.URISchemeHTTPS {
			t.Errorf("%s asks %s %s at %s", name, get.Scheme, get.Path, get.Port.StrVal)
		}
		for parameter := range u.Query() { // order: each is reported
			if !slices.Contains(strings.Fields(asks), parameter) {
				t.Errorf("%s: sys/health does not take %s", name, parameter)
			}
		}
	}
	if p := c.StartupProbe; p.PeriodSeconds*p.FailureThreshold < 600 {
		t.Errorf("a node that reads a large state is killed after %d s", p.PeriodSeconds*p.FailureThreshold)
	}
}

// kubectl renders without a cluster; what it makes is read as strictly.
func TestContainersOnKustomize(t *testing.T) {
	out, err := exec.Command(program(t, "kubectl", "none; kubernetes.io has it"), "kustomize", "kubernetes").CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl kustomize: %v\n%s", err, out)
	}
	m := readManifests(t, strings.TrimSpace(string(out)))
	if m.set.Namespace != "jeton" || m.services["jeton"].Namespace != "jeton" || m.set.Spec.Template.Spec.Containers[0].Image != "jeton:dev" {
		t.Errorf("rendered %s/%s with image %s", m.set.Namespace, m.set.Name, m.set.Spec.Template.Spec.Containers[0].Image)
	}
	if !reflect.DeepEqual(m.set.Spec.Selector.MatchLabels, m.services["jeton"].Spec.Selector) {
		t.Error("what kustomize adds has reached a selector")
	}
}
