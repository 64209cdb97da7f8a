package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/demo"
	"github.com/assure-portal/portal/internal/sync"
)

// demoSyncEvery is the pause between two listings of the simulator: somebody is watching for processes to finish.
const demoSyncEvery = 15 * time.Second

// demoMaxOpens leaves room for scripts that open every made-up process.
const demoMaxOpens = 6000

// demoTermMonths is the default of a portal that serves.
const demoTermMonths = 12

type demoCommand struct {
	Listen    string   `default:"127.0.0.1:8080" help:"Loopback address and port of the portal; with port 0 a free one. The simulator and the identity provider take free ports beside it."`
	Data      string   `placeholder:"DIR" help:"Keep the data in DIR, and the trail's key and anchor in DIR-keys; without it everything is removed at exit."`
	Processes int      `default:"500" help:"How many processes are made up."`
	Seed      int64    `default:"1" help:"Ids and values depend on this number alone."`
	Import    []string `placeholder:"PATH" sep:"none" help:"Also load Get process answers, as portal import does. May be repeated."`
}

// Validate is called while the command line is read.
func (d *demoCommand) Validate() error {
	return errors.Join(loopback(d.Listen), countable(d.Processes))
}

func countable(processes int) error {
	if processes < 0 {
		return errors.New("--processes must not be negative")
	}
	return nil
}

func (d *demoCommand) Run(e *env) (err error) {
	place, err := findPlace(d.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.clear()) }()
	stage, err := d.build()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.close()) }()
	if err := place.prepare(e.ctx); err != nil {
		return err
	}
	p, err := newPortal(e.ctx, stage.config(place), logger(e.stderr), true, demoSyncEvery)
	if err != nil {
		return err
	}
	stage.announce(e.stdout)
	err = p.serve(e.ctx, stage.portal, func(ctx context.Context) error { return d.play(ctx, e, p, stage) })
	return errors.Join(err, p.Close())
}

// play brings the processes in, says that all is ready, and goes on synchronising.
func (d *demoCommand) play(ctx context.Context, e *env, p *portal, stage *stage) error {
	fmt.Fprintf(e.stderr, "Made up %s.\n", stage.summary)
	if _, err := p.sync.Once(ctx, time.Time{}, progressBar(e.stderr)); err != nil {
		return unlessDone(ctx, fmt.Errorf("first synchronisation: %w", err))
	}
	if len(d.Import) > 0 {
		if err := d.load(ctx, e, p); err != nil {
			return unlessDone(ctx, err)
		}
	}
	fmt.Fprintln(e.stdout, "ready")
	stage.welcome(e.stderr)
	p.sync.Run(ctx)
	return nil
}

func (d *demoCommand) load(ctx context.Context, e *env, p *portal) error {
	o := sync.ImportOptions{User: operator()}
	refused, err := sync.Import(ctx, p.store, p.trail, now, o, d.Import, importLine(e.stderr))
	if err == nil && refused > 0 {
		fmt.Fprintf(e.stderr, "%d of the answers to import were refused.\n", refused)
	}
	return err
}

// unlessDone is err, but nil after the end of ctx: being stopped is no failure.
func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// place is where a demo keeps its files: data in one directory, key and anchor in another.
type place struct {
	data, keys string
	temporary  string // removed at exit; empty: kept
}

func findPlace(dir string) (place, error) {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "portal-demo-")
		return place{data: filepath.Join(temporary, "data"), keys: filepath.Join(temporary, "keys"), temporary: temporary}, err
	}
	abs, err := filepath.Abs(dir)
	return place{data: abs, keys: abs + "-keys"}, err
}

func (p place) key() string    { return filepath.Join(p.keys, "trail.key") }
func (p place) anchor() string { return filepath.Join(p.keys, "anchor") }
func (p place) trail() string  { return filepath.Join(p.data, "audit.db") }

// prepare makes the directories and the trail. A second start with the same directory goes on with trail and key.
func (p place) prepare(ctx context.Context) error {
	for _, dir := range []string{p.data, p.keys} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make a directory: %w", err)
		}
	}
	if exists(p.trail()) && exists(p.key()) {
		return nil
	}
	if _, err := audit.Init(ctx, p.trail(), "demo.test/trail", p.key(), now()); err != nil {
		return fmt.Errorf("make the trail: %w", err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func (p place) clear() error {
	if p.temporary == "" {
		return nil
	}
	return os.RemoveAll(p.temporary)
}

// stage is what stands around the portal in a demo: the simulator, the identity provider, and a listener for each part.
type stage struct {
	portal  net.Listener
	servers []*background
	idp     string // base URLs
	assure  string
	secret  string // of the portal at both
	summary demo.Summary
}

const (
	demoClient = "portal-demo"
	callback   = "/auth/callback"
)

// build listens everywhere and starts the simulator and the identity provider.
func (d *demoCommand) build() (_ *stage, err error) {
	s := &stage{secret: rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.portal, err = listen(d.Listen); err != nil {
		return nil, err
	}
	sim := assuretest.New(assuretest.Options{ClientID: demoClient, ClientSecret: s.secret, Now: now})
	if s.summary, err = demo.PopulateCounted(sim, demo.Options{Processes: d.Processes, Seed: d.Seed, Now: now()}); err != nil {
		return nil, err
	}
	besides := net.JoinHostPort(hostOf(d.Listen), "0")
	api, err := listen(besides)
	if err != nil {
		return nil, err
	}
	s.assure = baseURL(api)
	s.servers = append(s.servers, startBackground(api, newServer(sim.Handler())))
	return s, s.startProvider(besides)
}

func (s *stage) startProvider(address string) error {
	listener, err := listen(address)
	if err != nil {
		return err
	}
	s.idp = baseURL(listener)
	provider, err := demo.NewProvider(demo.ProviderOptions{Issuer: s.idp, ClientID: demoClient, ClientSecret: s.secret,
		RedirectURI: s.base() + callback, AfterLogout: s.base(), Now: now})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s.servers = append(s.servers, startBackground(listener, newServer(provider)))
	return nil
}

func (s *stage) base() string { return baseURL(s.portal) }

// close ends the servers; the portal's own listener is closed by its server, or here if that never came to be.
func (s *stage) close() error {
	var errs []error
	for _, b := range s.servers {
		errs = append(errs, b.stop())
	}
	if s.portal != nil {
		if err := s.portal.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// config is what portal serve would read from the environment.
func (s *stage) config(p place) config.Config {
	roles := map[string]string{}
	for _, u := range demo.Users() {
		for i, group := range u.Groups {
			roles[group] = u.Roles[i]
		}
	}
	return config.Config{Listen: s.portal.Addr().String(), BaseURL: s.base(), DataDir: p.data, RoleMap: roles,
		SessionIdle: 15 * time.Minute, SessionMax: 8 * time.Hour, MaxOpens: demoMaxOpens,
		OIDC:     config.OIDC{Issuer: s.idp, ClientID: demoClient, ClientSecret: s.secret, RoleClaim: "groups"},
		Assure:   config.Assure{URL: s.assure + "/assure", TokenURL: s.assure + "/auth/open/connect/token", ClientID: demoClient, ClientSecret: s.secret},
		Audit:    config.Audit{KeyFile: p.key(), Anchor: p.anchor(), TermMonths: demoTermMonths},
		Purposes: []string{"onboarding", "periodic-review", "alert", "customer-request", "audit"}}
}

// announce prints what scripts read (contract, Commands).
func (s *stage) announce(w io.Writer) {
	fmt.Fprintf(w, "portal %s\nidp %s\nassure %s/assure\ntoken %s/auth/open/connect/token\n", s.base(), s.idp, s.assure, s.assure)
	for _, u := range demo.Users() {
		fmt.Fprintln(w, strings.TrimSpace("user "+u.Name+" "+strings.Join(u.Roles, ",")))
	}
}

// welcome is for whoever sits before the terminal.
func (s *stage) welcome(w io.Writer) {
	fmt.Fprintf(w, "\nOpen %s in a browser. It is the whole portal with invented data, an identity provider at %s and a\n"+
		"simulator of the Assure API at %s embedded; nothing leaves this machine. There are no passwords. Sign in as:\n", s.base(), s.idp, s.assure)
	for _, u := range demo.Users() {
		roles := strings.Join(u.Roles, " and ")
		if roles == "" {
			roles = "has no role and is refused"
		}
		fmt.Fprintf(w, "  %-22s %s\n", u.Name, roles)
	}
	fmt.Fprintln(w, "Ctrl-C ends it.")
}
