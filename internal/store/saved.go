package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Owner is the person to whom a saved search belongs, as the identity provider names them.
type Owner struct{ Issuer, Subject string }

// SavedSearch is a search that somebody keeps under a name. Its period stays relative, since it is kept as the address has it.
type SavedSearch struct {
	ID      string // opaque
	Name    string
	Query   string // of the list's address, its term behind the opaque id
	SavedAt time.Time
}

// Bounds of what one person keeps: what fits a menu that one can still read.
const (
	maxSaved     = 50
	maxSavedName = 60 // letters
)

// never is when a term expires that a saved search has.
const never = 1 << 52

// SaveSearch keeps a search for its owner alone. termID is the opaque id of its term, empty for none; the term no longer expires.
// Kinds: apperr.Unprocessable for a name that is empty, too long or taken, or for one search too many; apperr.NotFound for a term
// that has expired.
func (s *Store) SaveSearch(ctx context.Context, o Owner, name, query, termID string, at time.Time) (id string, err error) {
	name = strings.Join(strings.Fields(name), " ")
	if err := checkSavedName(name); err != nil {
		return "", err
	}
	key := make([]byte, 16)
	rand.Read(key)
	err = s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if err := roomFor(ctx, tx, o, name); err != nil {
			return err
		}
		term, err := keepTerm(ctx, tx, termID, at)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO saved_search (id, issuer, subject, name, query, term, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			key, o.Issuer, o.Subject, name, query, term, sqlitedb.Millis(at))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("save a search: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(key), nil
}

func checkSavedName(name string) error {
	switch {
	case name == "":
		return apperr.New(apperr.Unprocessable, "A saved search needs a name.", "Give it one that says what it finds.")
	case utf8.RuneCountInString(name) > maxSavedName || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return apperr.New(apperr.Unprocessable, "This name is too long or holds characters that cannot be shown.", fmt.Sprintf("Use at most %d letters.", maxSavedName))
	}
	return nil
}

func roomFor(ctx context.Context, tx *sql.Tx, o Owner, name string) error {
	var all, same int
	err := tx.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN name = ? THEN 1 END) FROM saved_search WHERE issuer = ? AND subject = ?`, name, o.Issuer, o.Subject).
		Scan(&all, &same)
	switch {
	case err != nil:
		return err
	case same > 0:
		return apperr.New(apperr.Unprocessable, "You have a saved search of this name.", "Choose another name, or delete the other search first.")
	case all >= maxSaved:
		return apperr.New(apperr.Unprocessable, fmt.Sprintf("You have %d saved searches, which is as many as are kept.", all), "Delete one that you no longer need.")
	}
	return nil
}

// keepTerm lets a term live on; it gives its key, nil for none.
func keepTerm(ctx context.Context, tx *sql.Tx, id string, at time.Time) (any, error) {
	if id == "" {
		return nil, nil
	}
	key, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return nil, noTerm()
	}
	result, err := tx.ExecContext(ctx, `UPDATE term SET expires_at = ? WHERE id = ? AND expires_at > ?`, never, key, sqlitedb.Millis(at))
	if err != nil {
		return nil, err
	}
	if ok, err := changed(result); ok || err != nil {
		return key, err
	}
	return nil, noTerm()
}

// SavedSearches lists what a person keeps, by name.
func (s *Store) SavedSearches(ctx context.Context, o Owner) (all []SavedSearch, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT id, name, query, saved_at FROM saved_search WHERE issuer = ? AND subject = ? ORDER BY name`, o.Issuer, o.Subject)
	if err != nil {
		return nil, fmt.Errorf("list saved searches: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		var at int64
		var saved SavedSearch
		if err := rows.Scan(&key, &saved.Name, &saved.Query, &at); err != nil {
			return nil, fmt.Errorf("list saved searches: %w", err)
		}
		saved.ID, saved.SavedAt = base64.RawURLEncoding.EncodeToString(key), sqlitedb.Instant(at)
		all = append(all, saved)
	}
	return all, rows.Err()
}

// DeleteSearch removes a search of its owner. Its term lives as long as one that was just typed, unless another saved search has
// it, too. Kind apperr.NotFound for a search that this person does not have.
func (s *Store) DeleteSearch(ctx context.Context, o Owner, id string, at time.Time) error {
	key, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return noSavedSearch()
	}
	err = s.portal.InTx(ctx, func(tx *sql.Tx) error {
		var term []byte
		err := tx.QueryRowContext(ctx, `DELETE FROM saved_search WHERE id = ? AND issuer = ? AND subject = ? RETURNING term`, key, o.Issuer, o.Subject).Scan(&term)
		if errors.Is(err, sql.ErrNoRows) {
			return noSavedSearch()
		}
		if err != nil || term == nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE term SET expires_at = ?1 WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM saved_search WHERE term = ?2)`,
			sqlitedb.Millis(at.Add(termLife)), term)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete a saved search: %w", err)
	}
	return nil
}

func noSavedSearch() error {
	return apperr.New(apperr.NotFound, "You have no such saved search.", "It may have been deleted, or its term may have been erased with a person.")
}

// eraseSaved removes saved searches that may name an erased person: all with a term, as all terms go, and those whose own name
// has a word or number of the person.
func eraseSaved(ctx context.Context, tx *sql.Tx, person entry) error {
	named, err := savedNames(ctx, tx)
	if err != nil {
		return err
	}
	for key, name := range named {
		if !person.isNamedIn(name) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM saved_search WHERE id = ?`, []byte(key)); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM saved_search WHERE term IS NOT NULL`)
	return err
}

func savedNames(ctx context.Context, tx *sql.Tx) (byKey map[string]string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, name FROM saved_search WHERE term IS NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	byKey = map[string]string{}
	for rows.Next() {
		var key, name string
		if err := rows.Scan(&key, &name); err != nil {
			return nil, err
		}
		byKey[key] = name
	}
	return byKey, rows.Err()
}

// isNamedIn reports whether a text has a word of the entry's names, or one of its numbers and ids.
func (e entry) isNamedIn(text string) bool {
	if slices.ContainsFunc(nameWords([]string{text}), func(word string) bool { return slices.Contains(e.words, word) }) {
		return true
	}
	number := compact(text)
	return slices.ContainsFunc(e.keys, func(k key) bool { return len(k.value) >= minPrefix && strings.Contains(number, compact(k.value)) })
}
