package rpc

import "time"

const (
	JudgeEvery      = judgeEvery
	MaxMessageBytes = maxMessageBytes
	MaxAnswerBytes  = maxAnswerBytes
	MaxStreams      = maxStreams
	MaxReflections  = maxReflections
)

// SetAfter gives the streams of a server another clock. It is called before Serve.
func (s *Server) SetAfter(after func(time.Duration) <-chan time.Time) { s.service.after = after }
