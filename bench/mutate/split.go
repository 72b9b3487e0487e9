package main

import (
	"cmp"
	"context"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// lengthy is how long tests may take together: a change that makes them hang costs several times as much.
const lengthy = 4 * time.Second

// result is the line of a test, not of one of its parts, that has passed.
var result = regexp.MustCompile(`(?m)^--- PASS: (\w+) \((\S+)s\)$`)

// split makes several programs of each whose tests take long: the same binary with some of the tests each.
func (t *tree) split(ctx context.Context, programs []*program) (all []*program) {
	for _, p := range programs {
		if p.usual <= lengthy {
			all = append(all, p)
			continue
		}
		for _, group := range t.groups(ctx, p) {
			part := *p
			part.only, part.usual = "^("+strings.Join(group.tests, "|")+")$", group.usual
			all = append(all, &part)
		}
	}
	return all
}

// group is tests that run together.
type group struct {
	tests []string
	usual time.Duration
}

// groups distributes the tests of p: the longest first, each where there is room.
func (t *tree) groups(ctx context.Context, p *program) []group {
	cmd := exec.CommandContext(ctx, p.binary, "-test.v")
	cmd.Dir = t.path(p.dir)
	out, _ := cmd.CombinedOutput() // they have passed before
	var single []group
	for _, m := range result.FindAllStringSubmatch(string(out), -1) {
		took, _ := time.ParseDuration(m[2] + "s")
		single = append(single, group{[]string{m[1]}, took})
	}
	slices.SortStableFunc(single, func(a, b group) int { return cmp.Compare(b.usual, a.usual) })
	var groups []group
	for _, one := range single {
		i := slices.IndexFunc(groups, func(g group) bool { return g.usual+one.usual <= lengthy })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{})
		}
		groups[i].tests = append(groups[i].tests, one.tests...)
		groups[i].usual += one.usual
	}
	return groups
}
