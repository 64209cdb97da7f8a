package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Archive is the attachment that holds everything: the zip that Assure makes of a finished process.
const Archive = "archive"

// Media are stored attachments: front, back, selfie, portrait, video, Archive.
type Media struct {
	ContentType string
	Body        []byte
}

// SaveMedia keeps an attachment as received, beside an earlier one if the bytes differ.
// Kind apperr.NotFound when the process is not held, apperr.Conflict when it was erased.
func (s *Store) SaveMedia(ctx context.Context, processID, depiction string, m Media, receivedAt time.Time) error {
	err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if err := refuseErased(ctx, tx, processID); err != nil {
			return err
		}
		var version int
		var newest []byte
		err := tx.QueryRowContext(ctx, `SELECT coalesce(m.version, 0), m.sha256 FROM process p
			LEFT JOIN media m ON m.process_id = p.process_id AND m.depiction = ?
			WHERE p.process_id = ? ORDER BY m.version DESC LIMIT 1`, depiction, processID).Scan(&version, &newest)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound()
		}
		sum := sha256.Sum256(m.Body)
		if err != nil || bytes.Equal(newest, sum[:]) {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO media (process_id, depiction, version, sha256, received_at, content_type, body)
			VALUES (?, ?, ?, ?, ?, ?, coalesce(?, x''))`, processID, depiction, version+1, sum[:], sqlitedb.Millis(receivedAt), m.ContentType, m.Body)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep an attachment: %w", err)
	}
	return nil
}

// Media returns the newest attachment of that depiction. The receipt must cover the process and say that images were shown.
// Kind apperr.NotFound if none is kept.
func (s *Store) Media(ctx context.Context, r audit.Receipt, processID, depiction string) (m Media, err error) {
	if !r.CoversProcess(ctx, processID, 0) || !r.CoversClass(string(evidence.Image)) {
		return Media{}, uncovered("this process")
	}
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT content_type, body FROM media WHERE process_id = ? AND depiction = ?
		ORDER BY version DESC LIMIT 1`, processID, depiction).Scan(&m.ContentType, &m.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return Media{}, apperr.New(apperr.NotFound, "The portal does not keep this image.", "")
	}
	if err != nil {
		return Media{}, fmt.Errorf("read an attachment: %w", err)
	}
	return m, nil
}

// HeldArchive is what may be told of an archive without a record.
type HeldArchive struct {
	SHA256     string // of its bytes, lower-case hex; empty: none is kept
	Bytes      int64
	ReceivedAt time.Time // UTC
}

// HeldArchive tells of the newest archive of a process, without its bytes.
func (s *Store) HeldArchive(ctx context.Context, processID string) (a HeldArchive, err error) {
	var sum []byte
	var received int64
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT sha256, length(body), received_at FROM media WHERE process_id = ? AND depiction = ?
		ORDER BY version DESC LIMIT 1`, processID, Archive).Scan(&sum, &a.Bytes, &received)
	if errors.Is(err, sql.ErrNoRows) {
		return HeldArchive{}, nil
	}
	if err != nil {
		return HeldArchive{}, fmt.Errorf("look for an archive: %w", err)
	}
	a.SHA256, a.ReceivedAt = hex.EncodeToString(sum), sqlitedb.Instant(received)
	return a, nil
}

// HeldMedia lists the attachments that are kept of a process: names only.
func (s *Store) HeldMedia(ctx context.Context, processID string) (names []string, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT DISTINCT depiction FROM media WHERE process_id = ? ORDER BY depiction`, processID)
	if err != nil {
		return nil, fmt.Errorf("list attachments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list attachments: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
