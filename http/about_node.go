package http

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// What clients and support people ask about the node itself. None of it is a
// secret: no arguments, no environment, no files but those of the kernel.

func (s *Server) nodeRoutes() {
	s.handle(route{path: "sys/host-info", folder: true, read: hostInfo, about: about{
		read: "Shows the machine that this node runs on.",
	}})
	s.handle(route{path: "sys/version-history", folder: true, list: versionHistory, about: about{
		list: "Lists the version of this node, which keeps no history.",
	}})
	s.handle(route{path: "sys/config/state/sanitized", folder: true, read: sanitizedConfig, about: about{
		read: "Shows how this node is set up, without secrets.",
	}})
	s.handle(route{path: "sys/plugins/catalog", folder: true, read: catalog, list: catalog, about: about{
		read: "Lists what can be mounted; all of it is built in.", list: "Lists what can be mounted; all of it is built in.",
	}})
	s.handle(route{path: "sys/plugins/catalog/{type}", folder: true, list: catalogOf, about: about{
		list: "Lists what can be mounted of a type.",
	}})
}

func hostInfo(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	hostname, err := os.Hostname()
	if err != nil {
		c.warn("the name of the host is not known")
	}
	memory := kernelNumbers("/proc/meminfo", 1024)
	if memory == nil {
		c.warn("memory is not known on this system")
	}
	return answer{data: object{
		"timestamp": time.Now().UTC(),
		"host": object{
			"hostname": hostname, "os": runtime.GOOS, "kernelArch": runtime.GOARCH, "uptime": uptime(),
			"procs": runtime.NumGoroutine(), "go": runtime.Version(),
		},
		"cpu": object{"cores": runtime.NumCPU(), "used": runtime.GOMAXPROCS(0)},
		"memory": object{
			"total": memory["MemTotal"], "available": memory["MemAvailable"], "free": memory["MemFree"],
			"buffers": memory["Buffers"], "cached": memory["Cached"],
			"swapTotal": memory["SwapTotal"], "swapFree": memory["SwapFree"],
		},
	}}, nil
}

// kernelNumbers reads lines such as "MemTotal: 1024 kB"; nil where there are
// none.
func kernelNumbers(path string, unit uint64) map[string]uint64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	numbers := make(map[string]uint64)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		if n, err := strconv.ParseUint(fields[0], 10, 64); err == nil {
			numbers[name] = n * unit
		}
	}
	return numbers
}

// uptime is that of the machine in seconds, 0 where it is not known.
func uptime() uint64 {
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	seconds, _, _ := strings.Cut(string(text), ".")
	n, _ := strconv.ParseUint(seconds, 10, 64)
	return n
}

func versionHistory(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	return answer{data: object{
		"keys":     []string{c.s.version},
		"key_info": object{c.s.version: object{"previous_version": nil, "timestamp_installed": "", "build_date": ""}},
	}}, nil
}

// sanitizedConfig has the fields of Vault's that mean something here.
func sanitizedConfig(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	st := c.s.cluster.Status()
	own := object{}
	for _, m := range st.Members {
		if m.Self {
			own = object{"api_addr": c.s.apiURL(m.HTTPAddr), "cluster_addr": clusterURL(m.ClusterAddr), "node_id": m.NodeID}
		}
	}
	l := &c.s.limits
	own["cluster_name"] = st.ClusterName
	own["default_lease_ttl"] = int64(fsm.DefaultTTL / time.Second)
	own["max_lease_ttl"] = int64(fsm.MaxLeaseTTL / time.Second)
	own["disable_legacy_paths"] = !c.s.legacy
	own["storage"] = object{"type": "raft", "cluster_addr": own["cluster_addr"]}
	own["seals"] = []object{{"type": "jeton", "disabled": false}}
	own["listeners"] = []object{{"type": "tcp", "config": object{
		"tls_disable":              c.s.cert == nil,
		"max_request_size":         l.BodyBytes,
		"max_request_duration":     int64(l.RequestTimeout / time.Second),
		"http_read_header_timeout": int64(l.HeaderTimeout / time.Second),
		"http_idle_timeout":        int64(l.IdleTimeout / time.Second),
	}}}
	return answer{data: own}, nil
}

// catalogTypes are Vault's types of plugins, with what of each is built in.
func (s *Server) catalogTypes() map[string][]string {
	methods := []string{fsm.MountToken}
	for method := range s.methods { // order: sorted below
		methods = append(methods, method)
	}
	slices.Sort(methods)
	engines := []string{"cubbyhole"}
	for engine := range s.secrets { // order: sorted below
		engines = append(engines, engine)
	}
	slices.Sort(engines)
	return map[string][]string{"auth": methods, "database": {databasePlugin}, "secret": engines}
}

func catalog(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	data, detailed := object{}, []object{}
	types := c.s.catalogTypes()
	for _, kind := range []string{"auth", "database", "secret"} {
		data[kind] = types[kind]
		for _, name := range types[kind] {
			detailed = append(detailed, object{"type": kind, "name": name, "builtin": true, "version": c.s.version, "deprecation_status": "supported"})
		}
	}
	data["detailed"] = detailed
	return answer{data: data}, nil
}

func catalogOf(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	list, ok := c.s.catalogTypes()[c.variable("type")]
	if !ok {
		return answer{}, refuse(http.StatusBadRequest, "type is %s, expected auth, database or secret", quote(c.variable("type")))
	}
	return names(list)
}
