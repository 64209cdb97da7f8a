package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

const (
	seenStep = time.Minute // how often a session in use writes that it was seen
	maxCase  = 100         // characters of a case reference
)

// Session is one signed-in person in one browser.
type Session struct {
	ID                string // pseudonym for records and the admin page, not the token
	Issuer, Subject   string
	Name              string
	Roles             []Role
	Purpose, Case     string
	CreatedAt, SeenAt time.Time // SeenAt to the minute
	CheckedAt         time.Time // when the identity provider last confirmed the roles
	ExpiresAt         time.Time // the absolute end; the idle end follows from SeenAt
	ACR               string    // authentication context class of the sign-in, "" if the provider names none
	AuthTime          time.Time // when the person last proved who they are; zero if the provider does not tell
	Address           string    // at sign-in
}

// Has reports whether the person holds the role.
func (s Session) Has(r Role) bool { return slices.Contains(s.Roles, r) }

// Actor is the record's actor for a session acting in a role.
func (s Session) Actor(role Role, address string) audit.Actor {
	return audit.Actor{Issuer: s.Issuer, Subject: s.Subject, Name: s.Name, Role: string(role), Session: s.ID, Address: address}
}

// event starts a record about the session itself.
func (s Session) event(action audit.Action, r Request) audit.Event {
	role, _ := Allowed(s.Roles, SignedIn)
	return audit.Event{Action: action, Outcome: audit.OK, Actor: s.Actor(role, r.Address), RequestID: r.RequestID,
		Purpose: s.Purpose, Case: s.Case}
}

// columns are a session's, in the order in which scan reads them.
const columns = `id, issuer, subject, name, roles, purpose, case_ref, created_at, seen_at, checked_at, expires_at, acr, auth_time, address`

func scan(row interface{ Scan(...any) error }) (Session, error) {
	var s Session
	var roles string
	var created, seen, checked, expires, authTime int64
	err := row.Scan(&s.ID, &s.Issuer, &s.Subject, &s.Name, &roles, &s.Purpose, &s.Case, &created, &seen, &checked, &expires, &s.ACR, &authTime, &s.Address)
	s.Roles = parseRoles(roles)
	s.CreatedAt, s.SeenAt, s.CheckedAt = sqlitedb.Instant(created), sqlitedb.Instant(seen), sqlitedb.Instant(checked)
	s.ExpiresAt, s.AuthTime = sqlitedb.Instant(expires), sqlitedb.Instant(authTime)
	return s, err
}

// live reports whether the session still holds. A clock that went back must not make it longer: a session that was
// seen in the future is over.
func (s *Service) live(sess Session, now time.Time) bool {
	return now.Before(sess.ExpiresAt) && now.Before(sess.SeenAt.Add(s.o.Idle)) && !now.Before(sess.SeenAt.Add(-clockSkew))
}

// saveSession inserts the session and forgets those that are over.
func (s *Service) saveSession(ctx context.Context, sess Session, token, sid string) error {
	return s.o.DB.InTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE expires_at <= ? OR seen_at <= ? OR policy <> ?`,
			sqlitedb.Millis(sess.CreatedAt), sqlitedb.Millis(sess.CreatedAt.Add(-s.o.Idle)), s.policy)
		if err != nil {
			return unsaved("forget old sessions", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO session (id, token_hash, policy, issuer, subject, sid, name, roles, purpose, case_ref,
				acr, auth_time, address, created_at, seen_at, checked_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			sess.ID, hashOf(token), s.policy, sess.Issuer, sess.Subject, sid, sess.Name, joined(sess.Roles), sess.Purpose, sess.Case,
			sess.ACR, sqlitedb.Millis(sess.AuthTime), sess.Address, sqlitedb.Millis(sess.CreatedAt), sqlitedb.Millis(sess.SeenAt),
			sqlitedb.Millis(sess.CheckedAt), sqlitedb.Millis(sess.ExpiresAt))
		if err != nil {
			return unsaved("save the session", err)
		}
		return nil
	})
}

// Lookup finds the session of a token and moves its idle end at most once a minute. Kind apperr.Unauthenticated when none.
func (s *Service) Lookup(ctx context.Context, token string) (Session, error) {
	row := s.o.DB.Reader.QueryRowContext(ctx, `SELECT `+columns+` FROM session WHERE token_hash = ? AND policy = ?`, hashOf(token), s.policy)
	sess, err := scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, notSignedIn()
	}
	if err != nil {
		return Session{}, fmt.Errorf("look up the session: %w", err)
	}
	now := s.o.Now().UTC()
	if !s.live(sess, now) {
		return Session{}, notSignedIn()
	}
	if now.Sub(sess.SeenAt) < seenStep {
		return sess, nil
	}
	if _, err := s.o.DB.Writer.ExecContext(ctx, `UPDATE session SET seen_at = ? WHERE id = ? AND seen_at <= ?`,
		sqlitedb.Millis(now), sess.ID, sqlitedb.Millis(now.Add(-seenStep))); err != nil {
		return Session{}, unsaved("note that the session was seen", err)
	}
	sess.SeenAt = now
	return sess, nil
}

func notSignedIn() error {
	return apperr.New(apperr.Unauthenticated, "You are not signed in, or your session has ended.", "Sign in to go on.")
}

// SetPurpose changes the working purpose and case of a session. Kind apperr.Unprocessable for a purpose not configured
// or a case reference of more than 100 characters.
func (s *Service) SetPurpose(ctx context.Context, sess Session, purpose, caseRef string) error {
	if err := s.checkPurpose(purpose); err != nil {
		return err
	}
	caseRef = strings.TrimSpace(caseRef)
	if utf8.RuneCountInString(caseRef) > maxCase || clean(caseRef, len(caseRef)) != caseRef {
		return apperr.New(apperr.Unprocessable, "The case reference is too long or holds characters that cannot be shown.",
			fmt.Sprintf("Use up to %d letters, digits and signs on one line.", maxCase))
	}
	return s.changeSession(ctx, `UPDATE session SET purpose = ?, case_ref = ? WHERE id = ?`, purpose, caseRef, sess.ID)
}

func (s *Service) checkPurpose(purpose string) error {
	if slices.Contains(s.o.Purposes, purpose) {
		return nil
	}
	return apperr.New(apperr.Unprocessable, "This purpose is not one of the configured ones.", "Choose a purpose from the list.")
}

// changeSession runs a statement that must touch one row; no row means that the session has ended meanwhile.
func (s *Service) changeSession(ctx context.Context, statement string, args ...any) error {
	changed, err := s.o.DB.Writer.ExecContext(ctx, statement, args...)
	if err != nil {
		return unsaved("change the session", err)
	}
	n, err := changed.RowsAffected()
	if err != nil {
		return fmt.Errorf("change the session: %w", err)
	}
	if n == 0 {
		return notSignedIn()
	}
	return nil
}

// GiveRawPurpose remembers that this session gave a purpose for raw on this process. Kind apperr.Unprocessable for a
// purpose not configured.
func (s *Service) GiveRawPurpose(ctx context.Context, sess Session, processID, purpose string) error {
	if err := s.checkPurpose(purpose); err != nil {
		return err
	}
	return s.changeSession(ctx, `INSERT INTO raw_purpose (session_id, process_id, purpose) SELECT id, ?, ? FROM session WHERE id = ?
		ON CONFLICT (session_id, process_id) DO UPDATE SET purpose = excluded.purpose`, processID, purpose, sess.ID)
}

// RawPurpose tells the purpose given for raw on this process in this session; "" if none.
func (s *Service) RawPurpose(ctx context.Context, sess Session, processID string) (string, error) {
	var purpose string
	err := s.o.DB.Reader.QueryRowContext(ctx, `SELECT purpose FROM raw_purpose WHERE session_id = ? AND process_id = ?`,
		sess.ID, processID).Scan(&purpose)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("look up the purpose for raw: %w", err)
	}
	return purpose, nil
}

// Sessions lists live sessions for the admin page, the one seen last first.
func (s *Service) Sessions(ctx context.Context) ([]Session, error) {
	all, err := s.query(ctx, `SELECT `+columns+` FROM session WHERE policy = ? ORDER BY seen_at DESC, id`, s.policy)
	now := s.o.Now()
	return slices.DeleteFunc(all, func(sess Session) bool { return !s.live(sess, now) }), err
}

func (s *Service) query(ctx context.Context, query string, args ...any) ([]Session, error) {
	rows, err := s.o.DB.Reader.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	defer rows.Close()
	var found []Session
	for rows.Next() {
		sess, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read a session: %w", err)
		}
		found = append(found, sess)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return found, nil
}

// SignOut ends the session, records it, and gives the provider's end-session address ("" if it has none).
// The session is over even when the record fails: then the error is of kind apperr.TrailClosed.
func (s *Service) SignOut(ctx context.Context, sess Session, r Request) (endSessionURL string, err error) {
	if err := s.end(ctx, sess, sess.event(audit.SignOut, r)); err != nil {
		return "", err
	}
	return s.endSessionURL(ctx), nil
}

// SignOutEverywhere is SignOut of every session of the person, each with its own record.
func (s *Service) SignOutEverywhere(ctx context.Context, sess Session, r Request) (endSessionURL string, err error) {
	all, err := s.query(ctx, `SELECT `+columns+` FROM session WHERE issuer = ? AND subject = ? AND id <> ? ORDER BY id`, sess.Issuer, sess.Subject, sess.ID)
	errs := []error{err} // this session ends in any case
	for _, one := range append(all, sess) {
		e := sess.event(audit.SignOut, r)
		if one.ID != sess.ID {
			e.Facts = map[string]string{"session": one.ID, "because": "everywhere"}
		}
		errs = append(errs, s.end(ctx, one, e))
	}
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	return s.endSessionURL(ctx), nil
}

// endSessionURL leads to the provider's own sign-out; "" if it has none or cannot be reached: the person is signed out of
// the portal already, so it is a courtesy.
func (s *Service) endSessionURL(ctx context.Context) string {
	p, err := s.provider(ctx)
	if err != nil || p.endSession == "" {
		return ""
	}
	u, err := url.Parse(p.endSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", s.o.ClientID)
	q.Set("post_logout_redirect_uri", s.o.BaseURL+"/")
	u.RawQuery = q.Encode()
	return u.String()
}

// End ends one session by its pseudonym, recorded as session.ended by the admin. Kinds apperr.Forbidden when by is no
// admin, apperr.NotFound when there is no such session. It is over even when the record fails.
func (s *Service) End(ctx context.Context, sessionID string, by Session, r Request) error {
	return s.endByAdmin(ctx, `SELECT `+columns+` FROM session WHERE id = ?`, sessionID, by, r)
}

// EndPerson ends every session of the person whose session is named, each with its own record. Kinds as of End.
func (s *Service) EndPerson(ctx context.Context, sessionID string, by Session, r Request) error {
	return s.endByAdmin(ctx, `SELECT `+columns+` FROM session
		WHERE (issuer, subject) IN (SELECT issuer, subject FROM session WHERE id = ?) ORDER BY id`, sessionID, by, r)
}

func (s *Service) endByAdmin(ctx context.Context, query, sessionID string, by Session, r Request) error {
	role, ok := Allowed(by.Roles, Administer)
	if !ok {
		return apperr.New(apperr.Forbidden, "Only an admin ends other people's sessions.", "")
	}
	found, err := s.query(ctx, query, sessionID)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return apperr.New(apperr.NotFound, "There is no such session; it may have ended meanwhile.", "")
	}
	var errs []error
	for _, sess := range found {
		e := by.event(audit.SessionEnded, r)
		e.Actor.Role, e.Facts = string(role), map[string]string{"session": sess.ID, "because": "admin"}
		errs = append(errs, s.end(ctx, sess, e))
	}
	return errors.Join(errs...)
}

// end records an end and deletes the session whether or not the record could be made: a closed trail must not keep
// doors open. The record comes first, so that no session ends without one while the trail is open.
func (s *Service) end(ctx context.Context, sess Session, e audit.Event) error {
	ctx = context.WithoutCancel(ctx) // a browser that goes away must not leave half of it
	_, recordErr := s.record(ctx, e)
	_, err := s.o.DB.Writer.ExecContext(ctx, `DELETE FROM session WHERE id = ?`, sess.ID)
	if err != nil && recordErr == nil {
		e.Outcome = audit.Failed
		_, recordErr = s.record(ctx, e)
	}
	if err := errors.Join(recordErr, err); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	return nil
}
