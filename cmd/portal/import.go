package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/sync"
)

type importCommand struct {
	Dossier string   `placeholder:"ID" help:"The dossier of the processes. Without it they are never polled and cannot be refreshed."`
	Path    []string `arg:"" help:"Files with one Get process answer, JSON Lines, or directories of them."`
}

// Validate is called while the command line is read.
func (c *importCommand) Validate() error {
	if c.Dossier != "" && !assure.ValidID(c.Dossier) {
		return errors.New("--dossier is not an id that Assure could have given")
	}
	return nil
}

func (c *importCommand) Run(e *env) error {
	settings, err := config.Read(config.NeedData|config.NeedAudit, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	f, err := openFiles(e.ctx, settings, logger(e.stderr))
	if err != nil {
		return err
	}
	o := sync.ImportOptions{DossierID: c.Dossier, User: operator()}
	refused, err := sync.Import(e.ctx, f.store, f.trail, now, o, c.Path, importLine(e.stdout))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if refused > 0 {
		return fmt.Errorf("%d refused; the rest was taken", refused)
	}
	return nil
}
