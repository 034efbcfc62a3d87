// Package procs runs a cluster of real `jeton server` processes: their own disks,
// sockets and logs, stopped by real signals.
//
// On loopback, processes can be killed (SIGKILL), paused (SIGSTOP), stopped
// (SIGTERM) and started again on the same data. With network namespaces, which
// need root and the ip command, each node also has its own address, and the links
// between nodes can be cut while clients still reach every one of them.
//
// A process that ends without having been told to is never overlooked: see
// (*Cluster).Faults. Processes and namespaces do not outlive the one that started
// them.
package procs
