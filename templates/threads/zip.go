package threads

// unpaired counts an item of a zip whose partner has not come: the other input is over, or the run has
// stopped.
func (w *worker) unpaired() {
	if w.stopped() {
		w.counts[0].interrupted++
	} else {
		w.counts[0].filtered++
	}
}
