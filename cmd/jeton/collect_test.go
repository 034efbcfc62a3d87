package main

import (
	"runtime"
	"testing"
)

func TestPaceFor(t *testing.T) {
	for _, tt := range []struct {
		live uint64
		want int
	}{
		{0, 1600}, {1 << 20, 1600}, {16 << 20, 1600}, {64 << 20, 400}, {128 << 20, 200}, {256 << 20, 100}, {1 << 30, 100}, {1 << 40, 100},
	} {
		if got := paceFor(tt.live); got != tt.want {
			t.Errorf("with %d bytes alive: %d, want %d", tt.live, got, tt.want)
		}
	}
}

// The runtime tells what it is asked for: else every node would keep to Go's own pace.
func TestLiveHeapIsTold(t *testing.T) {
	runtime.GC()
	if live := liveHeap(); live == 0 || live == garbage {
		t.Errorf("%d bytes are said to be alive", live)
	}
}
