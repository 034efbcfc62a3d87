package procs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
)

// namespaces gives every node a network namespace, and joins them and this process
// by a bridge:
//
//	10.a.b.1 clients, here   10.a.b.11 node 1   10.a.b.12 node 2   ...
//
// The bridge has a namespace of its own, out of reach of the machine's packet
// filter (Docker's drops what bridges forward).
//
// A link is cut by teaching both ends a hardware address for each other that
// nobody has: packets vanish without a trace, as in a real partition, nothing is
// refused, and clients still reach both.
type namespaces struct {
	name   string // prefix of everything that is made
	subnet string // first three bytes
	nodes  int
}

// nobody is a locally administered hardware address that no interface has.
const nobody = "02:00:00:00:00:01"

// CanPartition says why there can be no namespaces here; nil if there can.
func CanPartition() error {
	if os.Geteuid() != 0 {
		return errors.New("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return err
	}
	probe := fmt.Sprintf("jc%dp", os.Getpid())
	if err := ip("netns", "add", probe); err != nil {
		return err
	}
	return ip("netns", "del", probe)
}

// CanLose says why packets cannot be lost by chance here, where there are namespaces.
func CanLose() error {
	n := &namespaces{name: fmt.Sprintf("jc%dl", os.Getpid()), subnet: "10.200.0"}
	if err := ip("netns", "add", n.space(0)); err != nil {
		return err
	}
	return errors.Join(n.lose(0, 0.5), ip("netns", "del", n.space(0)))
}

func newNamespaces() (*namespaces, error) {
	sweepNamespaces()
	n := &namespaces{
		name:   fmt.Sprintf("jc%d%c", os.Getpid(), 'a'+rand.IntN(26)),
		subnet: fmt.Sprintf("10.%d.%d", 201+rand.IntN(50), rand.IntN(256)),
	}
	if err := runAll(
		[]string{"netns", "add", n.hub()},
		[]string{"-n", n.hub(), "link", "add", "bridge", "type", "bridge"},
		[]string{"-n", n.hub(), "link", "set", "bridge", "up"},
		[]string{"link", "add", n.name, "type", "veth", "peer", "name", "clients", "netns", n.hub()},
		[]string{"-n", n.hub(), "link", "set", "clients", "master", "bridge", "up"},
		[]string{"addr", "add", n.subnet + ".1/24", "dev", n.name},
		[]string{"link", "set", n.name, "up"},
	); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

// sweepNamespaces removes what a process left that was killed.
func sweepNamespaces() {
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil {
		return
	}
	for line := range strings.Lines(string(out)) {
		var pid, node int
		var letter rune
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, _ := fmt.Sscanf(name, "jc%d%c%d", &pid, &letter, &node); n != 3 {
			continue
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); errors.Is(err, os.ErrNotExist) {
			ip("netns", "del", name)
		}
	}
}

func (n *namespaces) hub() string        { return n.name + "0" }
func (n *namespaces) space(i int) string { return fmt.Sprintf("%s%d", n.name, i+1) }
func (n *namespaces) addr(i int) string  { return fmt.Sprintf("%s.%d", n.subnet, 11+i) }

func (n *namespaces) place(i int) (addresses, error) {
	space := n.space(i)
	n.nodes = max(n.nodes, i+1)
	err := runAll(
		[]string{"netns", "add", space},
		[]string{"-n", n.hub(), "link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space},
		[]string{"-n", n.hub(), "link", "set", space, "master", "bridge", "up"},
		[]string{"-n", space, "addr", "add", n.addr(i) + "/24", "dev", "eth0"},
		[]string{"-n", space, "link", "set", "eth0", "up"},
		[]string{"-n", space, "link", "set", "lo", "up"},
	)
	at := func(port string) string { return net.JoinHostPort(n.addr(i), port) }
	return addresses{at("8200"), at("8201"), at("8202"), at("9701")}, err
}

// command keeps the process id: ip replaces itself by the program.
func (n *namespaces) command(i int, program string) []string {
	return []string{"ip", "netns", "exec", n.space(i), program}
}

// cut loses all packets from one node to another.
func (n *namespaces) cut(from, to int) error {
	return ip("-n", n.space(from), "neigh", "replace", n.addr(to), "lladdr", nobody, "dev", "eth0", "nud", "permanent")
}

// mend undoes cut.
func (n *namespaces) mend(from, to int) error {
	return ip("-n", n.space(from), "neigh", "del", n.addr(to), "dev", "eth0")
}

// lose has a share of the packets that come in from other nodes vanish.
func (n *namespaces) lose(to int, share float64) error { return n.filter("-A", to, share) }

// loseNone undoes lose.
func (n *namespaces) loseNone(to int, share float64) error { return n.filter("-D", to, share) }

func (n *namespaces) filter(do string, to int, share float64) error {
	out, err := exec.Command("ip", "netns", "exec", n.space(to), "iptables", "-w", do, "INPUT", "-i", "eth0", "!", "-s", n.subnet+".1",
		"-m", "statistic", "--mode", "random", "--probability", fmt.Sprintf("%.2f", share), "-j", "DROP").CombinedOutput()
	if err != nil {
		return fmt.Errorf("iptables: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func (n *namespaces) close() error {
	var errs []error
	for i := range n.nodes {
		errs = append(errs, ip("netns", "del", n.space(i)))
	}
	return errors.Join(append(errs, ip("netns", "del", n.hub()))...) // and with it its links
}

func runAll(commands ...[]string) error {
	for _, c := range commands {
		if err := ip(c...); err != nil {
			return err
		}
	}
	return nil
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
