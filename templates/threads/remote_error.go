package threads

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// remoteError is an error that has come from another process: its text, the name of its type, and which of the
// errors that both know it is.
type remoteError struct {
	text, typ string
	is        []error
}

func (e *remoteError) Error() string { return e.text }

// Type returns the name of the error's type in the process that it comes from: *fs.PathError.
func (e *remoteError) Type() string { return e.typ }

// Is says whether the error, where it comes from, is target.
func (e *remoteError) Is(target error) bool {
	for _, known := range e.is {
		if errors.Is(known, target) {
			return true
		}
	}
	return false
}

// knownErrors are the errors that keep their identity on the way to another process: the standard library's that
// most programs ask for, and more. Both processes have the same.
func knownErrors(more ...error) []error {
	return append([]error{
		context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, errors.ErrUnsupported,
		fs.ErrInvalid, fs.ErrPermission, fs.ErrExist, fs.ErrNotExist, fs.ErrClosed, os.ErrDeadlineExceeded,
	}, more...)
}

// maxErrorText is how much of an error's text crosses.
const maxErrorText = 64 << 10

// error appends what remains of err, which may be nil, in another process. That its methods may panic does no harm.
func (e *encoder) error(err error) {
	if !e.present(err != nil) {
		return
	}
	text, typ := fmt.Sprint(err), fmt.Sprintf("%T", err)
	if r, ok := err.(*remoteError); ok {
		typ = r.typ
	}
	e.string(text[:min(len(text), maxErrorText)])
	e.string(typ)
	is := whichOf(e.known, err)
	if e.length(len(is), false, 2) {
		for _, i := range is {
			e.uint16(uint16(i))
		}
	}
}

// whichOf returns the positions of the known errors that err is.
func whichOf(known []error, err error) (is []int) {
	defer func() { _ = recover() }() // of an Is method, which then has not said yes
	for i, k := range known {
		if errors.Is(err, k) {
			is = append(is, i)
		}
	}
	return is
}

// error reads an error, or nil.
func (d *decoder) error() error {
	if !d.present(3) {
		return nil
	}
	r := &remoteError{text: d.string(), typ: d.string()}
	for range d.length(2) {
		i := int(d.uint16())
		if i >= len(d.known) {
			d.fail(errDamaged)
			break
		}
		r.is = append(r.is, d.known[i])
	}
	if d.err != nil {
		return nil
	}
	return r
}
