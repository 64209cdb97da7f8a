package auth

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Bounds of logout tokens.
const (
	maxLogoutToken = 16 << 10        // bytes
	logoutAge      = 5 * time.Minute // OpenID Connect Back-Channel Logout 1.0 asks for tokens that live two minutes at most
	logoutMemory   = 2 * (logoutAge + clockSkew)
	logoutEvent    = "http://schemas.openid.net/event/backchannel-logout"
)

// BackchannelLogout checks a logout token and ends the sessions it names: those of its sid, or all of its subject's.
// Errors: apperr.BadRequest for a token that is not one or was used before, apperr.Upstream, apperr.TrailClosed when
// the sessions are ended but could not be recorded.
func (s *Service) BackchannelLogout(ctx context.Context, logoutToken string) error {
	p, err := s.provider(ctx)
	if err != nil {
		return err
	}
	if err := checkLogoutHeader(logoutToken); err != nil {
		return badLogout(err)
	}
	verifier, fault := p.verifier(s.o.Issuer)
	token, err := verifier.VerifyLogout(s.context(ctx), logoutToken)
	if err != nil {
		if err := fault(err); apperr.Is(err, apperr.Upstream) {
			return err
		}
		return badLogout(brief(err))
	}
	if err := s.checkLogoutToken(token); err != nil {
		return badLogout(err)
	}
	if err := s.useOnce(ctx, token); err != nil {
		return err
	}
	return s.endNamed(ctx, token)
}

// checkLogoutHeader refuses other tokens of the same issuer, which go-oidc does not tell apart by type.
func checkLogoutHeader(raw string) error {
	if len(raw) > maxLogoutToken {
		return errors.New("too long")
	}
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return errors.New("not a signed token")
	}
	var header struct {
		Type string `json:"typ"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return errors.New("not a signed token")
	}
	// RFC 7515 section 4.1.9: letter case does not matter and "application/" may be left out.
	if typ := strings.TrimPrefix(strings.ToLower(header.Type), "application/"); typ != "logout+jwt" {
		return errors.New("its typ is not logout+jwt")
	}
	return nil
}

func (s *Service) checkLogoutToken(t *oidc.LogoutToken) error {
	var claims struct {
		Events map[string]json.RawMessage `json:"events"`
	}
	if err := t.Claims(&claims); err != nil || !strings.HasPrefix(string(claims.Events[logoutEvent]), "{") {
		return errors.New("its event is not an object")
	}
	now := s.o.Now()
	switch {
	case t.IssuedAt.Before(now.Add(-logoutAge)):
		return errors.New("issued too long ago")
	case t.IssuedAt.After(now.Add(clockSkew)):
		return errors.New("issued in the future")
	}
	return nil
}

// useOnce remembers the token for longer than its issue time would be accepted.
func (s *Service) useOnce(ctx context.Context, t *oidc.LogoutToken) error {
	now := s.o.Now()
	return s.o.DB.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM logout_token WHERE expires_at <= ?`, sqlitedb.Millis(now)); err != nil {
			return fmt.Errorf("forget old logout tokens: %w", err)
		}
		added, err := tx.ExecContext(ctx, `INSERT INTO logout_token (token_id, expires_at) VALUES (?, ?) ON CONFLICT (token_id) DO NOTHING`,
			hashOf(t.Issuer+"\n"+t.TokenID), sqlitedb.Millis(now.Add(logoutMemory)))
		if err != nil {
			return fmt.Errorf("remember the logout token: %w", err)
		}
		if n, err := added.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return badLogout(errors.New("used before"))
	})
}

// endNamed ends the named sessions. One whose provider session is not known ends with its subject: too many ended
// sessions cost a sign-in, too few a leak.
func (s *Service) endNamed(ctx context.Context, t *oidc.LogoutToken) error {
	query, args := `SELECT `+columns+` FROM session WHERE issuer = ? AND subject = ?`, []any{t.Issuer, t.Subject}
	if t.SessionID != "" {
		query = `SELECT ` + columns + ` FROM session WHERE issuer = ?1
			AND (sid = ?2 AND (subject = ?3 OR ?3 = '') OR sid = '' AND subject = ?3)`
		args = []any{t.Issuer, t.SessionID, t.Subject}
	}
	found, err := s.query(ctx, query, args...)
	if err != nil {
		return err
	}
	var errs []error
	for _, sess := range found {
		errs = append(errs, s.end(ctx, sess, audit.Event{Action: audit.SessionEnded, Outcome: audit.OK, Actor: audit.System,
			Facts: map[string]string{"session": sess.ID, "because": "identity-provider"}}))
	}
	return errors.Join(errs...)
}

func badLogout(cause error) error {
	return apperr.Wrap(apperr.BadRequest, fmt.Errorf("logout token: %w", cause), "The logout token was refused.", "")
}
