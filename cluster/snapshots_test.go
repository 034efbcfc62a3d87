package cluster

import "testing"

func TestSnapshotsAreRarerWhenTheyAreLarge(t *testing.T) {
	cfg := &Config{SnapshotEntries: 8192, SnapshotBytes: 64 << 20}
	for _, tt := range []struct {
		name   string
		logged logged
		last   int64
		due    bool
	}{
		{"nothing", logged{}, 0, false},
		{"as many entries as the limit says", logged{8192, 1}, 0, true},
		{"one less", logged{8191, 64<<20 - 1}, 0, false},
		{"as many bytes", logged{1, 64 << 20}, 0, true},
		{"a small snapshot changes nothing", logged{8192, 1}, 64 << 20, true},
		{"of a gigabyte sixteen times the entries", logged{16*8192 - 1, 1}, 1 << 30, false},
		{"these", logged{16 * 8192, 1}, 1 << 30, true},
		{"or a quarter of its bytes", logged{1, 256<<20 - 1}, 1 << 30, false},
		{"that", logged{1, 256 << 20}, 1 << 30, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := snapshotDue(cfg, tt.logged, tt.last); got != tt.due {
				t.Errorf("due is %t, want %t", got, tt.due)
			}
		})
	}
}
