package demo

import (
	"bytes"
	_ "embed" // the page and its style
	"fmt"
	"html/template"
	"net/http"
	"net/url"
)

const (
	signInPath = "/sign-in"
	stylePath  = "/sign-in.css"
	// callbackPath is where the library makes the code; AuthCallbackURL of the library says so.
	callbackPath   = "/authorize/callback"
	endSessionPath = "/end_session"
	// maxForm is far above the two short fields of the form, in bytes.
	maxForm = 4 << 10
)

//go:embed signin.html
var signInHTML string

//go:embed signin.css
var signInCSS []byte

// signInPage is the page on which a person says who to be.
type signInPage struct {
	store *providerStore
	page  *template.Template
	csp   string
	home  string // the portal's base URL
}

// signInView is what the page shows.
type signInView struct {
	Request  string // id of the sign-in request; empty: there is none to go on with
	Username string
	Mistake  string
	Users    []User
	Portal   string // where to begin
}

func newSignIn(store *providerStore, o ProviderOptions) (*signInPage, error) {
	page, err := template.New("sign-in").Parse(signInHTML)
	if err != nil {
		return nil, fmt.Errorf("parse sign-in page: %w", err)
	}
	portal, err := url.Parse(o.RedirectURI)
	if err != nil {
		return nil, fmt.Errorf("redirect URI: %w", err)
	}
	// Browsers hold the redirects after a form to form-action as well, so the portal's origin stands there too.
	csp := "default-src 'none'; style-src 'self'; form-action 'self' " + portal.Scheme + "://" + portal.Host +
		"; frame-ancestors 'none'; base-uri 'none'"
	return &signInPage{store: store, page: page, csp: csp, home: o.AfterLogout}, nil
}

func (p *signInPage) register(mux *http.ServeMux) {
	// Another site must not sign a person in as somebody else.
	guard := http.NewCrossOriginProtection()
	mux.HandleFunc("GET "+signInPath, p.show)
	mux.Handle("POST "+signInPath, guard.Handler(http.HandlerFunc(p.submit)))
	mux.HandleFunc("GET "+stylePath, p.style)
	mux.HandleFunc("GET /{$}", p.start)
}

// start is for somebody who opened the provider's own address.
func (p *signInPage) start(w http.ResponseWriter, _ *http.Request) {
	p.render(w, http.StatusOK, signInView{})
}

func (p *signInPage) show(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if p.store.silent(id) {
		http.Redirect(w, r, callbackPath+"?id="+url.QueryEscape(id), http.StatusSeeOther)
		return
	}
	if !p.store.waits(id) {
		p.render(w, http.StatusBadRequest, signInView{Mistake: "This sign-in has ended or was never begun."})
		return
	}
	p.render(w, http.StatusOK, signInView{Request: id, Username: r.URL.Query().Get("username")})
}

func (p *signInPage) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.render(w, http.StatusBadRequest, signInView{Mistake: "The form could not be read."})
		return
	}
	id, name := r.PostForm.Get("id"), r.PostForm.Get("username")
	u, known := userByName(name)
	switch {
	case !p.store.waits(id):
		p.render(w, http.StatusBadRequest, signInView{Mistake: "This sign-in has ended."})
	case !known:
		p.render(w, http.StatusUnprocessableEntity, signInView{Request: id, Username: name, Mistake: "Nobody in this demo has that name. Use one of the names below."})
	case !p.store.signIn(id, u):
		p.render(w, http.StatusBadRequest, signInView{Mistake: "This sign-in has ended."})
	default:
		http.SetCookie(w, p.store.remember(u))
		http.Redirect(w, r, callbackPath+"?id="+url.QueryEscape(id), http.StatusSeeOther)
	}
}

// render writes the page whole or not at all.
func (p *signInPage) render(w http.ResponseWriter, status int, view signInView) {
	view.Users, view.Portal = Users(), p.home
	var body bytes.Buffer
	if err := p.page.Execute(&body, view); err != nil {
		http.Error(w, "the sign-in page could not be made", http.StatusInternalServerError)
		return
	}
	p.headers(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader may have left
}

func (p *signInPage) style(w http.ResponseWriter, _ *http.Request) {
	p.headers(w)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(signInCSS) // the reader may have left
}

func (p *signInPage) headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // the address holds the request's id; a stricter one would make Origin null
	h.Set("Cache-Control", "no-store")
}
