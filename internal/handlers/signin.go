package handlers

import (
	"net/http"

	"github.com/assure-portal/portal/web/templates"
)

// loginCookieAge is the life of a started sign-in in seconds, the same ten minutes as its row.
const loginCookieAge = 600

// login starts a sign-in at the identity provider, or, after a sign-out, only offers to. Another site that sends a reader
// here would choose the page on which a sign-in without a question ends, so it asks first, as data pages do.
func (s *Server) login(q *request) error {
	if q.QueryParam("signed-out") != "" {
		return s.signedOut(q)
	}
	if foreignNavigation(q.Request()) {
		return errForeignNavigation
	}
	if s.authenticate(q) == nil {
		return s.signInAgain(q, q.QueryParam("for"))
	}
	redirect, token, err := s.Auth.Begin(q.ctx(), q.QueryParam("return"))
	if err != nil {
		return err
	}
	return s.toProvider(q, redirect, token)
}

// toProvider sends the browser to the identity provider with the cookie that its answer will be checked by.
func (s *Server) toProvider(q *request, address, loginToken string) error {
	q.SetCookie(s.cookie(s.cookies.login, loginToken, loginCookieAge, http.SameSiteLaxMode))
	return q.Redirect(http.StatusFound, address)
}

// signedOut offers a sign-in and starts none.
func (s *Server) signedOut(q *request) error {
	return q.render(http.StatusOK, templates.SignIn(templates.SignInPage{Page: s.page(q, "Signed out"),
		Href: "/auth/login", Notice: "You are signed out of the portal."}))
}

// callback ends a sign-in. It answers with a page that goes on by itself: a strict cookie is not sent along a redirect
// that began at the identity provider.
func (s *Server) callback(q *request) error {
	var loginToken string
	if cookie, err := q.Cookie(s.cookies.login); err == nil {
		loginToken = cookie.Value
	}
	signIn, err := s.Auth.Callback(q.ctx(), q.QueryParams(), loginToken, q.authRequest())
	q.SetCookie(s.cookie(s.cookies.login, "", -1, http.SameSiteLaxMode))
	if err != nil {
		return err
	}
	if signIn.Provider != "" {
		return s.toProvider(q, signIn.Provider, signIn.Token)
	}
	if signIn.Token != "" {
		q.SetCookie(s.cookie(s.cookies.session, signIn.Token, 0, http.SameSiteStrictMode))
	}
	return q.render(http.StatusOK, templates.GoOn(templates.GoOnPage{Page: s.page(q, "Signed in"),
		Heading: "Signed in", What: "The portal opens by itself.", Href: signIn.ReturnTo, LinkLabel: "Open the portal"}))
}

func (s *Server) logout(q *request) error {
	q.SetCookie(s.cookie(s.cookies.session, "", -1, http.SameSiteStrictMode)) // whatever else fails, this browser is out
	q.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	q.recorded = true // sign-out leaves its own record
	signOut := s.Auth.SignOut
	if q.post("everywhere") == "yes" {
		signOut = s.Auth.SignOutEverywhere
	}
	next, err := signOut(q.ctx(), q.session, q.authRequest())
	if err != nil {
		return err
	}
	if next == "" {
		next = "/auth/login?signed-out=1"
	}
	q.session.Roles = nil
	return q.render(http.StatusOK, templates.GoOn(templates.GoOnPage{Page: s.anonymousPage(q, "Signed out"),
		Heading: "Signed out", What: "You are signed out of the portal. Your identity provider is told next.", Href: next, LinkLabel: "Go on"}))
}

// backchannelLogout lets the identity provider end sessions; the logout token proves who asks.
func (s *Server) backchannelLogout(q *request) error {
	if err := q.readForm(); err != nil {
		return err
	}
	if err := s.Auth.BackchannelLogout(q.ctx(), q.post("logout_token")); err != nil {
		return err
	}
	return q.NoContent(http.StatusOK)
}
