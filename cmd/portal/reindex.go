package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
)

type reindexCommand struct{}

func (reindexCommand) Run(e *env) (err error) {
	settings, lock, err := lockData(config.NeedData)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	db, err := sqlitedb.Open(e.ctx, sqlitedb.Options{Path: filepath.Join(settings.DataDir, "portal.db"), KeepLog: true, Migrations: sqlitedb.Migrations("portal")})
	if err != nil {
		return fmt.Errorf("open portal.db: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s, err := store.Open(e.ctx, db, settings.DataDir, now)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	tenth := -1
	return s.Reindex(e.ctx, func(done, total int) {
		if t := done * 10 / max(total, 1); t > tenth {
			tenth = t
			fmt.Fprintf(e.stderr, "%d of %d snapshots read\n", done, total)
		}
	})
}
