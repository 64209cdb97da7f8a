package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// scanHead reads the columns that every statement here selects in this order.
func scanHead(scan func(...any) error) (h Head, err error) {
	var lastSeen, gone, firstSeen, received, created, updated int64
	var sum []byte
	err = scan(&h.ProcessID, &h.DossierID, &h.ExternalReference, &h.ExternalID, &h.WayIn, &h.ImportedBy, &lastSeen, &gone, &firstSeen,
		&h.Versions, &h.Version, &sum, &h.Size, &received, &h.Provider, &h.ProcessType, &h.Status, &created, &updated, &h.FetchSeq)
	h.LastSeenUpstream, h.Gone, h.FirstSeenAt, h.ReceivedAt = sqlitedb.Instant(lastSeen), gone != 0, sqlitedb.Instant(firstSeen), sqlitedb.Instant(received)
	h.CreatedAt, h.UpdatedAt, h.SHA256, h.MappingVersion = sqlitedb.Instant(created), sqlitedb.Instant(updated), hex.EncodeToString(sum), evidence.MappingVersion
	return h, err
}

// Head finds a process; version 0 is the newest. Kind apperr.NotFound for unknown and malformed ids alike. An erased
// process is not found either, but the Head beside the error then tells ErasedAt and ErasedBasis.
func (s *Store) Head(ctx context.Context, processID string, version int) (Head, error) {
	row := s.portal.Reader.QueryRowContext(ctx, `SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, p.way_in,
		p.imported_by, p.last_seen_at, p.gone_at, p.first_seen_at, p.newest, s.version, s.sha256, length(s.body), s.received_at,
		s.provider, s.process_type, s.status, s.created_at, s.updated_at, s.fetch_seq
		FROM process p JOIN snapshot s ON s.process_id = p.process_id AND s.version = CASE ?2 WHEN 0 THEN p.newest ELSE ?2 END
		WHERE p.process_id = ?1`, processID, version)
	h, err := scanHead(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return s.erased(ctx, processID)
	}
	if err != nil {
		return Head{}, fmt.Errorf("find a process: %w", err)
	}
	return h, nil
}

func (s *Store) erased(ctx context.Context, processID string) (h Head, err error) {
	var at int64
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT erased_at, basis FROM tombstone WHERE process_id = ?`, processID).Scan(&at, &h.ErasedBasis)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Head{}, fmt.Errorf("find a tombstone: %w", err)
	}
	h.ErasedAt = sqlitedb.Instant(at)
	return h, notFound()
}

// Versions lists all versions, newest first, nothing personal.
func (s *Store) Versions(ctx context.Context, processID string) ([]Head, error) {
	heads, err := s.heads(ctx, `SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, p.way_in,
		p.imported_by, p.last_seen_at, p.gone_at, p.first_seen_at, p.newest, s.version, s.sha256, length(s.body), s.received_at,
		s.provider, s.process_type, s.status, s.created_at, s.updated_at, s.fetch_seq
		FROM process p JOIN snapshot s ON s.process_id = p.process_id WHERE p.process_id = ? ORDER BY s.version DESC`, processID)
	if err == nil && len(heads) == 0 {
		err = notFound()
	}
	return heads, err
}

// Unrecorded lists versions without a fetch record, oldest first: a kill came between Save and the record.
func (s *Store) Unrecorded(ctx context.Context, limit int) ([]Head, error) {
	return s.heads(ctx, `SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, p.way_in,
		p.imported_by, p.last_seen_at, p.gone_at, p.first_seen_at, p.newest, s.version, s.sha256, length(s.body), s.received_at,
		s.provider, s.process_type, s.status, s.created_at, s.updated_at, s.fetch_seq
		FROM snapshot s JOIN process p ON p.process_id = s.process_id WHERE s.fetch_seq = -1
		ORDER BY s.received_at, s.process_id, s.version LIMIT ?`, limit)
}

// newestHeads finds the newest heads of ids, by id.
func (s *Store) newestHeads(ctx context.Context, ids []string) (map[string]Head, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	heads, err := s.heads(ctx, `SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, p.way_in,
		p.imported_by, p.last_seen_at, p.gone_at, p.first_seen_at, p.newest, s.version, s.sha256, length(s.body), s.received_at,
		s.provider, s.process_type, s.status, s.created_at, s.updated_at, s.fetch_seq
		FROM json_each(?) j CROSS JOIN process p ON p.process_id = j.value
		JOIN snapshot s ON s.process_id = p.process_id AND s.version = p.newest`, string(list))
	byID := make(map[string]Head, len(heads))
	for _, h := range heads {
		byID[h.ProcessID] = h
	}
	return byID, err
}

// heads collects and closes before it returns, so that the caller may ask again.
func (s *Store) heads(ctx context.Context, query string, args ...any) (heads []Head, err error) {
	rows, err := s.portal.Reader.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		h, err := scanHead(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read a snapshot's head: %w", err)
		}
		heads = append(heads, h)
	}
	return heads, rows.Err()
}
