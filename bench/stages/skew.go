package stages

import "context"

// spinSteps take about 10 µs.
const spinSteps = 8000

// The steps of a linear congruential generator.
const (
	spinFactor = 6364136223846793005
	spinTerm   = 1442695040888963407
)

// steps is how long an item takes: one in a hundred takes a hundred times as long as the others.
func steps(x int) int {
	if x%100 == 50 {
		return 100 * spinSteps
	}
	return spinSteps
}

// Spin computes for as long as x says.
func Spin(_ context.Context, x int) (uint64, error) {
	if x < 0 {
		return 0, errNegative
	}
	y := uint64(x)
	for range steps(x) {
		y = y*spinFactor + spinTerm
	}
	return y, nil
}

// AddSpun counts an item of Spin.
func AddSpun(_ context.Context, y uint64) error {
	Total.Items++
	Total.Value += y
	return nil
}

// CheckSpun says whether the run that just ended spun n items, by the power of a step.
func CheckSpun(n int) error {
	power := func(steps int) (factor, term uint64) {
		factor, term = 1, 0
		f, t := uint64(spinFactor), uint64(spinTerm)
		for ; steps > 0; steps /= 2 {
			if steps%2 == 1 {
				factor, term = f*factor, f*term+t
			}
			f, t = f*f, f*t+t
		}
		return factor, term
	}
	var want Sum
	for x := range n {
		factor, term := power(steps(x))
		want.Items++
		want.Value += factor*uint64(x) + term
	}
	return checkTotal(want)
}
