package threads

import "sync/atomic"

// processStats are the live counters of a stage that runs in worker processes. Those of fused stages' processes stand
// at the first of them.
type processStats struct {
	stageStats
	restarts, bytesIn, bytesOut atomic.Int64
}

// Restarts is the number of worker processes that were started in the place of others, which had ended unasked.
func (s *processStats) Restarts() int64 { return s.restarts.Load() }

// BytesIn is the number of bytes that have come from worker processes.
func (s *processStats) BytesIn() int64 { return s.bytesIn.Load() }

// BytesOut is the number of bytes that have been sent to worker processes.
func (s *processStats) BytesOut() int64 { return s.bytesOut.Load() }

func (s *processStats) each(name string, f func(stage, metric string, v float64)) {
	s.stageStats.each(name, f)
	f(name, "restarts", float64(s.Restarts()))
	f(name, "bytes_in", float64(s.BytesIn()))
	f(name, "bytes_out", float64(s.BytesOut()))
}

// sharingStats are the live counters of a stage in whose worker processes locks are taken that others take too.
type sharingStats struct {
	processStats
	lostLocks atomic.Int64
}

// LostLocks is the number of locks, and of other shared resources, that were freed because the worker process that had
// them had ended.
func (s *sharingStats) LostLocks() int64 { return s.lostLocks.Load() }

func (s *sharingStats) each(name string, f func(stage, metric string, v float64)) {
	s.processStats.each(name, f)
	f(name, "lost_locks", float64(s.LostLocks()))
}
