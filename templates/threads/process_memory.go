package threads

import "os"

// writeZeros makes an empty file size bytes long.
func writeZeros(file *os.File, size int) error {
	block := make([]byte, min(size, 1<<20))
	for size > 0 {
		n, err := file.Write(block[:min(size, len(block))])
		if err != nil {
			return err
		}
		size -= n
	}
	return nil
}
