package auth

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// How far back a person's usual hour looks, and from how many hours of work on there is one.
const (
	habitDays  = 28
	habitHours = 5
)

// KeepHour notes how many processes a person has opened in the hour that begins at hour; a smaller count than noted
// changes nothing. Hours that are too old to count are forgotten.
func (s *Service) KeepHour(ctx context.Context, sess Session, hour time.Time, opened int) error {
	return s.o.DB.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM opened_hour WHERE hour < ?`, sqlitedb.Millis(hour.AddDate(0, 0, -habitDays))); err != nil {
			return unsaved("forget old hours", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO opened_hour (person, hour, opened) VALUES (?, ?, ?)
			ON CONFLICT (person, hour) DO UPDATE SET opened = max(opened, excluded.opened)`,
			personOf(sess), sqlitedb.Millis(hour), opened)
		if err != nil {
			return unsaved("note the opened processes", err)
		}
		return nil
	})
}

// UsualHour is how many processes the person opened in an hour of work on average, in the last 28 days and before the
// present hour; 0 while there are fewer than five such hours.
func (s *Service) UsualHour(ctx context.Context, sess Session) (opened int, err error) {
	hour := s.o.Now().UTC().Truncate(time.Hour)
	var hours, sum int
	err = s.o.DB.Reader.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(opened), 0) FROM opened_hour WHERE person = ? AND hour >= ? AND hour < ?`,
		personOf(sess), sqlitedb.Millis(hour.AddDate(0, 0, -habitDays)), sqlitedb.Millis(hour)).Scan(&hours, &sum)
	if err != nil {
		return 0, fmt.Errorf("look up the usual hour: %w", err)
	}
	if hours < habitHours {
		return 0, nil
	}
	return sum / hours, nil
}

// personOf names a person in the table of hours, which needs no more than to tell persons apart.
func personOf(sess Session) []byte { return hashOf(sess.Issuer + "\n" + sess.Subject) }
