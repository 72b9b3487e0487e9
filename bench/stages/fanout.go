package stages

// Third says which of three branches an item takes.
//
//go:noinline
func Third(x int) int { return x % 3 }

// CheckThirds says whether in the run that just ended each of n items went through one of A, B and C, as
// Third says.
func CheckThirds(n int) error {
	var want Sum
	for i := range n {
		want.Items++
		want.Value += uint64([...]int{i + 1, 3 * i, i ^ mask}[i%3])
	}
	return checkTotal(want)
}

// CheckCopies says whether in the run that just ended each of n items went through A, through B and through C.
func CheckCopies(n int) error {
	var want Sum
	for i := range n {
		want.Items += 3
		want.Value += uint64(i+1) + uint64(3*i) + uint64(i^mask)
	}
	return checkTotal(want)
}
