package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/sync"
)

type eraseCommand struct {
	Process     string `required:"" placeholder:"ID" help:"The process to erase."`
	Basis       string `required:"" placeholder:"TEXT" help:"On what ground, for instance a request under GDPR article 17. It stays in the tombstone and on the page: no personal data."`
	RequestedBy string `required:"" placeholder:"NAME" help:"Who asks for it in your house."`
	ApprovedBy  string `required:"" placeholder:"NAME" help:"Who agrees; another person."`
}

// maxWords bounds a name or a basis in characters: they stand on a line and in a tombstone.
const maxWords = 300

// scrubWait is how long the trail's file is waited for where a backup or a verification reads it.
const scrubWait = 10 * time.Second

func (c *eraseCommand) Run(e *env) error {
	if err := c.check(); err != nil {
		return err
	}
	settings, err := config.Read(config.NeedData|config.NeedAudit, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	f, err := openFiles(e.ctx, settings, logger(e.stderr))
	if err != nil {
		return err
	}
	err = c.erase(e.ctx, f, e.stdout)
	if errors.Is(err, sqlitedb.ErrBusy) {
		err = errors.Join(err, errors.New("the process is erased, but what is left of its bytes could not be overwritten yet: end the backup or verification that reads the files, and repeat the command"))
	}
	return errors.Join(err, f.Close())
}

// check wants two people. It cannot know whether they exist.
func (c *eraseCommand) check() error {
	for _, flag := range []struct {
		name string
		text *string
	}{{"--basis", &c.Basis}, {"--requested-by", &c.RequestedBy}, {"--approved-by", &c.ApprovedBy}} {
		*flag.text = strings.Join(strings.Fields(*flag.text), " ")
		if n := utf8.RuneCountInString(*flag.text); n == 0 || n > maxWords || strings.ContainsFunc(*flag.text, unicode.IsControl) {
			return exit{exitUsage, fmt.Sprintf("%s takes 1 to %d characters on one line", flag.name, maxWords)}
		}
	}
	if strings.EqualFold(c.RequestedBy, c.ApprovedBy) {
		return exit{exitUsage, "--requested-by and --approved-by name the same person; an erasure takes two"}
	}
	return nil
}

// erasure is one act under way.
type erasure struct {
	*files
	process string
	basis   string
	held    store.Footprint
	traces  audit.Traces
	event   audit.Event
}

// erase does what is still to be done: whatever an erasure that was interrupted has left, the same command finishes.
func (c *eraseCommand) erase(ctx context.Context, f *files, out io.Writer) error {
	x := &erasure{files: f, process: c.Process, basis: c.Basis}
	done, err := x.look(ctx, fmt.Sprintf("%s. Requested by %s, approved by %s.", strings.TrimRight(c.Basis, "."), c.RequestedBy, c.ApprovedBy))
	if err != nil {
		return err
	}
	if done {
		fmt.Fprintf(out, "process %s was erased at %s; the files were cleaned once more\n", c.Process, x.held.ErasedAt.Format(time.RFC3339))
		return x.scrub(ctx)
	}
	if _, err := f.trail.Append(ctx, x.event); err != nil {
		return fmt.Errorf("record the erasure: %w", err)
	}
	ctx = context.WithoutCancel(ctx) // from here on stopping in the middle would only leave more to do
	busy, err := x.remove(ctx)
	if err != nil {
		x.event.Outcome = audit.Failed
		_, recordErr := f.trail.Append(ctx, x.event)
		return errors.Join(err, recordErr)
	}
	return errors.Join(x.report(out), busy)
}

// look finds out what there is, and whether an earlier erasure has left nothing to do.
func (x *erasure) look(ctx context.Context, because string) (done bool, err error) {
	if x.held, err = x.store.Footprint(ctx, x.process); err != nil {
		return false, err
	}
	if x.traces, err = x.trail.Traces(ctx, x.process); err != nil {
		return false, err
	}
	last, err := x.trail.LastErasure(ctx, x.process)
	if err != nil {
		return false, err
	}
	head, err := x.store.Head(ctx, x.process, 0)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return false, err
	}
	x.event = audit.Event{Action: audit.ProcessErase, Outcome: audit.Unknown, Actor: sync.CommandLine(operator()), Because: because,
		Process: audit.Process{ID: x.process, DossierID: head.DossierID, Version: head.Version, SHA256: head.SHA256, MappingVersion: head.MappingVersion},
		Facts:   map[string]string{"versions": count(x.held.Versions), "media": count(x.held.Media)}}
	return !x.held.ErasedAt.IsZero() && last == audit.OK && len(x.traces.Records) == 0, nil
}

func count(n int) string { return fmt.Sprint(n) }

// remove takes the process from the store, then its details from the trail with the record of it. busy says that bytes
// may be left because somebody reads the files.
func (x *erasure) remove(ctx context.Context) (busy, err error) {
	if x.held.ErasedAt.IsZero() {
		err = x.store.Erase(ctx, x.process, x.basis, now())
	} else {
		err = x.store.Scrub(ctx)
	}
	if err != nil && !errors.Is(err, sqlitedb.ErrBusy) {
		return nil, err
	}
	busy = err
	x.event.Outcome = audit.OK
	if err := x.trail.Erase(ctx, x.event, x.traces); err != nil {
		return busy, err
	}
	err = x.trail.Scrub(ctx, scrubWait)
	if errors.Is(err, sqlitedb.ErrBusy) {
		return errors.Join(busy, err), nil
	}
	return busy, err
}

func (x *erasure) scrub(ctx context.Context) error {
	return errors.Join(x.store.Scrub(ctx), x.trail.Scrub(ctx, scrubWait))
}

// report says what was removed, what stays and why, and where copies may still be.
func (x *erasure) report(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "erased %s: versions %d, images and videos %d, posted search terms %d\n", x.process, x.held.Versions, x.held.Media, x.held.Terms)
	if len(x.traces.Records) > 0 {
		fmt.Fprintf(&b, "details removed from records %s\n", numbers(x.traces.Records))
	}
	if x.held.Stated && len(x.held.SameDossier) > 0 {
		fmt.Fprintf(&b, "stays: what the customer stated in the dossier, because of process %s\n", strings.Join(x.held.SameDossier, ", "))
	}
	for _, l := range x.traces.Listings {
		fmt.Fprintf(&b, "stays: record %d of %s, a search that found %d others, too\n", l.Seq, l.Time.Format(time.RFC3339), l.Others)
	}
	for _, h := range x.traces.Handouts {
		if h.Sure || x.held.MayHaveHeld(h.Facts) {
			fmt.Fprintf(&b, "export: record %d of %s by %s, %s\n", h.Seq, h.Time.Format(time.RFC3339), printable(h.Actor), handoutWords(h))
		}
	}
	b.WriteString("Backups made before, and the exports above, still hold it: they are yours to delete.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func handoutWords(h audit.Handout) string {
	switch {
	case h.Action == audit.ProcessExport:
		return "processes, may have held it"
	case h.Facts["file"] == "audit.csv" && h.Facts["with"] == "":
		return "the trail, held its id without details"
	}
	return "the trail, held records about it"
}

// numbers lists ascending numbers, runs as ranges: 3, 40-44.
func numbers(list []int64) string {
	var words []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		word := fmt.Sprint(list[i])
		if j > i {
			word += "-" + fmt.Sprint(list[j])
		}
		words, i = append(words, word), j+1
	}
	return strings.Join(words, ", ")
}
