package main

import (
	"os"
	"time"
)

// F is a function of numbers.
func F(x int) int { return x * x }

// Getpid tells which process it is called in.
func Getpid(struct{}) int { return os.Getpid() }

// Sleep cannot be woken.
func Sleep(d time.Duration) { time.Sleep(d) }
