package threads

import "fmt"

// sentinel is an error that is known by its value alone.
type sentinel string

func (s sentinel) Error() string { return string(s) }

// errGoexit is the error of a user function that called runtime.Goexit, as testing.T.FailNow does.
const errGoexit sentinel = "runtime.Goexit was called"

// panicError is the error of a user function that panicked.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// Unwrap returns the value of the panic if it is an error.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// recovered is the error in which a user function ended: it panicked with value, or, where value is nil and
// it has not returned either, it called Goexit. nil: it returned.
func recovered(value any, returned bool) error {
	switch {
	case value != nil:
		return &panicError{value}
	case !returned:
		return errGoexit
	}
	return nil
}

// errNoCase is the error of an item whose key no case of a switch names.
func errNoCase(key any) error { return fmt.Errorf("no case for %v", key) }

// errorText is the text of a pipeline's error: thumbs: resize: item 41, attempt 3: unexpected EOF.
func errorText(pipeline, stage string, index, attempt int, err error) string {
	text := pipeline + ": " + stage + ": "
	switch {
	case index >= 0 && attempt > 1:
		text += fmt.Sprintf("item %d, attempt %d: ", index, attempt)
	case index >= 0:
		text += fmt.Sprintf("item %d: ", index)
	case attempt > 1:
		text += fmt.Sprintf("attempt %d: ", attempt)
	}
	return text + err.Error()
}
