// Genindex writes the index of the support templates. It runs in the directory templates, by go generate.
package main

import (
	"log"
	"os"

	"github.com/pipegen/pipegen/templates/internal/index"
)

func main() {
	log.SetFlags(0)
	src, err := index.Write(os.DirFS("."), "threads")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("index_gen.go", src, 0o666); err != nil {
		log.Fatal(err)
	}
}
