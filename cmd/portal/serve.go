package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/assure-portal/portal/internal/config"
)

// syncEvery is the pause between two listings of Assure: a finished process is visible within a minute.
const syncEvery = 30 * time.Second

type serveCommand struct{}

func (serveCommand) Run(e *env) error {
	c, err := config.Read(config.NeedData|config.NeedListen|config.NeedOIDC|config.NeedAssure|config.NeedAudit|config.NeedImages, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	log := logger(e.stderr)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	p, err := newPortal(e.ctx, c, log, false, syncEvery)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	log.Info("serving", "listen", listener.Addr().String(), "base", c.BaseURL)
	err = p.serve(e.ctx, listener, func(ctx context.Context) error { p.sync.Run(ctx); return nil })
	if err := errors.Join(err, p.Close()); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	log.Info("stopped")
	return nil
}
