package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/sync"
)

type auditCommand struct {
	Init   auditInitCommand   `cmd:"" help:"Create the trail in PORTAL_DATA_DIR and its signing key, and print the verifier key for auditors."`
	Resume auditResumeCommand `cmd:"" help:"Go on with a trail that was restored from a backup and is older than its anchor, under a new origin and with a record that says so."`
	Export auditExportCommand `cmd:"" help:"Write the trail, or a part of it, as a bundle that can be verified anywhere."`
	Verify auditVerifyCommand `cmd:"" help:"Check a bundle or an audit.db. Exit: 0 sound, 1 unreadable, 2 changed, 3 gap, 4 signature or origin, 5 shorter than or inconsistent with --against, 6 a detail missing without an erasure record, 7 a snapshot is not the one that its leaf names, 8 a matching row is missing."`
}

type auditInitCommand struct {
	Origin string `required:"" placeholder:"NAME" help:"Names the trail for ever, for instance portal.example.com/audit."`
	KeyOut string `required:"" placeholder:"FILE" help:"New file for the signing key, outside the data directory."`
}

func (c *auditInitCommand) Run(e *env) (err error) {
	settings, err := config.Read(config.NeedData, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	if within(settings.DataDir, c.KeyOut) {
		return exit{exitUsage, "--key-out lies in the data directory; whoever can change the trail could then sign it, too"}
	}
	if err := os.MkdirAll(settings.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	lock, err := sqlitedb.LockDir(settings.DataDir)
	if err != nil {
		return fmt.Errorf("lock %s: %w", settings.DataDir, err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	vkey, err := audit.Init(e.ctx, filepath.Join(settings.DataDir, "audit.db"), c.Origin, c.KeyOut, now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, vkey)
	return err
}

// within reports whether a file would lie in a directory, symbolic links followed.
func within(dir, file string) bool {
	rel, err := filepath.Rel(realPath(dir), filepath.Join(realPath(filepath.Dir(file)), filepath.Base(file)))
	return err == nil && filepath.IsLocal(rel)
}

func realPath(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	return abs
}

type auditResumeCommand struct {
	Because string `required:"" placeholder:"TEXT" help:"Why the trail was restored. It stands in the record."`
}

func (c *auditResumeCommand) Run(e *env) (err error) {
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Because)); n == 0 || n > maxWords {
		return exit{exitUsage, fmt.Sprintf("--because takes 1 to %d characters", maxWords)}
	}
	settings, lock, err := lockData(config.NeedData | config.NeedAudit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	done, err := audit.Resume(e.ctx, audit.Options{Path: filepath.Join(settings.DataDir, "audit.db"), KeyFile: settings.Audit.KeyFile,
		AnchorFile: settings.Audit.Anchor, Build: buildID(), Now: now}, audit.Event{Actor: sync.CommandLine(operator()), Because: c.Because})
	if err != nil {
		return err
	}
	return resumed(e.stdout, done)
}

// resumed says what was lost and what is to be done about it.
func resumed(w io.Writer, done audit.Resumed) error {
	lost := "Records that were signed under another origin are lost."
	if done.Published > done.Size {
		lost = fmt.Sprintf("Lost are records %d to %d, which had been signed as records of %s.", done.Size, done.Published-1, done.Was)
	}
	_, err := fmt.Fprintf(w, "%s\nThe trail goes on at record %d as %s.\n%s\nErasures made since the backup are undone: repeat them before you serve. "+
		"Your auditors' key stays good; above is its name from now on.\n", done.VerifierKey, done.Size, done.Origin, lost)
	return err
}

type auditExportCommand struct {
	From *moment `placeholder:"TIME" help:"Records from this time on (2026-03-02 or 2026-03-02T09:14:05Z)."`
	To   *moment `placeholder:"TIME" help:"Records before this time; a date counts to its end."`
	Out  string  `required:"" placeholder:"FILE.zip" help:"New file for the bundle."`
}

func (c *auditExportCommand) Run(e *env) error {
	settings, lock, err := lockData(config.NeedData | config.NeedAudit)
	if err != nil {
		return err
	}
	trail, err := openTrail(e.ctx, settings, logger(e.stderr))
	if err != nil {
		return errors.Join(err, lock.Release())
	}
	err = c.write(e.ctx, trail)
	return errors.Join(err, trail.Close(context.WithoutCancel(e.ctx)), lock.Release())
}

// write never leaves a part of a bundle under the name asked for, and never replaces a file.
func (c *auditExportCommand) write(ctx context.Context, trail *audit.Trail) (err error) {
	out, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make the bundle: %w", err)
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			err = errors.Join(err, os.Remove(c.Out))
		}
	}()
	export, err := trail.BeginExport(ctx, audit.Event{Action: audit.AuditExport, Outcome: audit.OK, Actor: sync.CommandLine(operator())},
		audit.ExportOptions{Filter: c.filter(), AllLeaves: true})
	if err != nil {
		return err
	}
	if err := export.WriteBundle(ctx, out); err != nil {
		return err
	}
	return out.Sync()
}

func (c *auditExportCommand) filter() (f audit.Filter) {
	if c.From != nil {
		f.From = c.From.Time
	}
	if c.To != nil {
		f.To = c.To.Time
		if c.To.day {
			f.To = f.To.Add(24 * time.Hour)
		}
	}
	return f
}

type auditVerifyCommand struct {
	Key       string `placeholder:"VKEY" help:"Verifier key, as audit init printed it. Without it nobody's signature is checked."`
	Against   string `placeholder:"OLD_CHECKPOINT" help:"File with a checkpoint from before: nothing that it covers may have changed."`
	Snapshots string `placeholder:"portal.db" help:"Also compare the snapshots with the hashes in the trail."`
	File      string `arg:"" help:"A bundle or an audit.db."`
}

// verifyGCPercent: verification keeps a few megabytes and makes gigabytes of garbage, so that collecting at the usual
// pace, each time that little has doubled, takes a fifth of its time.
const verifyGCPercent = 400

func (c *auditVerifyCommand) Run(e *env) error {
	defer debug.SetGCPercent(debug.SetGCPercent(verifyGCPercent))
	v := audit.Verify(e.ctx, audit.VerifyOptions{File: c.File, Key: c.Key, Against: c.Against, Snapshots: c.Snapshots})
	for _, w := range v.Warnings {
		fmt.Fprintln(e.stderr, "warning:", w)
	}
	if err := tell(e.stdout, v); err != nil {
		return err
	}
	if v.Exit != 0 {
		return exit{code: v.Exit}
	}
	return nil
}

// tell writes what was found.
func tell(w io.Writer, v audit.Verdict) error {
	if v.FirstBad >= 0 {
		if _, err := fmt.Fprintf(w, "first bad record: %d\n", v.FirstBad); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, v.Sentence)
	return err
}
