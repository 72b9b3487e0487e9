package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Which worker does which task differs. What is printed last does not.
func TestLikePython(t *testing.T) {
	name := regexp.MustCompile(`Worker-\d`)
	twin.Pair{
		Go:     run,
		Bubble: true,
		Python: "03_queue_workers.py",
		Begin:  regexp.MustCompile("线程|所有"),
		Shape: func(output string) string {
			names := name.FindAllString(output, -1)
			slices.Sort(names)
			lines := strings.SplitAfter(name.ReplaceAllString(output, "Worker"), "\n")
			slices.Sort(lines[:max(0, len(lines)-2)])
			return fmt.Sprintln(slices.Compact(names)) + strings.Join(lines, "")
		},
		Want: `[Worker-1 Worker-2 Worker-3]
线程 Worker 正在处理任务: 任务_1
线程 Worker 正在处理任务: 任务_10
线程 Worker 正在处理任务: 任务_2
线程 Worker 正在处理任务: 任务_3
线程 Worker 正在处理任务: 任务_4
线程 Worker 正在处理任务: 任务_5
线程 Worker 正在处理任务: 任务_6
线程 Worker 正在处理任务: 任务_7
线程 Worker 正在处理任务: 任务_8
线程 Worker 正在处理任务: 任务_9
所有任务已处理完毕。
`,
	}.Test(t)
}

// What follows from tasks is done too, although the queue may have been empty in between.
func TestTasksOfTasks(t *testing.T) {
	chain := Task{Name: "0"}
	for i := range 20 {
		chain = Task{Name: fmt.Sprint(i + 1), Then: []Task{chain}}
	}
	var stats TasksStats
	output := twin.Pair{Bubble: true, Go: func(ctx context.Context) error {
		return Tasks{Tasks: []Task{chain}, Names: new(Names), Stats: &stats}.Run(ctx)
	}}.Printed(t)
	if n := strings.Count(output, "\n"); n != 21 || stats.Do.Done() != 21 {
		t.Errorf("%d tasks were begun, %d done; want 21", n, stats.Do.Done())
	}
}
