package main

import (
	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// children makes this process what another one has started it as, if one has: a worker process of a pipeline, or
// the other side of a peer. It does not return then.
func children() {
	stages.SquaresWorker()
	stages.SquaresSinglyWorker()
	stages.AskWorker()
	stages.MegabytesWorker()
	stages.IsolatedPrimesWorker()
	stages.MortalWorker()
	stages.DeliverWorker()
	stages.AddingWorker()
	stages.LockingWorker()
	stages.CountingWorker()
	peers.RawChild()
	peers.PluginChild()
}
