//go:build !unix

package processfaults

// take takes so many bytes of memory.
func take(n int) ([]byte, error) {
	block := make([]byte, n)
	for i := range block {
		block[i] = 1
	}
	return block, nil
}
