//go:build !race

package fsm_test

const raced = false
