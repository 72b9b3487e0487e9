// Package spec reads a pipeline's spec: YAML in, a typed model with a position on every value out.
//
// It exists so that the rest of pipegen never sees YAML. [Parse] decodes one file into a [File] and
// reports every problem that the text alone shows: what is no YAML, what the language does not have, what
// a verb does not take, what is written in the wrong units. It knows nothing of Go's types; whether a
// function exists and fits is for the packages that read the model.
//
// One field table (keys.go, stage_keys.go) lists every key of the language with the values it takes, its
// default, an example and a sentence of documentation. The decoder, the messages and the language
// reference ([Reference]) all read that table: a key is added by adding its row.
//
// A spec may come from a stranger. Names and references are held to narrow grammars and free text to
// printable characters, so that nothing in a spec can become code except through a name that resolves to
// a Go object.
//
// Problems are [Diagnostics]: data with a code, a position and a remedy, apart from the renderers that
// print them for people, programs and GitHub.
package spec
