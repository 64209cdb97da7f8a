package handlers

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// contentSecurityPolicy allows our own files alone. Oat draws four glyphs as data: images. The Trusted Types policy
// "default" is the one in app.js that htmx needs; it accepts markup for swapping and refuses script.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types default; report-uri /csp-report; report-to csp"

// headers sets the same protective headers on every answer, errors and redirects included.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Reporting-Endpoints", `csp="/csp-report"`)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
		h.Set("Vary", "HX-Request, Cookie")
		if s.cookies.secure {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		h.Set("Cache-Control", "no-store") // static files set their own
		return next(c)
	}
}

// semicolons lets a semicolon in a query stand for itself, as the URL Standard has it and as `delimiter=;` is documented;
// Go's parser would drop the pair that holds one.
func semicolons(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		u.RawQuery = strings.ReplaceAll(u.RawQuery, ";", "%3B")
		return next(c)
	}
}

func (s *Server) requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var b [12]byte
		rand.Read(b[:])
		id := hex.EncodeToString(b[:])
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		c.SetRequest(c.Request().WithContext(audit.ForRequest(c.Request().Context(), id)))
		return next(c)
	}
}

// machines are the paths to which machines and browsers post by themselves, without a form of ours: each bounds and checks
// its own body.
var machines = map[string]bool{"/events": true, "/auth/backchannel-logout": true, "/csp-report": true}

// requestRules refuses unsafe requests from another origin or of unknown origin, and pages fetched ahead of a click:
// every page view is a record, so a page must not be opened by guesswork.
func (s *Server) requestRules(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if isPrefetch(r) {
			return c.NoContent(http.StatusServiceUnavailable)
		}
		if _, known := c.Get(echo.ContextKeyHeaderAllow).(string); known && r.Method == http.MethodOptions {
			return echo.MethodNotAllowedHandler(c) // echo would answer it by itself
		}
		if machines[r.URL.Path] || isSafe(r.Method) {
			return next(c)
		}
		if s.origins.Check(r) != nil || !s.knownOrigin(r) {
			return apperr.New(apperr.Forbidden, "This request did not come from the portal's own pages, so nothing was done.",
				"Open the portal and use the form there.")
		}
		return next(c)
	}
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// knownOrigin is stricter than the standard rule, which lets a request pass that tells nothing of where it comes from: it
// wants either the browser's word for same-origin or our own Origin (contract, routes).
func (s *Server) knownOrigin(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return true
	}
	origin := r.Header.Get("Origin")
	return origin != "" && origin == s.origin
}

func isPrefetch(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch")
}

// errForeignNavigation marks a data page that another site opened in the reader's browser.
var errForeignNavigation = errors.New("navigation from another site")

// foreignNavigation reports a request that another site caused. Such a page view would be recorded as the reader's own.
func foreignNavigation(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return isSafe(r.Method) && (site == "cross-site" || site == "same-site")
}

// askToGoOn shows a page with a link in place of the data: the reader decides whether to open it.
func (s *Server) askToGoOn(q *request) error {
	here := q.Request().URL.RequestURI()
	return q.render(http.StatusOK, templates.Error(templates.ErrorPage{
		Page: s.page(q, "Opened from another site"), Status: http.StatusOK, Heading: "Opened from another site",
		What: "A link on another site leads to this page. Opening it is recorded under your name.",
		Hint: "Go on only if you meant to.", Back: &templates.Link{Label: "Open the page", Href: here},
	}))
}

// cookieNames differ with the scheme: __Host- needs https, and ports of one host share cookies.
type cookieNames struct {
	session, login, columns string
	secure                  bool
}

func cookiesFor(base *url.URL) cookieNames {
	if base.Scheme == "https" {
		return cookieNames{session: "__Host-portal", login: "__Host-portal-login", columns: "__Host-portal-columns", secure: true}
	}
	return cookieNames{session: "portal_session", login: "portal_login", columns: "portal_columns"}
}

// cookie makes one of the portal's cookies; maxAge in seconds, negative to expire it.
func (s *Server) cookie(name, value string, maxAge int, site http.SameSite) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.cookies.secure, SameSite: site}
}

func prefixNet(p netip.Prefix) *net.IPNet {
	bits := 128
	if p.Addr().Is4() {
		bits = 32
	}
	return &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), bits)}
}
