package chaos

import "errors"

// What workers fail with, and is still that in the parent. It stands in a file that is part of the package on any
// system: of others the generated code does not know.
var (
	errStart     = errors.New("the scribe has no ink")
	errOnPurpose = errors.New("failed on purpose")
)
