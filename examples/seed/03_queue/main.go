// Queue is the twin of 03_queue_workers.py: ten tasks in a queue, and three threads that do them.
//
// It shows a named queue. Nobody counts with task_done what is left, nor guesses from an empty queue that the work is
// done, which is wrong as soon as a task leads to others: Run returns, as q.join does, when all tasks have been done,
// those included that a worker has put into the queue.
//
//	go run ./examples/seed/03_queue
package main

import (
	"context"
	"fmt"
	"log"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// run has ten tasks done.
func run(ctx context.Context) error {
	var tasks []Task
	for i := range 10 {
		tasks = append(tasks, Task{Name: fmt.Sprintf("任务_%d", i+1)})
	}
	if err := (Tasks{Tasks: tasks, Names: new(Names)}).Run(ctx); err != nil {
		return err
	}
	fmt.Println("所有任务已处理完毕。")
	return nil
}
