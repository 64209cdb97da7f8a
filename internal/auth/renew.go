package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Roles are asked for again every half hour. A page is sent through the provider a little before, so that a form rarely
// meets the end of the time.
const (
	checkPagesFrom = 25 * time.Minute
	checkAllFrom   = 30 * time.Minute
)

// askPersonCodes are the answers to prompt=none that mean: the person has to do something (OpenID Connect Core 1.0 section
// 3.1.2.6).
var askPersonCodes = []string{"login_required", "interaction_required", "consent_required", "account_selection_required"}

// errAskPerson marks a check that the provider cannot answer without the person.
var errAskPerson = errors.New("the provider must ask the person")

// CheckDue reports whether a session's roles must be confirmed before anything else is done with it.
func (s *Service) CheckDue(sess Session) bool { return s.unconfirmed(sess, checkAllFrom) }

// CheckSoon reports whether the next page is a good moment to confirm the session's roles; true whenever CheckDue is.
func (s *Service) CheckSoon(sess Session) bool { return s.unconfirmed(sess, checkPagesFrom) }

// unconfirmed takes a clock that went back for a check that is due.
func (s *Service) unconfirmed(sess Session, from time.Duration) bool {
	age := s.o.Now().Sub(sess.CheckedAt)
	return age >= from || age < -clockSkew
}

// BeginCheck starts a sign-in that asks the person nothing: the provider says who is there and in which groups, or that it
// would have to ask. No token is kept for it. Errors as of Begin.
func (s *Service) BeginCheck(ctx context.Context, sess Session, returnTo string) (redirectTo, loginToken string, err error) {
	return s.begin(ctx, login{returnTo: returnTo, aim: roleCheck, session: sess.ID}, oauth2.SetAuthURLParam("prompt", "none"))
}

// Strong reports whether the session's sign-in is good enough for revealing, as configured.
func (s *Service) Strong(sess Session) bool {
	if s.o.RevealACR != "" && sess.ACR != s.o.RevealACR {
		return false
	}
	return s.o.RevealMaxAge == 0 || !sess.AuthTime.IsZero() && s.o.Now().Sub(sess.AuthTime) <= s.o.RevealMaxAge
}

// BeginStepUp starts a sign-in by the method that revealing needs. What comes back is checked: to ask for a class with
// acr_values is a wish that a provider may ignore (OpenID Connect Core 1.0 section 3.1.2.1). Errors as of Begin.
func (s *Service) BeginStepUp(ctx context.Context, sess Session, returnTo string) (redirectTo, loginToken string, err error) {
	options := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "login")}
	if s.o.RevealACR != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", s.o.RevealACR))
	}
	if s.o.RevealMaxAge > 0 { // it also makes the provider tell auth_time
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(s.o.RevealMaxAge.Seconds()))))
	}
	return s.begin(ctx, login{returnTo: returnTo, aim: stepUp, session: sess.ID}, options...)
}

// askPerson ends the session whose roles could not be confirmed and goes on with an ordinary sign-in.
func (s *Service) askPerson(ctx context.Context, l login, r Request) (SignIn, error) {
	sess, live, err := s.named(ctx, l.session)
	if err != nil {
		return SignIn{}, err
	}
	if live {
		if err := s.endItself(ctx, sess, "not-confirmed", r); err != nil {
			return SignIn{}, err
		}
	}
	address, token, err := s.Begin(ctx, l.returnTo)
	return SignIn{Provider: address, Token: token, ReturnTo: l.returnTo}, err
}

// named finds a session by its pseudonym, if it still holds.
func (s *Service) named(ctx context.Context, id string) (Session, bool, error) {
	found, err := s.query(ctx, `SELECT `+columns+` FROM session WHERE id = ? AND policy = ?`, id, s.policy)
	if err != nil || len(found) == 0 {
		return Session{}, false, err
	}
	return found[0], s.live(found[0], s.o.Now()), nil
}

// endItself ends a session for what the provider said of its person.
func (s *Service) endItself(ctx context.Context, sess Session, because string, r Request) error {
	e := sess.event(audit.SessionEnded, r)
	e.Facts = map[string]string{"session": sess.ID, "because": because}
	return s.end(ctx, sess, e)
}

// settle ends a check or a step-up of a session.
func (s *Service) settle(ctx context.Context, who identity, l login, r Request) (SignIn, error) {
	sess, live, err := s.named(ctx, l.session)
	if err != nil {
		return SignIn{}, err
	}
	if !live { // a person who signed out meanwhile must not be signed in again unasked
		return SignIn{}, staleLogin(errors.New("its session has ended"))
	}
	if sess.Issuer != who.issuer || sess.Subject != who.subject {
		return SignIn{}, s.endForAnother(ctx, sess, r)
	}
	roles := s.rolesOf(who)
	if len(roles) == 0 {
		return SignIn{}, errors.Join(s.endItself(ctx, sess, "no-role", r), s.refuse(ctx, who, r))
	}
	if l.aim == roleCheck {
		return s.confirm(ctx, sess, who, roles, l, r)
	}
	return s.strengthen(ctx, sess, who, roles, l, r)
}

// endForAnother ends the session of one person in whose browser the provider now knows another.
func (s *Service) endForAnother(ctx context.Context, sess Session, r Request) error {
	if err := s.endItself(ctx, sess, "another-person", r); err != nil {
		return err
	}
	return apperr.New(apperr.Forbidden, "Your identity provider now knows somebody else in this browser, so the session has ended.",
		"Sign in again as the person you are.")
}

// confirm takes over the roles that the provider names now. Unchanged ones leave no record: a sign-in in the trail means
// that a person signed in, or what they may do became another.
func (s *Service) confirm(ctx context.Context, sess Session, who identity, roles []Role, l login, r Request) (SignIn, error) {
	before := joined(sess.Roles)
	sess.Roles = roles
	token := ""
	if joined(roles) != before {
		token = newToken()
		if err := s.recordRenewal(ctx, sess, l, r, before); err != nil {
			return SignIn{}, err
		}
	}
	return s.saveRenewal(ctx, sess, who, l, token)
}

// strengthen raises a session after a sign-in that was strong enough; a weaker one leaves it as it was.
func (s *Service) strengthen(ctx context.Context, sess Session, who identity, roles []Role, l login, r Request) (SignIn, error) {
	sess.ACR, sess.AuthTime, sess.Roles = clean(who.text("acr"), maxSubject), who.authTime(), roles
	if !s.Strong(sess) {
		return SignIn{}, s.refuseWeak(ctx, sess, r)
	}
	if err := s.recordRenewal(ctx, sess, l, r, ""); err != nil {
		return SignIn{}, err
	}
	return s.saveRenewal(ctx, sess, who, l, newToken())
}

func (s *Service) refuseWeak(ctx context.Context, sess Session, r Request) error {
	e := sess.event(audit.SignInRefused, r)
	e.Outcome, e.Facts = audit.Refused, map[string]string{"because": "weak-sign-in", "acr": sess.ACR}
	if _, err := s.record(ctx, e); err != nil {
		return fmt.Errorf("record the refused sign-in: %w", err)
	}
	return apperr.New(apperr.Forbidden, "Your identity provider signed you in, but not by the method that revealing needs.",
		"You are still signed in as before. If you were not asked for that method, tell whoever runs the identity provider.")
}

func (s *Service) recordRenewal(ctx context.Context, sess Session, l login, r Request, before string) error {
	e := sess.event(audit.SignIn, r)
	e.Facts = map[string]string{"because": string(l.aim), "roles": joined(sess.Roles), "acr": sess.ACR, "before": before}
	if _, err := s.record(ctx, e); err != nil {
		return fmt.Errorf("record the sign-in: %w", err)
	}
	return nil
}

// saveRenewal writes what the provider said. With a new token the old one is dead: what a session may do has changed, and
// whoever had got hold of the old token must not gain by it. The session's absolute end stays.
func (s *Service) saveRenewal(ctx context.Context, sess Session, who identity, l login, token string) (SignIn, error) {
	sess.Name, sess.CheckedAt = who.name(), s.o.Now().UTC()
	var hash any
	if token != "" {
		hash = hashOf(token)
	}
	err := s.changeSession(ctx, `UPDATE session SET roles = ?, name = ?, acr = ?, auth_time = ?, checked_at = ?,
			sid = coalesce(nullif(?, ''), sid), token_hash = coalesce(?, token_hash) WHERE id = ?`,
		joined(sess.Roles), sess.Name, sess.ACR, sqlitedb.Millis(sess.AuthTime), sqlitedb.Millis(sess.CheckedAt),
		clean(who.text("sid"), maxSubject), hash, sess.ID)
	if err != nil {
		return SignIn{}, err
	}
	return SignIn{Session: sess, Token: token, ReturnTo: l.returnTo}, nil
}
