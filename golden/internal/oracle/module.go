package oracle

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// Module is the path of the module in which topologies are built.
const Module = "example.com/random"

//go:embed rig/*.go
var rigFiles embed.FS

// Refusal is a spec that the planner does not accept.
type Refusal struct {
	Topology *Topology
	Problems spec.Diagnostics
}

// Codes counts the refusals by the code of the first problem.
func Codes(all []Refusal) map[string]int {
	codes := make(map[string]int)
	for _, r := range all {
		codes[r.Problems[0].Code]++
	}
	return codes
}

// Plan writes the topologies into a module in root, plans and emits them. It returns those that were accepted.
func Plan(ctx context.Context, root string, all []*Topology) (accepted []*Topology, refused []Refusal, err error) {
	if err := writeFile(root, "go.mod", "module "+Module+"\n\ngo 1.26\n"); err != nil {
		return nil, nil, err
	}
	rigs, err := rigFiles.ReadDir("rig")
	if err != nil {
		return nil, nil, err
	}
	for _, f := range rigs {
		content, err := rigFiles.ReadFile("rig/" + f.Name())
		if err != nil {
			return nil, nil, err
		}
		if err := writeFile(root, "rig/"+f.Name(), string(content)); err != nil {
			return nil, nil, err
		}
	}
	byName := make(map[string]*Topology)
	var files []*spec.File
	for _, t := range all {
		name := t.Dir + "/" + t.Name + gen.SpecSuffix
		byName[name] = t
		if err := writeFile(root, name, t.Spec); err != nil {
			return nil, nil, err
		}
		if err := writeFile(root, t.Dir+"/"+t.Name+".go", t.Go); err != nil {
			return nil, nil, err
		}
		file, diags := spec.Parse(name, []byte(t.Spec))
		if diags.HasErrors() {
			refused = append(refused, Refusal{t, diags})
			continue
		}
		files = append(files, file)
	}
	prog, diags, err := gen.Load(ctx, gen.LoadConfig{Dir: root}, files)
	if err != nil {
		return nil, nil, err
	}
	if diags.HasErrors() {
		return nil, nil, fmt.Errorf("loading: %v", diags)
	}
	plans, diags := gen.PlanAll(prog, files)
	problems := make(map[string]spec.Diagnostics)
	for _, d := range diags {
		problems[d.File] = append(problems[d.File], d)
	}
	for name, diags := range problems {
		refused = append(refused, Refusal{byName[name], diags})
	}
	for _, p := range plans {
		t := byName[p.File.Name]
		t.adopt(p)
		accepted = append(accepted, t)
	}
	outputs, err := gen.Emit(plans)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range outputs {
		if err := writeFile(root, f.Path, string(f.Content)); err != nil {
			return nil, nil, err
		}
	}
	return accepted, refused, nil
}

// adopt takes the plan of the topology's spec.
func (t *Topology) adopt(p *gen.Plan) {
	t.Plan = p
	t.nodeOf = make(map[string]*Node)
	for _, n := range t.Nodes {
		t.nodeOf[n.Name] = n
	}
}

// Build compiles the topologies into one program.
func Build(ctx context.Context, root string, all []*Topology, race bool) (program string, err error) {
	var imports, packages, workers strings.Builder
	byDir := make(map[string][]*Topology)
	var dirs []string
	for _, t := range all {
		if byDir[t.Dir] == nil {
			dirs = append(dirs, t.Dir)
		}
		byDir[t.Dir] = append(byDir[t.Dir], t)
		adapter, err := t.Adapter()
		if err == nil {
			err = writeFile(root, t.Dir+"/"+t.Name+"_run.go", adapter)
		}
		if err != nil {
			return "", err
		}
	}
	for _, dir := range dirs {
		var b strings.Builder
		fmt.Fprintf(&b, "package %s\n\nimport \"%s/rig\"\n\nfunc Topologies() []*rig.Topology {\n", dir, Module)
		for _, t := range byDir[dir] {
			fmt.Fprintf(&b, "\t%s.Call = %s\n", t.rig(), t.function("run", nil))
		}
		b.WriteString("\treturn []*rig.Topology{")
		for _, t := range byDir[dir] {
			b.WriteString(t.rig() + ", ")
		}
		b.WriteString("}\n}\n\n// Workers makes this process a worker if it was started as one.\nfunc Workers() {\n")
		for _, t := range byDir[dir] {
			if t.isolated() {
				fmt.Fprintf(&b, "\t%sWorker()\n", t.goName())
			}
		}
		b.WriteString("}\n")
		if err := writeFile(root, dir+"/topologies.go", b.String()); err != nil {
			return "", err
		}
		fmt.Fprintf(&imports, "\t\"%s/%s\"\n", Module, dir)
		fmt.Fprintf(&workers, "\t%s.Workers()\n", dir)
		fmt.Fprintf(&packages, "\tall = append(all, %s.Topologies()...)\n", dir)
	}
	main := fmt.Sprintf(serveTest, imports.String(), Module, packages.String(), workers.String())
	if err := writeFile(root, "serve/serve_test.go", main); err != nil {
		return "", err
	}
	program = filepath.Join(root, "topologies.test")
	args := []string{"test", "-c", "-vet=off", "-o", program}
	if race {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./serve")...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return program, nil
}

// serveTest is the program that runs jobs: a test, as the race detector's users would have it.
const serveTest = `package serve

import (
	"os"
	"testing"
	"time"

%s	"%s/rig"
)

func topologies() (all []*rig.Topology) {
%s	return all
}

func TestMain(m *testing.M) {
	rig.Adopt(topologies)
%s	os.Exit(m.Run())
}

func TestServe(t *testing.T) {
	limit, err := time.ParseDuration(os.Getenv("SERVE_LIMIT"))
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := os.Open(os.Getenv("SERVE_JOBS"))
	if err != nil {
		t.Fatal(err)
	}
	defer jobs.Close()
	reports, err := os.Create(os.Getenv("SERVE_REPORTS"))
	if err != nil {
		t.Fatal(err)
	}
	defer reports.Close()
	if err := rig.Serve(topologies(), jobs, reports, limit); err != nil {
		t.Fatal(err)
	}
}
`

func writeFile(root, name, content string) error {
	name = filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(content), 0o666)
}
