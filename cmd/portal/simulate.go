package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/demo"
)

type simulateCommand struct {
	Listen    string `default:"127.0.0.1:9090" help:"Loopback address and port; with port 0 a free one."`
	From      string `placeholder:"DIR" help:"Serve the Get process answers of DIR, a file each, byte for byte, each in a dossier of its own."`
	Processes *int   `placeholder:"N" help:"How many processes are made up: 500, or none with --from."`
	Seed      int64  `default:"1" help:"Ids and values of made-up processes depend on this number alone."`
	Client    string `default:"sim:sim" placeholder:"ID:SECRET" help:"The client that may ask."`
}

// Validate is called while the command line is read.
func (c *simulateCommand) Validate() error {
	if id, secret, ok := strings.Cut(c.Client, ":"); !ok || id == "" || secret == "" {
		return errors.New("--client must be ID:SECRET")
	}
	return errors.Join(loopback(c.Listen), countable(c.count()))
}

func (c *simulateCommand) count() int {
	switch {
	case c.Processes != nil:
		return *c.Processes
	case c.From != "":
		return 0
	}
	return 500
}

func (c *simulateCommand) Run(e *env) error {
	id, secret, _ := strings.Cut(c.Client, ":")
	sim := assuretest.New(assuretest.Options{ClientID: id, ClientSecret: secret, Now: now})
	summary, err := demo.PopulateCounted(sim, demo.Options{Processes: c.count(), Seed: c.Seed, Now: now()})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "Made up %s.\n", summary)
	if c.From != "" {
		if err := c.load(e, sim); err != nil {
			return err
		}
	}
	listener, err := listen(c.Listen)
	if err != nil {
		return err
	}
	server := startBackground(listener, newServer(sim.Handler()))
	fmt.Fprintf(e.stdout, "assure %[1]s/assure\ntoken %[1]s/auth/open/connect/token\nready\n", baseURL(listener))
	return server.wait(e.ctx)
}

// load adds the answers of a directory. The simulator keeps Assure's rule that older processes are not listed, so how
// many these are is said.
func (c *simulateCommand) load(e *env, sim *assuretest.Simulator) error {
	files, err := os.ReadDir(c.From)
	if err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	taken, old := 0, 0
	for _, file := range files {
		if file.IsDir() || filepath.Ext(file.Name()) != ".json" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(c.From, file.Name()))
		if err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
		p, err := assure.ParseProcess(body)
		if err == nil {
			err = sim.Add(assuretest.Entry{DossierID: dossierOf(p.ProcessID), Body: body})
		}
		if err != nil {
			fmt.Fprintf(e.stderr, "%s: left out: %v\n", file.Name(), err)
			continue
		}
		taken++
		if created, err := time.Parse(time.RFC3339, p.CreatedAt); err == nil && now().Sub(created) > assure.ListWindow {
			old++
		}
	}
	fmt.Fprintf(e.stderr, "Took %d answers of %s; %d are older than 30 days and are not listed.\n", taken, c.From, old)
	if taken == 0 {
		return fmt.Errorf("%s holds no Get process answer", c.From)
	}
	return nil
}

// dossierOf makes up the dossier that a Get process answer does not name: in the form of an id, the same at every start.
func dossierOf(processID string) string {
	sum := sha256.Sum256([]byte("dossier of " + processID))
	h := hex.EncodeToString(sum[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
