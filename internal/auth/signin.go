package auth

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Bounds of started sign-ins.
const (
	loginAge    = 10 * time.Minute // time to type a password and find the second factor
	maxLogins   = 10_000           // anybody can start one; that must not fill the disk
	maxReturnTo = 2000             // characters
	maxSubject  = 255              // OpenID Connect Core 1.0 section 2
)

// aim is what a started sign-in is for.
type aim string

const (
	newSession aim = ""
	roleCheck  aim = "role-check" // of a session, without asking the person anything
	stepUp     aim = "step-up"    // of a session, by the method that revealing needs
)

// login is a started sign-in, as its row has it.
type login struct {
	state, nonce, verifier, returnTo string
	aim                              aim
	session                          string // pseudonym of the session that a check or step-up is about, or that a new one replaces
}

// Begin makes a single-use login row (10 minutes) and the provider's address. loginToken goes into a short-lived cookie.
// returnTo is a path of this portal, or "/". Errors: apperr.Upstream while the provider cannot be reached, apperr.Busy.
func (s *Service) Begin(ctx context.Context, returnTo string) (redirectTo, loginToken string, err error) {
	return s.begin(ctx, login{returnTo: returnTo})
}

// BeginAgain is Begin for somebody who has a session: the new one takes its place.
func (s *Service) BeginAgain(ctx context.Context, sess Session, returnTo string) (redirectTo, loginToken string, err error) {
	return s.begin(ctx, login{returnTo: returnTo, session: sess.ID})
}

func (s *Service) begin(ctx context.Context, l login, options ...oauth2.AuthCodeOption) (redirectTo, loginToken string, err error) {
	p, err := s.provider(ctx)
	if err != nil {
		return "", "", err
	}
	l.state, l.nonce, l.verifier, l.returnTo = newToken(), newToken(), oauth2.GenerateVerifier(), safeReturn(l.returnTo)
	loginToken = newToken()
	if err := s.saveLogin(ctx, loginToken, l); err != nil {
		return "", "", err
	}
	options = append(options, oauth2.S256ChallengeOption(l.verifier), oidc.Nonce(l.nonce))
	return p.oauth.AuthCodeURL(l.state, options...), loginToken, nil
}

func (s *Service) saveLogin(ctx context.Context, token string, l login) error {
	now := s.o.Now()
	return s.o.DB.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM login WHERE expires_at <= ?`, sqlitedb.Millis(now)); err != nil {
			return unsaved("forget old sign-ins", err)
		}
		saved, err := tx.ExecContext(ctx, `INSERT INTO login (token_hash, state, nonce, verifier, return_to, aim, session_id, expires_at)
			SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM login) < ?`,
			hashOf(token), l.state, l.nonce, l.verifier, l.returnTo, l.aim, l.session, sqlitedb.Millis(now.Add(loginAge)), maxLogins)
		if err != nil {
			return unsaved("save the sign-in", err)
		}
		if n, err := saved.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return apperr.New(apperr.Busy, "Too many people are signing in at once.", "Try again in a few minutes.")
	})
}

// takeLogin deletes the row before anything of the answer is looked at: whatever comes of it, it serves once.
func (s *Service) takeLogin(ctx context.Context, token string) (login, error) {
	var l login
	var expires int64
	err := s.o.DB.Writer.QueryRowContext(ctx, `DELETE FROM login WHERE token_hash = ?
			RETURNING state, nonce, verifier, return_to, aim, session_id, expires_at`,
		hashOf(token)).Scan(&l.state, &l.nonce, &l.verifier, &l.returnTo, &l.aim, &l.session, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return login{}, staleLogin(errors.New("no such login"))
	}
	if err != nil {
		return login{}, fmt.Errorf("take the sign-in: %w", err)
	}
	if !s.o.Now().Before(sqlitedb.Instant(expires)) {
		return login{}, staleLogin(errors.New("login expired"))
	}
	return l, nil
}

// safeReturn keeps a path of this portal. Browsers read "//host" and "/\host" as another host and drop tabs and line
// ends, and a path of sign-in itself would go round in circles.
func safeReturn(path string) string {
	control := func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' }
	u, err := url.Parse(path)
	switch {
	case err != nil, u.Scheme != "", u.Host != "", len(path) > maxReturnTo:
	case !strings.HasPrefix(path, "/"), strings.HasPrefix(path, "//"), strings.ContainsFunc(path, control):
	case strings.HasPrefix(u.Path, "/auth/"):
	default:
		return path
	}
	return "/"
}

// SignIn is the end of a good callback.
type SignIn struct {
	Session  Session
	Token    string // for the session cookie; empty: the browser keeps the one it has
	ReturnTo string

	// Provider is set in place of Session when the person must sign in there: Token is then that sign-in's login token.
	Provider string
}

// Callback checks the provider's answer, records sign-in or sign-in.refused, and makes or renews the session after the
// record. An answer that proves nobody's identity leaves no record.
// Errors: apperr.BadRequest (state, nonce, single use), apperr.Forbidden (no role at all, another person, a sign-in too
// weak), apperr.TrailClosed, apperr.Upstream.
func (s *Service) Callback(ctx context.Context, query url.Values, loginToken string, r Request) (SignIn, error) {
	l, err := s.takeLogin(ctx, loginToken)
	if err != nil {
		return SignIn{}, err
	}
	p, err := s.provider(ctx)
	if err != nil {
		return SignIn{}, err
	}
	code, err := s.checkAnswer(query, l, p)
	if errors.Is(err, errAskPerson) {
		return s.askPerson(ctx, l, r)
	}
	if err != nil {
		return SignIn{}, err
	}
	who, err := s.identify(s.context(ctx), p, code, l)
	if err != nil {
		return SignIn{}, err
	}
	if l.aim != newSession {
		return s.settle(ctx, who, l, r)
	}
	roles := s.rolesOf(who)
	if len(roles) == 0 {
		return SignIn{}, s.refuse(ctx, who, r)
	}
	if err := s.replace(ctx, l.session, r); err != nil {
		return SignIn{}, err
	}
	return s.admit(ctx, who, roles, l.returnTo, r)
}

// checkAnswer looks at the redirect's parameters and gives the code. Each may stand there once.
func (s *Service) checkAnswer(query url.Values, l login, p *provider) (code string, err error) {
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(query[name]) > 1 {
			return "", staleLogin(fmt.Errorf("the answer has several %s", name))
		}
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.state)) != 1 {
		return "", staleLogin(errors.New("the state is another"))
	}
	// RFC 9207: an answer of another provider must not be taken to this one's token endpoint.
	if issuer, named := query["iss"]; named && issuer[0] != s.o.Issuer || !named && p.namesItself {
		return "", refusedToken(errors.New("the answer's iss parameter is not our issuer"))
	}
	if l.aim == roleCheck && slices.Contains(askPersonCodes, query.Get("error")) {
		return "", errAskPerson
	}
	if query.Has("error") {
		return "", apperr.Wrap(apperr.BadRequest, fmt.Errorf("the provider answered error %.40q", query.Get("error")),
			"The identity provider did not sign you in.", "Sign in again. If it happens again, ask whoever manages its accounts.")
	}
	if query.Get("code") == "" {
		return "", staleLogin(errors.New("the answer has no code"))
	}
	return query.Get("code"), nil
}

// identify exchanges the code and proves who came.
func (s *Service) identify(ctx context.Context, p *provider, code string, l login) (identity, error) {
	token, err := p.oauth.Exchange(ctx, code, oauth2.VerifierOption(l.verifier))
	if err != nil {
		return identity{}, tokenFault(err)
	}
	raw, _ := token.Extra("id_token").(string)
	verifier, fault := p.verifier(s.o.Issuer)
	idToken, err := verifier.Verify(ctx, raw)
	if err != nil {
		return identity{}, fault(err)
	}
	who, err := s.checkIDToken(idToken, l.nonce, token.AccessToken)
	if err != nil {
		return identity{}, refusedToken(err)
	}
	return s.complete(ctx, p, who, token)
}

// checkIDToken does what go-oidc leaves to its callers.
func (s *Service) checkIDToken(t *oidc.IDToken, nonce, accessToken string) (identity, error) {
	who := identity{issuer: t.Issuer, subject: t.Subject}
	if err := t.Claims(&who.claims); err != nil {
		return identity{}, fmt.Errorf("claims: %w", err)
	}
	azp, named := who.claims["azp"]
	switch {
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1:
		return identity{}, errors.New("the nonce is another")
	case t.Issuer != s.o.Issuer:
		return identity{}, errors.New("the issuer is another")
	case named && azp != s.o.ClientID:
		return identity{}, errors.New("the token was made for another client (azp)")
	case !named && len(t.Audience) > 1:
		return identity{}, errors.New("several audiences and no azp")
	case t.IssuedAt.After(s.o.Now().Add(clockSkew)):
		return identity{}, errors.New("issued in the future")
	case t.Subject == "" || len(t.Subject) > maxSubject || clean(t.Subject, maxSubject) != t.Subject:
		return identity{}, errors.New("the subject is empty, too long or not printable")
	}
	if t.AccessTokenHash != "" {
		if err := t.VerifyAccessToken(accessToken); err != nil {
			return identity{}, errors.New("the access token is not the one of at_hash")
		}
	}
	return who, nil
}

// complete asks the userinfo endpoint where the ID token leaves roles or name open.
func (s *Service) complete(ctx context.Context, p *provider, who identity, token *oauth2.Token) (identity, error) {
	_, hasRoles := find(who.claims, s.o.RoleClaim)
	if hasRoles && who.text("name") != "" || p.oidc.UserInfoEndpoint() == "" {
		return who, nil
	}
	info, err := p.oidc.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		if hasRoles {
			return who, nil // a name is a nicety
		}
		return identity{}, unreachable(fmt.Errorf("userinfo: %w", withoutBody(err)))
	}
	var claims map[string]any
	if err := info.Claims(&claims); err != nil || info.Subject != who.subject {
		return identity{}, refusedToken(errors.New("the userinfo answer is about somebody else or cannot be read"))
	}
	// what is signed wins
	maps.Copy(claims, who.claims)
	who.claims = claims
	return who, nil
}

// refuse records that somebody known to the provider has no role here.
func (s *Service) refuse(ctx context.Context, who identity, r Request) error {
	_, err := s.record(ctx, audit.Event{Action: audit.SignInRefused, Outcome: audit.Refused, RequestID: r.RequestID,
		Actor: audit.Actor{Issuer: who.issuer, Subject: who.subject, Name: who.name(), Address: r.Address},
		Facts: map[string]string{"because": "no-role", "groups": strconv.Itoa(len(groupsOf(who.claims, s.o.RoleClaim)))}})
	if err != nil {
		return fmt.Errorf("record the refused sign-in: %w", err)
	}
	return apperr.New(apperr.Forbidden, "You are known, but you have no role in this portal.",
		"Ask whoever manages groups in your identity provider for the group of a reviewer, auditor, inspector or admin.")
}

// replace ends the session whose place a new sign-in in the same browser takes: nobody would see its token live on.
func (s *Service) replace(ctx context.Context, id string, r Request) error {
	if id == "" {
		return nil
	}
	sess, live, err := s.named(ctx, id)
	if err != nil || !live {
		return err
	}
	return s.endItself(ctx, sess, "signed-in-again", r)
}

// admit records the sign-in and then makes the session: no record, no session.
func (s *Service) admit(ctx context.Context, who identity, roles []Role, returnTo string, r Request) (SignIn, error) {
	now := s.o.Now().UTC()
	sess := Session{ID: newPseudonym(), Issuer: who.issuer, Subject: who.subject, Name: who.name(), Roles: roles,
		Purpose: s.o.Purposes[0], CreatedAt: now, SeenAt: now, CheckedAt: now, ExpiresAt: now.Add(s.o.Max),
		ACR: clean(who.text("acr"), maxSubject), AuthTime: who.authTime(), Address: r.Address}
	e := sess.event(audit.SignIn, r)
	e.Facts = map[string]string{"roles": joined(roles)}
	if sess.ACR != "" {
		e.Facts["acr"] = sess.ACR
	}
	if _, err := s.record(ctx, e); err != nil {
		return SignIn{}, fmt.Errorf("record the sign-in: %w", err)
	}
	token := newToken()
	if err := s.saveSession(ctx, sess, token, clean(who.text("sid"), maxSubject)); err != nil {
		return SignIn{}, errors.Join(err, s.recordFailure(ctx, sess, r))
	}
	return SignIn{Session: sess, Token: token, ReturnTo: returnTo}, nil
}

// recordFailure takes back a sign-in that was recorded and came to nothing.
func (s *Service) recordFailure(ctx context.Context, sess Session, r Request) error {
	e := sess.event(audit.SessionEnded, r)
	e.Outcome, e.Facts = audit.Failed, map[string]string{"session": sess.ID, "because": "not-saved"}
	_, err := s.record(context.WithoutCancel(ctx), e)
	return err
}

func staleLogin(cause error) error {
	return apperr.Wrap(apperr.BadRequest, cause, "This sign-in has ended, was used before, or was started in another browser.",
		"Sign in again; a started sign-in is good for ten minutes.")
}

// withoutBody drops what go-oidc quotes of an answer: it may be about a person.
func withoutBody(err error) error {
	text := brief(err).Error()
	status, _, _ := strings.Cut(text, ": ")
	return errors.New(status)
}
