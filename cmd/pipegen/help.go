package main

import (
	"fmt"
	"strings"
)

// rootHelp is what "pipegen help" prints.
func rootHelp() string {
	var b strings.Builder
	b.WriteString("Pipegen turns a declared pipeline into ordinary Go code.\n\nusage:\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  pipegen %-31s %s\n", strings.TrimSpace(c.name+" "+c.args), c.short)
	}
	b.WriteString("  pipegen help [COMMAND]                  say more about a command\n")
	b.WriteString("  pipegen completion bash|zsh|fish|pwsh   print a completion script for a shell\n\n")
	b.WriteString(pathHelp + "\n\n")
	writeFlags(&b, commandNamed("generate").flags)
	return b.String()
}

// commandHelp is what "pipegen help COMMAND" prints.
func commandHelp(c command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s\n\n%s\n", usageLine(c), c.long)
	if strings.Contains(c.args, "PATH") {
		b.WriteString("\n" + pathHelp + "\n")
	}
	if len(c.flags) > 0 {
		b.WriteString("\n")
		writeFlags(&b, c.flags)
	}
	return b.String()
}

// usageLine shows how a command is called.
func usageLine(c command) string {
	words := []string{"pipegen", c.name}
	if len(c.flags) > 0 {
		words = append(words, "[flags]")
	}
	if c.args != "" {
		words = append(words, c.args)
	}
	return strings.Join(words, " ")
}

func writeFlags(b *strings.Builder, names []string) {
	b.WriteString("flags:\n\n")
	for _, f := range flagTable {
		for _, name := range names {
			if f.name == name {
				fmt.Fprintf(b, "  %-13s %s\n", strings.TrimSpace("-"+f.name+" "+f.value), f.usage)
			}
		}
	}
}

// literal protects a text from being read as a template.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }
