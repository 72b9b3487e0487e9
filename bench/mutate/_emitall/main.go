// Emitall writes down what mutants of the emitters make of the golden packages. It is built and run in a copy of the
// repository, whose package gen holds the mutants.
//
//	emitall DIR NUMBER...
//
// What mutant 7 writes otherwise goes into DIR/7, under the same names; a file that it does not write is empty there.
// For each mutant a line on the output says how it went. One that does not come to an end takes the program with it.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

func main() {
	log.SetFlags(0)
	plans, err := load()
	if err != nil {
		log.Fatal(err)
	}
	began := time.Now()
	gen.Mutant = 0
	usual, err := emit(plans)
	if err != nil {
		log.Fatal(err)
	}
	limit := 10*time.Second + 10*time.Since(began)
	for _, arg := range os.Args[2:] {
		gen.Mutant, err = strconv.Atoi(arg)
		if err != nil {
			log.Fatal(err)
		}
		hangs := time.AfterFunc(limit, func() {
			fmt.Printf("%s hangs\n", arg)
			os.Exit(1)
		})
		files, err := emit(plans)
		hangs.Stop()
		if err != nil {
			fmt.Printf("%s fails: %q\n", arg, err)
			continue
		}
		if err := write(filepath.Join(os.Args[1], arg), usual, files); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s emits\n", arg)
	}
}

// load plans everything below golden.
func load() ([]*gen.Plan, error) {
	names, err := filepath.Glob("golden/*/*" + gen.SpecSuffix)
	if err != nil {
		return nil, err
	}
	var files []*spec.File
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, diags := spec.Parse(filepath.ToSlash(name), src)
		if diags.HasErrors() {
			return nil, fmt.Errorf("%s has errors", name)
		}
		files = append(files, file)
	}
	prog, diags, err := gen.Load(context.Background(), gen.LoadConfig{Dir: "."}, files)
	if err != nil {
		return nil, err
	}
	plans, problems := gen.PlanAll(prog, files)
	if diags.HasErrors() || problems.HasErrors() {
		return nil, fmt.Errorf("the specs have errors")
	}
	return plans, nil
}

// emit returns the generated files by path.
func emit(plans []*gen.Plan) (all map[string][]byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	files, err := gen.Emit(plans)
	if err != nil {
		return nil, err
	}
	all = make(map[string][]byte)
	for _, f := range files {
		all[f.Path] = f.Content
	}
	return all, nil
}

// write writes the files that differ from the usual ones.
func write(dir string, usual, files map[string][]byte) error {
	for name := range usual {
		if _, ok := files[name]; !ok {
			files[name] = nil
		}
	}
	for name, content := range files {
		if old, ok := usual[name]; ok && bytes.Equal(old, content) {
			continue
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o666); err != nil {
			return err
		}
	}
	return nil
}
