package main

import (
	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// codecs is P7: a struct of six fields becomes bytes and a struct again, as between processes.
func codecs(n int) shape {
	return shape{
		id: "P7", title: "a struct of six fields, encoded and decoded", items: n, metrics: perItem, check: stages.CheckInts, memory: true,
		sides: []side{
			pipegen(stages.CodeParcels),
			{name: "limit: written by hand", target: target{atMost: 1.5}, variants: []variant{{"", peers.CodeByHand}}},
			{name: "encoding/gob", target: target{atLeast: 10}, variants: []variant{{"one stream", peers.CodeGob}}},
			{name: "encoding/json", variants: []variant{{"", peers.CodeJSON}}},
		},
	}
}
