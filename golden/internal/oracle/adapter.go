package oracle

import (
	"strings"
	"text/template"
)

// Vias are the methods that run the pipeline: those of its type, and of its pool. They are known once it is planned.
func (t *Topology) Vias() []string {
	var vias []string
	switch {
	case t.Open == nil && t.Input == nil:
		vias = []string{"Run"}
	case t.Open == nil:
		vias = []string{"Run", "RunSeq2"}
	case t.Input == nil:
		vias = []string{"Stream"}
	default:
		vias = []string{"Stream", "StreamSeq2"}
	}
	if t.Plan.HasMap {
		vias = append(vias, "Map")
	}
	if t.Plan.HasPool {
		vias = append(vias, "PoolEach", "PoolMap", "PoolDo", "PoolSubmit")
	}
	return vias
}

// Adapter writes the function that runs the pipeline as a job says.
func (t *Topology) Adapter() (string, error) {
	data := map[string]any{
		"Dir": t.Dir, "Module": Module, "Name": t.goName(), "Rig": t.rig(), "Run": t.function("run", nil), "Fail": t.function("fail", nil),
		"Has": func(via string) bool {
			for _, v := range t.Vias() {
				if v == via {
					return true
				}
			}
			return false
		},
		"HasPool": t.Plan.HasPool, "In": "", "Out": t.Open != nil,
	}
	if t.Input != nil {
		data["In"] = t.Input.Type.Go()
	}
	var b strings.Builder
	err := adapter.Execute(&b, data)
	return b.String(), err
}

var adapter = template.Must(template.New("adapter").Parse(`package {{.Dir}}

import (
	"context"
	"errors"

	"{{.Module}}/rig"
)

func {{.Run}}(ctx context.Context, r *rig.Run) {
	stats := new({{.Name}}Stats)
	p := {{.Name}}{Stats: stats, Drain: r.Drain, Log: r.Log}
	defer r.Watch(stats.Each)()
	{{- $in := ""}}{{$in2 := ""}}
	{{- if .In}}
	input, input2 := rig.Input[{{.In}}]({{.Rig}}), rig.Input2[{{.In}}]({{.Rig}})
	{{- $in = ", input"}}{{$in2 = ", input2"}}
	{{- end}}
	switch r.Job.Via {
{{- if call .Has "Run"}}
	case "Run":
		r.End({{.Fail}}(p.Run(ctx{{$in}})))
{{- end}}
{{- if call .Has "RunSeq2"}}
	case "RunSeq2":
		r.End({{.Fail}}(p.RunSeq2(ctx{{$in2}})))
{{- end}}
{{- if call .Has "Stream"}}
	case "Stream":
		for v, err := range p.Stream(ctx{{$in}}) {
			if !r.Out(v, {{.Fail}}(err)) {
				break
			}
		}
{{- end}}
{{- if call .Has "StreamSeq2"}}
	case "StreamSeq2":
		for v, err := range p.StreamSeq2(ctx{{$in2}}) {
			if !r.Out(v, {{.Fail}}(err)) {
				break
			}
		}
{{- end}}
{{- if call .Has "Map"}}
	case "Map":
		all, err := p.Map(ctx, rig.Collect(input))
		for _, v := range all {
			r.Out(v, nil)
		}
		r.End({{.Fail}}(err))
{{- end}}
{{- if .HasPool}}
	default:
		pool, err := p.Start(ctx)
		if err != nil {
			r.End({{.Fail}}(err))
			return
		}
		defer func() { r.Closed({{.Fail}}(pool.Close())) }()
		switch r.Job.Via {
		case "PoolEach":
			for res := range pool.Each(ctx, input) {
				if !r.Result(res.Index, {{if .Out}}res.Out{{else}}nil{{end}}, {{.Fail}}(res.Err)) {
					break
				}
			}
		case "PoolMap":
			{{- if .Out}}
			all, err := pool.Map(ctx, rig.Collect(input))
			for i, v := range all {
				r.Result(i, v, nil)
			}
			{{- else}}
			err := pool.Map(ctx, rig.Collect(input))
			{{- end}}
			r.End({{.Fail}}(err))
		case "PoolDo":
			rig.Callers(rig.Collect(input), func(i int, item {{.In}}) {
				{{if .Out}}out, err{{else}}err{{end}} := pool.Do(ctx, item)
				r.Result(i, {{if .Out}}out{{else}}nil{{end}}, {{.Fail}}(err))
			})
		case "PoolSubmit":
			futures := make(map[int]*{{.Name}}Future)
			for i, item := range rig.Collect(input) {
				f, err := pool.Submit(ctx, item)
				if err != nil {
					r.Result(i, nil, {{.Fail}}(err))
					continue
				}
				futures[i] = f
			}
			for i, f := range futures {
				{{if .Out}}out, err{{else}}err{{end}} := f.Get(context.Background())
				r.Result(i, {{if .Out}}out{{else}}nil{{end}}, {{.Fail}}(err))
			}
		}
{{- end}}
	}
}

func {{.Fail}}(err error) *rig.Failure {
	if err == nil {
		return nil
	}
	f := rig.NewFailure(err)
	if e := new({{.Name}}Error); errors.As(err, &e) {
		f.Of(e.Stage, e.Index, e.Attempt, e.Item, e.Stack)
	}
	{{- if .HasPool}}
	f.Pool(err, Err{{.Name}}Filtered, Err{{.Name}}Closed, Err{{.Name}}Terminated)
	{{- end}}
	return f
}
`))
