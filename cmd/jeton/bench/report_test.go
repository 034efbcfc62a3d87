package bench

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestWriteTable(t *testing.T) {
	results := []Result{
		{Workload: "create", Role: RoleLeader, Connections: 64, Rows: []Row{{
			Op: "create", Count: 91_234, Rate: 9_123.4, P50: 6.9, P99: 15.25, P999: 22.125, Max: 40.06,
			Floor: floorFor("create", "create", RoleLeader, 64),
		}}},
		{Workload: "use-hot", Role: RoleFollower, Connections: 256, Rows: []Row{{
			Op: "use", Rate: 1_005_000, P50: 0.004,
			Errors:   map[string]uint64{"503": 2, "closed": 1},
			Examples: map[string]string{"503": "{\"errors\":[\"no leader\"]}\n", "closed": "EOF"},
			Floor:    floorFor("use-hot", "use", RoleFollower, 256),
		}}},
		{Workload: "write-read", Role: RoleFollower, Connections: 1, Rows: []Row{
			{Op: "create", Rate: 300, P50: 3},
			{Op: "pair", Rate: 150, P50: 5, Floor: floorFor("write-read", "pair", RoleFollower, 1)},
		}},
	}
	var out bytes.Buffer
	if err := WriteTable(&out, results); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "table.golden")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("got:\n%s\nwant:\n%s", out.Bytes(), want)
	}
}

// What was measured on the same machine takes the place of what is built in.
func TestMeasuredFloors(t *testing.T) {
	c := Config{Floors: []Result{
		{Role: RoleLeader, Connections: 64, Rows: []Row{{Op: "create", Rate: 100, P50: 1, P99: 2}}},
		{Role: RoleLeader, Connections: 64, Rows: []Row{{Op: "lookup", Rate: 200}}},
	}}
	for _, tt := range []struct {
		workload, op, role string
		connections        int
		want               float64
	}{
		{"create", "create", RoleLeader, 64, 100}, {"use-hot", "use", RoleLeader, 64, 100}, {"lookup-signed", "lookup", RoleLeader, 64, 200},
		{"create", "create", RoleFollower, 64, 0}, {"create", "create", RoleLeader, 256, 0}, {"mixed", "create", RoleLeader, 64, 0}, {"write-read", "pair", RoleLeader, 64, 0},
	} {
		got := 0.0
		if f := c.floor(tt.workload, tt.op, tt.role, tt.connections); f != nil {
			got = f.PerSecond
		}
		if got != tt.want {
			t.Errorf("%s %s on the %s, c=%d: %v, want %v", tt.workload, tt.op, tt.role, tt.connections, got, tt.want)
		}
	}
}

func TestFloors(t *testing.T) {
	tests := []struct {
		workload, op, role string
		connections        int
		want               string
	}{
		{"create", "create", RoleLeader, 256, bareCreate},
		{"create", "create", RoleLeader, 1, bareRaft},
		{"renew", "renew", RoleLeader, 1, bareRaft},
		{"use-hot", "use", RoleFollower, 256, bareEntry},
		{"lookup", "lookup", RoleFollower, 64, bareLookup},
		{"create", "create", RoleMixed, 64, ""},
		{"create", "create", RoleLeader, 65, ""},
		{"mixed", "create", RoleLeader, 64, ""},
		{"write-read", "create", RoleFollower, 1, ""},
	}
	for _, tt := range tests {
		got := ""
		if f := floorFor(tt.workload, tt.op, tt.role, tt.connections); f != nil {
			got = f.What
		}
		if got != tt.want {
			t.Errorf("%s/%s on %s, %d connections: %q, want %q", tt.workload, tt.op, tt.role, tt.connections, got, tt.want)
		}
	}
}
