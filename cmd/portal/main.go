// Command portal is the self-hosted review portal for verifications made through Signicat's Assure API. It parses flags
// and environment, wires the parts and serves; each subcommand stands in a file of its own and holds no logic.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Exit codes of sysexits(3) that scripts may rely on, beside the ones of audit verify.
const (
	exitUsage  = 64
	exitLocked = 75
	exitConfig = 78
)

// cli is the command line. The help texts are the manual of each command.
type cli struct {
	Demo        demoCommand        `cmd:"" help:"Start everything in one process with made-up data: identity provider, Assure simulator, synchronisation, portal."`
	Serve       serveCommand       `cmd:"" help:"Start the portal, configured by environment."`
	Sync        syncCommand        `cmd:"" help:"Make one synchronisation run with Assure."`
	Import      importCommand      `cmd:"" help:"Load Get process answers from files into the store."`
	Simulate    simulateCommand    `cmd:"" help:"Start the Assure simulator alone."`
	Reindex     reindexCommand     `cmd:"" help:"Rebuild index and reports from the snapshots."`
	Audit       auditCommand       `cmd:"" help:"Create, resume, export and verify the audit trail."`
	Erase       eraseCommand       `cmd:"" help:"Erase a process for good: snapshots, images, index and the personal details of its records. A tombstone keeps it out."`
	Backup      backupCommand      `cmd:"" help:"Copy trail and store to a new directory, also beside a running portal, and verify the copies."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running portal whether it is ready; exit 1 if not."`
	Version     versionCommand     `cmd:"" help:"Print version and build."`
}

// env is what every command gets: its streams and a context that ends with SIGINT or SIGTERM.
type env struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	code := -1
	parser, err := kong.New(&cli{}, kong.Name("portal"), kong.Writers(stdout, stderr), kong.Exit(func(c int) { code = c }),
		kong.Description("Review portal for identity verifications made through Signicat Assure."), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if code >= 0 {
		return code // --help was printed
	}
	if err != nil {
		fmt.Fprintln(stderr, "portal:", err)
		fmt.Fprintln(stderr, "Try: portal --help")
		return exitUsage
	}
	return exitCode(command.Run(&env{ctx: ctx, stdout: stdout, stderr: stderr}), stderr)
}

// exit is an error that carries its exit code; its text, if any, is printed.
type exit struct {
	code int
	text string
}

func (e exit) Error() string { return e.text }

func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if err.Error() != "" {
		fmt.Fprintln(stderr, "portal:", err)
	}
	if e, ok := errors.AsType[exit](err); ok {
		return e.code
	}
	if _, ok := errors.AsType[config.Faults](err); ok {
		return exitConfig
	}
	if errors.Is(err, sqlitedb.ErrLocked) {
		fmt.Fprintln(stderr, "Another portal process works on this data directory; nothing was changed. Stop it, or wait for it, and try again.")
		return exitLocked
	}
	return 1
}
