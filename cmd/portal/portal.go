package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/config"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/sync"
	"github.com/assure-portal/portal/internal/tracing"
)

// Bounds of the portal's own HTTP server. An export extends its write deadline itself.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	shutdownTimeout   = 15 * time.Second // for requests in flight at SIGTERM
	tracesTimeout     = 2 * time.Second  // for the last spans
)

// now is the clock of the whole program.
func now() time.Time { return time.Now().UTC() }

// logger writes lines without personal data: JSON for machines, which no text of others can break out of, and words for a
// person at a terminal.
func logger(w io.Writer) *slog.Logger {
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

// files are the open data files of one data directory, under its lock.
type files struct {
	lock   *sqlitedb.Lock
	portal *sqlitedb.DB
	store  *store.Store
	trail  *audit.Trail
}

// lockData reads the configuration and takes the data directory's lock: how a command begins that opens less than all files.
func lockData(need config.Need) (config.Config, *sqlitedb.Lock, error) {
	settings, err := config.Read(need, os.LookupEnv, os.ReadFile)
	if err != nil {
		return settings, nil, err
	}
	lock, err := sqlitedb.LockDir(settings.DataDir)
	if err != nil {
		return settings, nil, fmt.Errorf("lock %s: %w", settings.DataDir, err)
	}
	return settings, lock, nil
}

// openFiles takes the lock and opens portal.db, the index and the trail. Close undoes it.
func openFiles(ctx context.Context, c config.Config, log *slog.Logger) (*files, error) {
	f := &files{}
	var err error
	if f.lock, err = sqlitedb.LockDir(c.DataDir); err != nil {
		return nil, fmt.Errorf("lock %s: %w", c.DataDir, err)
	}
	if err = f.open(ctx, c, log); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *files) open(ctx context.Context, c config.Config, log *slog.Logger) (err error) {
	if f.trail, err = openTrail(ctx, c, log); err != nil {
		return err
	}
	f.portal, err = sqlitedb.Open(ctx, sqlitedb.Options{Path: filepath.Join(c.DataDir, "portal.db"), Create: true, KeepLog: true,
		Migrations: sqlitedb.Migrations("portal"), Fault: func(err error) { log.Warn("a checkpoint failed", "error", err) }})
	if err != nil {
		return fmt.Errorf("open portal.db: %w", err)
	}
	if f.store, err = store.OpenLogged(ctx, f.portal, c.DataDir, now, log); err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	return nil
}

func openTrail(ctx context.Context, c config.Config, log *slog.Logger) (*audit.Trail, error) {
	trail, err := audit.Open(ctx, audit.Options{Path: filepath.Join(c.DataDir, "audit.db"), KeyFile: c.Audit.KeyFile,
		AnchorFile: c.Audit.Anchor, Build: buildID(), Now: now, Log: log.Info})
	if err != nil {
		return nil, fmt.Errorf("open the trail (portal audit init makes one): %w", err)
	}
	return trail, nil
}

// Close flushes and closes everything, the trail last, so that its stop is the last record.
func (f *files) Close() error {
	var errs []error
	if f.store != nil {
		errs = append(errs, f.store.Close())
	}
	if f.portal != nil {
		errs = append(errs, f.portal.Close())
	}
	if f.trail != nil {
		errs = append(errs, f.trail.Close(context.Background()))
	}
	return errors.Join(append(errs, f.lock.Release())...)
}

// portal is the wired program: data files, sign-in, synchronisation, routes.
type portal struct {
	*files
	config  config.Config
	log     *slog.Logger
	sync    *sync.Runner
	assure  *assure.Client
	handler *handlers.Server
	tracer  *tracing.Tracer // nil: none
}

// newPortal wires the parts. syncEvery is the pause between listings.
func newPortal(ctx context.Context, c config.Config, log *slog.Logger, demo bool, syncEvery time.Duration) (*portal, error) {
	f, err := openFiles(ctx, c, log)
	if err != nil {
		return nil, err
	}
	p := &portal{files: f, config: c, log: log}
	if err := p.wire(demo, syncEvery); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

func (p *portal) wire(demo bool, syncEvery time.Duration) (err error) {
	if p.config.Traces != "" {
		if p.tracer, err = tracing.New(context.Background(), p.config.Traces, buildID(), p.log); err != nil {
			return err
		}
	}
	if p.assure, err = newAssureClient(p.config); err != nil {
		return err
	}
	p.sync = sync.New(sync.Options{Client: p.assure, Store: p.store, Trail: p.trail, Now: now, Log: p.log, Tracer: p.tracer, Every: syncEvery,
		KeepImages: p.config.KeepImages, KeepArchives: p.config.KeepArchives})
	signIn, err := p.newAuth()
	if err != nil {
		return err
	}
	p.handler, err = handlers.New(handlers.Options{Store: p.store, Trail: p.trail, Auth: signIn, Sync: p.sync, Assure: p.assure, Now: now, Log: p.log, Tracer: p.tracer,
		BaseURL: p.config.BaseURL, Demo: demo, Build: buildID(), TrustedProxies: p.config.Proxies, KeepImages: p.config.KeepImages,
		MaxOpens: p.config.MaxOpens, EventsSecret: p.config.Events.Secret, EventsHeader: p.config.Events.Header,
		Disk: freeSpace(p.config.DataDir), Settings: settings(p.config)})
	return err
}

func newAssureClient(c config.Config) (*assure.Client, error) {
	return assure.NewClient(assure.Options{BaseURL: c.Assure.URL, TokenURL: c.Assure.TokenURL, ClientID: c.Assure.ClientID, ClientSecret: c.Assure.ClientSecret, Now: now, Wrap: tracing.Transport})
}

func (p *portal) newAuth() (*auth.Service, error) {
	c := p.config
	roles := map[string]auth.Role{}
	for group, role := range c.RoleMap {
		roles[group] = auth.Role(role)
	}
	return auth.New(auth.Options{DB: p.portal(), Trail: p.trail, Issuer: c.OIDC.Issuer, ClientID: c.OIDC.ClientID, ClientSecret: c.OIDC.ClientSecret,
		BaseURL: c.BaseURL, RoleClaim: c.OIDC.RoleClaim, RoleMap: roles, Idle: c.SessionIdle, Max: c.SessionMax, Purposes: c.Purposes,
		RevealACR: c.RevealACR, RevealMaxAge: c.RevealMaxAge, Now: now})
}

func (p *portal) portal() *sqlitedb.DB { return p.files.portal }

// settings are the non-secret parts of the configuration that the admin page shows.
func settings(c config.Config) [][2]string {
	images, archives := "no: images are gone when Assure deletes them", "no"
	if c.KeepImages {
		images = "yes"
	}
	if c.KeepArchives {
		archives = "yes"
	}
	return [][2]string{{"PORTAL_BASE_URL", c.BaseURL}, {"PORTAL_OIDC_ISSUER", c.OIDC.Issuer}, {"PORTAL_OIDC_ROLE_CLAIM", c.OIDC.RoleClaim},
		{"PORTAL_ASSURE_URL", c.Assure.URL}, {"PORTAL_SESSION_IDLE", config.Duration(c.SessionIdle)}, {"PORTAL_SESSION_MAX", config.Duration(c.SessionMax)},
		{"PORTAL_REVEAL_ACR", orNone(c.RevealACR)}, {"PORTAL_REVEAL_MAX_AGE", ageOrNone(c.RevealMaxAge)},
		{"PORTAL_MAX_OPENS_PER_MINUTE", strconv.Itoa(c.MaxOpens)}, {"PORTAL_KEEP_IMAGES", images}, {"PORTAL_KEEP_ARCHIVES", archives},
		{"PORTAL_AUDIT_TERM_MONTHS", strconv.Itoa(c.Audit.TermMonths)}}
}

func orNone(value string) string { return cmp.Or(value, "none") }

func ageOrNone(age time.Duration) string {
	if age == 0 {
		return "none"
	}
	return config.Duration(age)
}

// Close ends what the portal still asks upstream, then flushes and closes the files.
func (p *portal) Close() error {
	p.assure.Close()
	ctx, cancel := context.WithTimeout(context.Background(), tracesTimeout)
	defer cancel()
	if err := p.tracer.Close(ctx); err != nil {
		p.log.Warn("the last spans did not reach the collector") // no reason to end badly
	}
	return p.files.Close()
}

// serve answers on the listener and works beside it until ctx ends or either fails, then finishes what is in flight.
func (p *portal) serve(ctx context.Context, listener net.Listener, work func(context.Context) error) error {
	metrics, err := p.listenForMetrics()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	g, ctx := errgroup.WithContext(ctx)
	server := startBackground(listener, p.newServer(p.handler, p.handler.TrackConnection))
	g.Go(func() error { return server.wait(ctx) })
	if metrics != nil {
		server := startBackground(metrics, p.newServer(p.handler.MetricsHandler(), nil))
		g.Go(func() error { return server.wait(ctx) })
	}
	g.Go(func() error { p.trail.KeepTerms(ctx, p.config.Audit.TermMonths); return nil })
	g.Go(func() error { return work(ctx) })
	return g.Wait()
}

// listenForMetrics is nil where no address for metrics is configured.
func (p *portal) listenForMetrics() (net.Listener, error) {
	if p.config.Metrics == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", p.config.Metrics)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics on %s: %w", p.config.Metrics, err)
	}
	return listener, nil
}

// newServer answers OPTIONS * by its handler as well: net/http's own answer would lack our headers.
func newServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, DisableGeneralOptionsHandler: true, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes}
}

// newServer has the bounds of every server and logs as the portal does; watch, if there is one, is told of each connection.
func (p *portal) newServer(h http.Handler, watch func(net.Conn, http.ConnState)) *http.Server {
	server := newServer(h)
	server.ConnState, server.ErrorLog = watch, slog.NewLogLogger(p.log.Handler(), slog.LevelWarn)
	return server
}

func shutdown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	return server.Shutdown(ctx)
}
