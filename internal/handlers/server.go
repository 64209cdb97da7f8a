// Package handlers is the portal's HTTP surface: every route with its permission beside it, each handler parsing,
// calling and rendering, one adapter that writes every failure, one function that maps an error to a status.
// It holds no SQL and no rules about evidence, and no page with personal data leaves it without a receipt.
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/sync"
	"github.com/assure-portal/portal/internal/tracing"
)

// Options is all that the routes need. Sync, Assure may be nil: then nothing is fetched and pages say so.
type Options struct {
	Store          *store.Store
	Trail          *audit.Trail
	Auth           *auth.Service
	Sync           *sync.Runner
	Assure         *assure.Client
	Now            func() time.Time
	Log            *slog.Logger
	Tracer         *tracing.Tracer // nil: no spans
	BaseURL        string          // as the browser sees the portal, without a trailing slash
	Demo           bool            // every page says that the data is invented
	Build          string
	TrustedProxies []netip.Prefix
	KeepImages     bool
	MaxOpens       int                             // different processes that a person may open in a minute; 0: 120
	EventsSecret   string                          // of the webhook; empty: /events is not there
	EventsHeader   string                          // request header of the webhook's signature
	Disk           func() (free uint64, err error) // bytes that the data directory's disk has left; nil: not shown
	Settings       [][2]string                     // what the admin page shows of the configuration, no secrets
}

// Server answers the portal's routes. Safe for concurrent use.
type Server struct {
	Options
	append      func(context.Context, audit.Event) (audit.Receipt, error) // the trail's Append
	echo        *echo.Echo
	cookies     cookieNames
	metrics     *metrics
	origin      string // of the portal as browsers name it
	origins     *http.CrossOriginProtection
	limits      *limiters // by address
	crowd       crowd
	connections *connections
	opens       *opens
	running     *running
	alerts      alerts
	blocked     blocked // content that browsers reported
	told        told    // events that came
}

// New builds the HTTP handler of the portal. The error is a base URL that cannot be used.
func New(o Options) (*Server, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("base URL %q is not an absolute URL", o.BaseURL)
	}
	s := &Server{Options: o, cookies: cookiesFor(base), origin: base.Scheme + "://" + base.Host, origins: http.NewCrossOriginProtection(), append: o.Trail.Append}
	// A proxy may have changed the Host that the origin is otherwise compared with.
	if err := s.origins.AddTrustedOrigin(s.origin); err != nil {
		return nil, fmt.Errorf("base URL %q: %w", o.BaseURL, err)
	}
	s.limits, s.opens, s.crowd.shares = newLimiters(o.Now), newOpens(o.Now, o.MaxOpens), map[string]int{}
	s.running = newRunning()
	s.connections = newConnections(maxConnections, maxOfAddress, o.TrustedProxies)
	s.metrics = s.newMetrics()
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(slogWriter{o.Log})
	e.IPExtractor = clientAddress(o.TrustedProxies)
	e.HTTPErrorHandler = s.routerError
	e.Pre(s.headers, s.requestID, semicolons, s.measure)
	e.Use(s.limitCrowd, s.requestRules)
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.adapt(r))
	}
	s.echo = e
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// clientAddress takes the peer's address, or the first untrusted one of X-Forwarded-For when the peer is a configured proxy.
func clientAddress(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		trust = append(trust, echo.TrustIPRange(prefixNet(p)))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// slogWriter sends what echo itself logs to the program's log.
type slogWriter struct{ log *slog.Logger }

func (w slogWriter) Write(p []byte) (int, error) {
	w.log.Warn("echo", "text", string(p))
	return len(p), nil
}
