package main

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Task is something to do.
type Task struct {
	Name string
	Then []Task // what there is to do when it is done
}

// All returns the tasks to begin with.
func All(tasks []Task) []Task { return tasks }

// Names gives out the names of workers.
type Names struct{ given atomic.Int64 }

// Next returns a name that nobody has.
func (n *Names) Next() string { return fmt.Sprintf("Worker-%d", n.given.Add(1)) }

// Worker does tasks, one at a time.
type Worker struct{ name string }

// NewWorker makes a worker.
func NewWorker(names *Names) *Worker { return &Worker{names.Next()} }

// Do works for a while and returns what has to be done then.
func (w *Worker) Do(task Task) []Task {
	fmt.Printf("线程 %s 正在处理任务: %s\n", w.name, task.Name)
	time.Sleep(rand.N(time.Second))
	return task.Then
}
