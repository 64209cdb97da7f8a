package handlers

import (
	"context"
	"fmt"
	"sync"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
)

// unauditedRequest is the request of which all of a bare server's records and readings say that they are part.
const unauditedRequest = "unaudited"

// AddUnaudited adds, below /unaudited, process page and search as they would be without their record, for a benchmark to
// compare with: the same handlers in a server that uses the receipt of the first like access again and again. The program
// has no way to do without one.
func (s *Server) AddUnaudited() error {
	bare, err := New(s.Options)
	if err != nil {
		return err
	}
	var receipts sync.Map
	bare.append = func(ctx context.Context, e audit.Event) (audit.Receipt, error) {
		key := fmt.Sprint(e.Action, e.Process, e.Classes, e.Shown)
		if found, ok := receipts.Load(key); ok {
			return found.(audit.Receipt), nil
		}
		e.RequestID = unauditedRequest
		receipt, err := s.Trail.Append(ctx, e)
		if err == nil {
			receipts.Store(key, receipt)
		}
		return receipt, err
	}
	for _, r := range []route{
		{"GET", "/unaudited/processes/:id", auth.SearchAndRead, audit.ProcessView, bare.process},
		{"GET", "/unaudited/processes", auth.SearchAndRead, audit.ProcessSearch, bare.search},
	} {
		handle := r.handle
		r.handle = func(q *request) error {
			q.SetRequest(q.Request().WithContext(audit.ForRequest(q.ctx(), unauditedRequest)))
			return handle(q)
		}
		s.echo.Add(r.method, r.path, bare.adapt(r))
	}
	return nil
}
