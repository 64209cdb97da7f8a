package sqlitedb

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// keptStatements is how many compiled statements a connection keeps: more than one data file is ever asked, at some kilobytes each.
const keptStatements = 128

// connection is what database/sql asks of the driver's connections.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeping is a connection that keeps what it compiled and runs it again when the same text comes: a look-up by a key takes SQLite less
// time than compiling it. Under a guard, which SQLite asks while it compiles, it keeps nothing from before the guard closed.
type keeping struct {
	connection
	guard *guard
	kept  map[string]*keptStatement
}

// keptStatement is one compiled statement. SQLite runs each one once at a time: while its rows are being read, the same text is compiled anew.
type keptStatement struct {
	driver.Stmt
	busy bool
}

func keep(conn driver.Conn, g *guard) (driver.Conn, error) {
	c, ok := conn.(connection)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connections are not what they were"), conn.Close())
	}
	return &keeping{connection: c, guard: g, kept: map[string]*keptStatement{}}, nil
}

// take gives the compiled statement of a text, or nil for one that is not kept or being read.
func (k *keeping) take(ctx context.Context, text string) (*keptStatement, error) {
	if s := k.kept[text]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if k.guard != nil && !k.guard.closed.Load() || !isKept(text) {
		return nil, nil
	}
	if err := k.makeRoom(); err != nil {
		return nil, err
	}
	compiled, err := k.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &keptStatement{Stmt: compiled}
	k.kept[text] = s
	return s, nil
}

// makeRoom closes any statement that is not being read when there are as many as are kept.
func (k *keeping) makeRoom() error {
	if len(k.kept) < keptStatements {
		return nil
	}
	for text, s := range k.kept {
		if !s.busy {
			delete(k.kept, text)
			return s.Close()
		}
	}
	return nil
}

// isKept is true for single statements that read or change rows; scripts, pragmas and what changes a schema are not asked twice.
func isKept(text string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return !strings.Contains(text, ";")
	}
	return false
}

// ExecContext runs a statement that gives no rows.
func (k *keeping) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.connection.ExecContext(ctx, text, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext runs a statement whose rows must be closed before it is run again.
func (k *keeping) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.connection.QueryContext(ctx, text, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, of: s}, nil
}

// Close closes what was kept, then the connection.
func (k *keeping) Close() error {
	var errs []error
	for text, s := range k.kept {
		errs = append(errs, s.Stmt.Close())
		delete(k.kept, text)
	}
	return errors.Join(append(errs, k.connection.Close())...)
}

// keptRows give their statement back when they are closed.
type keptRows struct {
	driver.Rows
	of *keptStatement
}

func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}
