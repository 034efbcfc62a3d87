// Package api has the messages and the service of Waypoint's gRPC interface that
// package rpc answers, as generated from waypoint.proto.
//
// It promises that names, numbers and types are those of Waypoint 0.11, so that its
// clients and ours mean the same bytes; a test holds every one of them against a
// table that was written by hand. It has no code of its own.
//
// Tokens themselves are not read with these messages but by package waypoint: a
// signature is of the bytes that came, which a message that was read and written
// again need not give.
package api
