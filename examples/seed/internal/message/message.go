// Package message has what some of the Python programs send: [42, None, 'hello'].
package message

import "fmt"

// Message is a list of three things in Python. Here each of them has a name and a type.
type Message struct {
	Number  int
	Nothing *string
	Text    string
}

// String is how Python prints it.
func (m Message) String() string {
	nothing := "None"
	if m.Nothing != nil {
		nothing = "'" + *m.Nothing + "'"
	}
	return fmt.Sprintf("[%d, %s, '%s']", m.Number, nothing, m.Text)
}
