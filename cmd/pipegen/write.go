package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// apply makes one file as it should be. The file is whole at any moment: either the old or the new one.
func (c *change) apply() error {
	root, err := openPackage(c.target.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if c.kind == orphaned {
		err = root.Remove(c.base)
	} else {
		err = writeAtomically(root, c.base, c.want, c.mode)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.path(), reason(err))
	}
	return nil
}

// verb says in the past tense what apply does.
func (c *change) verb() string {
	if c.kind == orphaned {
		return "removed"
	}
	return "wrote"
}

// writeAtomically writes a temporary file beside base and renames it. Renaming replaces a symbolic link
// instead of following it, and root keeps every path inside the directory. Mode 0 means the usual
// permissions of a new file. There is no sync: after a crash of the machine the file can be generated again.
func writeAtomically(root *os.Root, base string, content []byte, mode fs.FileMode) (err error) {
	// A name that begins with a dot is no Go file to anybody who looks while it is there.
	tmp := "." + base + "." + rand.Text()[:8]
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(tmp))
		}
	}()
	_, err = f.Write(content)
	if mode != 0 {
		err = errors.Join(err, f.Chmod(mode))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return root.Rename(tmp, base)
}
