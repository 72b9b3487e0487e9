package oracle

import (
	"strings"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
)

// source is what the source of a stage hands out; that of the caller's sequence for nil.
func (in *interpreter) source(s *gen.Stage) *Stream {
	out := &Stream{}
	if in.early {
		out.Extent = Prefix
	}
	if in.job.Via == "PoolDo" {
		out.Order = Multiset // several callers
	}
	node, name, perItem := 0, "input", strings.HasSuffix(in.job.Via, "Seq2")
	var policy gen.OnError
	counts := &Counts{}
	if s != nil {
		n := in.t.Node(s)
		node, name, policy, perItem = n.ID, s.Name, s.OnError, n.Shape == "seq2"
		if !in.early {
			in.Stats[name] = counts
		}
	}
	for k := range in.job.Items[node] {
		v := in.job.Made(node, k)
		kind, _ := in.job.Draw(node, v.Item.ID)
		counts.In++
		if kind == rig.None {
			counts.Done++
			counts.Out++
			out.Elems = append(out.Elems, Elem{Value: v, Index: k})
			continue
		}
		token := errToken(name, v.Item.ID)
		if kind == rig.Goexit {
			token = errToken(name, 0) // nothing says which item it was
		}
		if kind == rig.Panic || kind == rig.Goexit || !perItem || policy == gen.Stop {
			in.Fatal[token], in.Sure = true, true
			break
		}
		counts.Failed++
		if policy == gen.Yield {
			out.Elems = append(out.Elems, Elem{Err: token, Index: k})
		}
	}
	return out
}
