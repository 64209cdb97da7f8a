package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// mostTogether is how many changes share a transaction, so that its lock is held for some milliseconds and no longer.
const mostTogether = 32

// part is one change of a transaction that several share.
type part struct {
	fn   func(context.Context, *sql.Tx) error
	ctx  context.Context
	done chan struct{}
	err  error
}

// together runs fn in a transaction of portal.db, together with what others want changed while they wait for the writer: a wait for the
// disk and a turn at the one connection cost more than most changes. An error of fn undoes what fn did and nothing else. fn gets a
// context that does not end, since SQLite undoes a whole transaction when it breaks a statement off.
func (s *Store) together(ctx context.Context, fn func(context.Context, *sql.Tx) error) error {
	p := &part{fn: fn, ctx: ctx, done: make(chan struct{})}
	s.mu.Lock()
	first := len(s.parts) == 0
	s.parts = append(s.parts, p)
	s.mu.Unlock()
	if first {
		s.runParts(context.WithoutCancel(ctx))
	}
	<-p.done
	return p.err
}

// runParts runs all that wait, those included who come until the writer is free.
func (s *Store) runParts(ctx context.Context) {
	for more := true; more; {
		var parts []*part
		err := s.portal.InTx(ctx, func(tx *sql.Tx) error {
			parts, more = s.takeParts()
			for _, p := range parts {
				if p.err = p.run(ctx, tx); errors.Is(p.err, errUndo) {
					return p.err
				}
			}
			return nil
		})
		if parts == nil { // there was no transaction
			parts, more = s.takeParts()
		}
		for _, p := range parts {
			if err != nil && p.err == nil {
				p.err = err
			}
			close(p.done)
		}
	}
}

// takeParts takes the first that wait. While more do, whoever runs them goes on; the next to come after the last begins anew.
func (s *Store) takeParts() (parts []*part, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.parts), mostTogether)
	parts, s.parts = s.parts[:n:n], s.parts[n:]
	return parts, len(s.parts) > 0
}

var errUndo = errors.New("a part of a transaction could not be undone")

// run runs the change between savepoints.
func (p *part) run(ctx context.Context, tx *sql.Tx) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT part"); err != nil {
		return err
	}
	err := p.fn(ctx, tx)
	if err == nil {
		_, err = tx.ExecContext(ctx, "RELEASE part")
	} else if _, undo := tx.ExecContext(ctx, "ROLLBACK TO part"); undo != nil {
		err = fmt.Errorf("%w: %w: %w", errUndo, err, undo)
	}
	return err
}
