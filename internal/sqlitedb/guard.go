package sqlitedb

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"

	"modernc.org/sqlite"
)

// guard is the policy of an append-only file. It lets everything pass until close, because migrations come first.
type guard struct {
	closed   atomic.Bool
	noUpdate map[string]bool
	noDelete map[string]bool
}

// newGuard is nil for a file without append-only tables.
func newGuard(o Options) *guard {
	if len(o.AppendOnly)+len(o.NoUpdate) == 0 {
		return nil
	}
	// The list of applied migrations is part of what must not be rewritten.
	g := &guard{noUpdate: map[string]bool{"goose_db_version": true}, noDelete: map[string]bool{"goose_db_version": true}}
	for _, table := range o.AppendOnly {
		g.noUpdate[table], g.noDelete[table] = true, true
	}
	for _, table := range o.NoUpdate {
		g.noUpdate[table] = true
	}
	return g
}

func (g *guard) close() {
	if g != nil {
		g.closed.Store(true)
	}
}

// authorize is asked by SQLite while it compiles a statement. REPLACE does not ask for DELETE: a trigger before the
// insert has to refuse it.
func (g *guard) authorize(action sqlite.AuthorizerActionCode, first, second, _, _ string) sqlite.AuthorizerReturnCode {
	if g.closed.Load() && g.refuses(action, first, second) {
		return sqlite.AuthorizerDeny
	}
	return sqlite.AuthorizerOK
}

func (g *guard) refuses(action sqlite.AuthorizerActionCode, first, second string) bool {
	switch action {
	case sqlite.AuthSelect, sqlite.AuthRead, sqlite.AuthInsert, sqlite.AuthFunction, sqlite.AuthTransaction,
		sqlite.AuthSavepoint, sqlite.AuthRecursive:
		return false
	case sqlite.AuthUpdate:
		return g.noUpdate[first]
	case sqlite.AuthDelete:
		return g.noDelete[first]
	case sqlite.AuthPragma:
		return second != "" && !harmless[first]
	}
	return true // CREATE, DROP, ALTER, ATTACH, VACUUM and the like
}

// harmless pragmas may have an argument; reading any other one is allowed.
var harmless = map[string]bool{"wal_checkpoint": true, "quick_check": true, "integrity_check": true, "busy_timeout": true}

// guarded puts every connection of a pool under the guard, if there is one, after the connection's own pragmas have run. All keep
// what they compile, and tell onCommit, if there is one, when they are about to commit.
type guarded struct {
	driver.Connector
	guard    *guard
	onCommit func()
}

func (c guarded) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.hook(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if c.guard == nil {
		return keep(conn, nil)
	}
	registerer, ok := conn.(sqlite.AuthorizerRegisterer)
	if !ok {
		return nil, errors.Join(errors.New("the driver has no authorizer"), conn.Close())
	}
	if err := registerer.RegisterAuthorizer(c.guard.authorize); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return keep(conn, c.guard)
}

func (c guarded) hook(conn driver.Conn) error {
	if c.onCommit == nil {
		return nil
	}
	registerer, ok := conn.(sqlite.HookRegisterer)
	if !ok {
		return errors.New("the driver has no hook for commits")
	}
	registerer.RegisterCommitHook(func() int32 { c.onCommit(); return 0 })
	return nil
}
