package threads

// partFromWorker tells p that there is no more for it to do, and takes in what it says at last: the error of a state
// that it has closed ends the run.
func (f *fleet) partFromWorker(p *process) {
	if !p.hear(func() { f.hearOut(p) }) {
		_ = p.conn.Close()
	}
}

// hearOut is partFromWorker after it has returned.
func (f *fleet) hearOut(p *process) {
	err := sendFrame(p.conn, nil)
	for err == nil {
		var message []byte
		if message, err = receiveFrame(p.conn, maxHello); err == nil {
			f.heed(message)
		}
	}
	_ = p.conn.Close()
}

// heed looks for the end of a worker's run in a message of p's.
func (f *fleet) heed(message []byte) {
	for {
		kind, content, rest, ok := nextRecord(message)
		if !ok {
			return
		}
		if kind == brokenRecord {
			last := f.decodeFault(content)
			f.run.fail(f.run.newError(last.stage, -1, 1, nil, last.err, last.stack))
		}
		message = rest
	}
}

// partFromCommand closes the stream of p, which is how a command learns that it is to end.
func (f *fleet) partFromCommand(p *process) { _ = p.conn.Close() }
