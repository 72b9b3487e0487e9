package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/pipegen/pipegen/spec"
)

// A command is one row of the command table. docs/commands.md and the scripts in testdata name the same set.
type command struct {
	name  string
	args  string // what follows the flags, as in a usage line
	short string // one line, no period
	long  string
	flags []string // names in flagTable
	run   func(a *app, ctx context.Context, args []string) error
}

// commands is sorted by name.
var commands = []command{
	{
		name:  "check",
		args:  "[PATH...]",
		short: "say whether every generated file is fresh",
		long: `Check writes nothing. It prints what generate would change as a unified diff and, on stderr, the
command that does it: files that are missing, out of date, edited by hand or orphaned. Line endings
do not count. A diff of over 60 lines a file is cut, unless -full is given.

Exit status: 0 fresh, 1 stale, 2 error.`,
		flags: []string{"C", "format", "full", "tags"},
		run:   func(a *app, ctx context.Context, args []string) error { return a.check(ctx, args) },
	},
	{
		name:  "explain",
		args:  "SPEC",
		short: "print the plan of a spec in words",
		long: `Explain prints what will run: defaults resolved, stages that are fused or not and why, queues and
their capacity, goroutines, what bounds the memory, and what is guaranteed.

Exit status: 0, or 2 where the spec has an error.`,
		flags: []string{"C", "format", "tags"},
		run:   func(a *app, ctx context.Context, args []string) error { return a.explain(ctx, args) },
	},
	{
		name:  "generate",
		args:  "[PATH...]",
		short: "write the generated files of specs (the default)",
		long: `Generate writes the files whose content changes, each atomically, and names them on stderr. Where
any spec has an error nothing is written. A file without pipegen's header is never overwritten; a
generated file whose spec is gone is removed.

Exit status: 0, or 2 on an error.`,
		flags: []string{"C", "format", "tags"},
		run:   func(a *app, ctx context.Context, args []string) error { return a.generate(ctx, args) },
	},
	{
		name:  "run",
		args:  "DIR|SPEC [-- args...]",
		short: "generate, build and run a program",
		long: `Run generates, builds the package to a temporary file and runs it with the arguments. Signals are
passed on to the program.

Exit status: the program's, 128+signal if a signal ended it; 2 if it could not be started.`,
		flags: []string{"C", "format", "tags"},
		run:   func(a *app, ctx context.Context, args []string) error { return a.runProgram(ctx, args) },
	},
	{
		name:  "version",
		short: "print which pipegen this is",
		long:  `Version prints pipegen's version, the Go version it was built with and, where known, the commit.`,
		run: func(a *app, _ context.Context, args []string) error {
			if len(args) > 0 {
				return usageError("version takes no arguments")
			}
			return a.printVersion()
		},
	},
	{
		name:  "vet",
		args:  "[PATH...]",
		short: "report errors and warnings and write nothing",
		long: `Vet checks specs against the Go code and reports errors and warnings. It alone looks into the bodies
of functions: for package variables that are assigned in worker processes, and shared locks that are held where
an item is handed out.

Exit status: 0, 1 where there are warnings and -werror is given, 2 where there are errors.`,
		flags: []string{"C", "format", "tags", "werror"},
		run:   func(a *app, ctx context.Context, args []string) error { return a.vet(ctx, args) },
	},
}

// pathHelp explains PATH once for all commands that take it.
const pathHelp = `PATH is a spec, a directory, or dir/... for a whole tree; without one it is the current directory. A
spec stands for its package: naming one looks at its siblings too.`

// flagTable is every flag of every command, with what it stands for in usage texts.
var flagTable = []struct {
	name, value, usage string
	flag               func(a *app) cli.Flag
}{
	{"C", "dir", "change to dir before anything else", func(a *app) cli.Flag {
		return &cli.StringFlag{Name: "C", Destination: &a.dir}
	}},
	{"format", "f", "diagnostics and staleness as human, json or github", func(a *app) cli.Flag {
		return &cli.StringFlag{Name: "format", Value: formatHuman, Destination: &a.format}
	}},
	{"full", "", "do not cut long diffs", func(a *app) cli.Flag {
		return &cli.BoolFlag{Name: "full", Destination: &a.full}
	}},
	{"tags", "list", "build tags, as for go build", func(a *app) cli.Flag {
		return &cli.StringFlag{Name: "tags", Destination: &a.tags}
	}},
	{"werror", "", "warnings are failures", func(a *app) cli.Flag {
		return &cli.BoolFlag{Name: "werror", Destination: &a.werror}
	}},
}

// newCommand returns the tree that parses arguments for one invocation. The flags of generate, which is
// what pipegen does without a command, are the root's and may stand before the command's name too.
func newCommand(a *app) *cli.Command {
	root := &cli.Command{
		Name:                          "pipegen",
		Usage:                         "turn a declared pipeline into ordinary Go code",
		ArgsUsage:                     "[PATH...]",
		CustomRootCommandHelpTemplate: literal(rootHelp()),
		HideVersion:                   true,
		EnableShellCompletion:         true,
		Writer:                        a.stdout,
		ErrWriter:                     a.stderr,
		ExitErrHandler:                func(context.Context, *cli.Command, error) {},
		OnUsageError:                  a.onUsageError,
		Action:                        func(ctx context.Context, cmd *cli.Command) error { return a.bare(ctx, cmd) },
		ConfigureShellCompletionCommand: func(c *cli.Command) {
			c.OnUsageError = a.onUsageError
		},
	}
	for _, name := range commandNamed("generate").flags {
		root.Flags = append(root.Flags, newFlag(a, name))
	}
	for _, c := range commands {
		root.Commands = append(root.Commands, a.subcommand(c))
	}
	return root
}

func (a *app) subcommand(c command) *cli.Command {
	cmd := &cli.Command{
		Name:               c.name,
		Usage:              c.short,
		ArgsUsage:          c.args,
		CustomHelpTemplate: literal(commandHelp(c)),
		OnUsageError:       a.onUsageError,
		Action: func(ctx context.Context, cmd *cli.Command) error {
			for _, f := range cmd.Root().Flags {
				if name := f.Names()[0]; f.IsSet() && name != "help" && !slices.Contains(c.flags, name) {
					return usageError(fmt.Sprintf("%s does not take -%s", c.name, name))
				}
			}
			return a.start(ctx, c, cmd.Args().Slice())
		},
	}
	if c.name == "run" {
		one := 1 // what follows the directory is the program's
		cmd.StopOnNthArg = &one
	}
	for _, name := range c.flags {
		if !slices.Contains(commandNamed("generate").flags, name) { // those are the root's
			cmd.Flags = append(cmd.Flags, newFlag(a, name))
		}
	}
	return cmd
}

func newFlag(a *app, name string) cli.Flag {
	for _, f := range flagTable {
		if f.name == name {
			return f.flag(a)
		}
	}
	panic("no flag " + name)
}

func commandNamed(name string) command {
	return commands[slices.IndexFunc(commands, func(c command) bool { return c.name == name })]
}

// start carries out a command once its flags are read.
func (a *app) start(ctx context.Context, c command, args []string) error {
	if a.format == "" {
		a.format = formatHuman
	}
	if !slices.Contains(formats, a.format) {
		return usageError(fmt.Sprintf("unknown format %q%s; formats are %s",
			a.format, didYouMean(a.format, "", formats), strings.Join(formats, ", ")))
	}
	if a.dir != "" {
		if err := os.Chdir(a.dir); err != nil {
			return err
		}
	}
	return c.run(a, ctx, args)
}

// bare is pipegen without a command: PATHs to generate, or a command that does not exist.
func (a *app) bare(ctx context.Context, cmd *cli.Command) error {
	args := cmd.Args().Slice()
	if len(args) > 0 && !strings.ContainsAny(args[0], "./\\") {
		if _, err := os.Stat(args[0]); errors.Is(err, os.ErrNotExist) {
			names := commandNames()
			return usageError(fmt.Sprintf("unknown command %q%s; commands are %s",
				args[0], didYouMean(args[0], "", names), strings.Join(names, ", ")))
		}
	}
	return a.start(ctx, commandNamed("generate"), args)
}

func commandNames() []string {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return names
}

// didYouMean is a question about the nearest candidate, or nothing where none is near.
func didYouMean(word, prefix string, candidates []string) string {
	if best, ok := spec.Suggest(word, candidates); ok {
		return fmt.Sprintf(" (did you mean %q?)", prefix+best)
	}
	return ""
}

// usageError is a command line that makes no sense.
type usageError string

func (e usageError) Error() string { return string(e) }

// onUsageError turns what the parser says of flags into the form of all other usage errors.
func (a *app) onUsageError(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return usageError(err.Error())
	}
	name = strings.TrimLeft(name, "-")
	what, flags := "pipegen", commandNamed("generate").flags
	for _, c := range commands {
		if c.name == cmd.Name {
			what, flags = "pipegen "+c.name, c.flags
		}
	}
	help := "it takes none"
	if len(flags) > 0 {
		help = "flags are -" + strings.Join(flags, ", -")
	}
	return usageError(fmt.Sprintf("%s has no flag -%s%s; %s", what, name, didYouMean(name, "-", flags), help))
}
