package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sync"
)

type syncCommand struct {
	Since *moment `placeholder:"TIME" help:"List what was created since this time (2026-03-02 or 2026-03-02T09:14:05Z), at most 30 days ago; without it all of the 30 days."`
}

func (c *syncCommand) Run(e *env) error {
	settings, err := config.Read(config.NeedData|config.NeedAssure|config.NeedAudit|config.NeedImages, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	log := logger(e.stderr)
	f, err := openFiles(e.ctx, settings, log)
	if err != nil {
		return err
	}
	client, err := newAssureClient(settings)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	runner := sync.New(sync.Options{Client: client, Store: f.store, Trail: f.trail, Now: now, Log: log, KeepImages: settings.KeepImages, KeepArchives: settings.KeepArchives})
	totals, runErr := runner.Once(e.ctx, c.since(), progressBar(e.stderr))
	client.Close()
	err = errors.Join(runErr, f.Close())
	fmt.Fprintln(e.stdout, totals)
	if err == nil && totals.Failed > 0 {
		return fmt.Errorf("%d processes could not be read; the next run tries them again", totals.Failed)
	}
	return err
}

func (c *syncCommand) since() time.Time {
	if c.Since == nil {
		return time.Time{}
	}
	return c.Since.Time
}

// moment is a time on the command line: RFC 3339, or a date, which is its midnight in UTC.
type moment struct {
	time.Time
	day bool
}

// UnmarshalText reads either form.
func (m *moment) UnmarshalText(text []byte) error {
	day, err := time.Parse(time.DateOnly, string(text))
	if err == nil {
		*m = moment{day, true}
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return errors.New("a time is written as 2026-03-02 or 2026-03-02T09:14:05Z")
	}
	*m = moment{at.UTC(), false}
	return nil
}
