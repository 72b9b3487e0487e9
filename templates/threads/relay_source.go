package threads

import "context"

// sourceRelay is a source whose function runs in a worker process.
type sourceRelay[F any] struct {
	*remote
	put    func(F) bool
	decode func(*decoder, *F)
	result F
	index  int // of the next item
}

// newSourceRelay makes the source of w hand on what a process of f produces.
func newSourceRelay[F any](w *worker, f *fleet, c remoteConfig, put func(F) bool, decode func(*decoder, *F)) *sourceRelay[F] {
	return &sourceRelay[F]{remote: newRemote(w, f, c), put: put, decode: decode}
}

// loop hands on items until the source is over, which it is too when the process ends.
func (r *sourceRelay[F]) loop() (over bool) {
	w := r.worker
	defer w.catchSource(&over)
	if !r.connect() {
		return true
	}
	forget := context.AfterFunc(w.ctx, r.process.cancel) // also where Drain is closed
	defer forget()
	if err := r.read(); err == nil || w.stopped() {
		r.release(false)
	} else {
		why := r.bury(err)
		if w.ctx.Err() == nil {
			w.run.fail(w.run.newError(w.group.stages[0].name, -1, 1, nil, why, nil))
		}
	}
	return true
}

// read reads to the end of the source: nil.
func (r *sourceRelay[F]) read() error {
	w := r.worker
	for {
		kind, content, err := r.record()
		if err != nil {
			return err
		}
		switch kind {
		case resultRecord:
			r.dec.read(content, r.owned)
			if err := decodeItem(r.dec, &r.result, r.decode); err != nil {
				w.erred(r.index, err)
			} else if r.put(r.result) {
				w.produced()
			}
			r.index++
		case failedRecord:
			w.counts[0].in++
			r.fault(content, r.index, nil)
		case overRecord:
			return nil
		default:
			if err := r.note(kind, content); err != nil {
				return err
			}
		}
	}
}
