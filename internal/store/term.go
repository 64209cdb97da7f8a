package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// termLife is how long a posted term is kept, so that an address with its id can be gone back to and shared.
const termLife = 30 * 24 * time.Hour

// SaveTerm keeps a posted term and returns its opaque id: 128 random bits. Terms that have expired are removed.
func (s *Store) SaveTerm(ctx context.Context, term string, at time.Time) (id string, err error) {
	key := make([]byte, 16)
	rand.Read(key)
	err = s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM term WHERE expires_at <= ?`, sqlitedb.Millis(at)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO term (id, expires_at, term) VALUES (?, ?, ?)`, key, sqlitedb.Millis(at.Add(termLife)), []byte(term))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("keep a search term: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(key), nil
}

// Term gives a posted term back. Kind apperr.NotFound when unknown or expired: after 30 days, unless a saved search has it.
func (s *Store) Term(ctx context.Context, id string) (string, error) {
	var term []byte
	key, err := base64.RawURLEncoding.DecodeString(id)
	if err == nil {
		err = s.portal.Reader.QueryRowContext(ctx, `SELECT term FROM term WHERE id = ? AND expires_at > ?`, key, sqlitedb.Millis(s.now())).Scan(&term)
	}
	if _, malformed := errors.AsType[base64.CorruptInputError](err); malformed || errors.Is(err, sql.ErrNoRows) {
		return "", noTerm()
	}
	if err != nil {
		return "", fmt.Errorf("find a search term: %w", err)
	}
	return string(term), nil
}

func noTerm() error {
	return apperr.New(apperr.NotFound, "This search has expired.", "Type it again.")
}
