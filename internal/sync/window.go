package sync

import (
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/assure"
)

// window walks a listing from its newest process back to start, without losing one to rows that come or go between two
// pages. A page begins where the one before ended, by time and not by count: an offset would skip a row for each row
// that was deleted meanwhile. Newest first is the only order whose name is documented (reference, section 2.1).
type window struct {
	start, end time.Time // end zero: until now
	offset     int       // used only within a second that holds more rows than a page
	edge       map[string]time.Time
	done       bool
}

// overlap is the share of a page that is read twice where an offset cannot be avoided: so many rows may go meanwhile.
const overlap = 10

func (w *window) filter(limit int) assure.ListFilter {
	return assure.ListFilter{Start: w.start, End: w.end, Offset: w.offset, Limit: limit}
}

// take gives the rows that no page before had, and moves on.
func (w *window) take(page assure.ProcessList) ([]assure.ListedProcess, error) {
	rows := page.Processes
	var fresh []assure.ListedProcess
	for _, p := range rows {
		if _, seen := w.edge[p.ProcessID]; !seen {
			fresh = append(fresh, p)
		}
	}
	// A page may be shorter than was asked for; only the total says that there is no more.
	switch {
	case w.offset+len(rows) >= page.TotalResults:
		w.done = true
	case len(rows) == 0:
		return nil, fmt.Errorf("a listing that ends before its total: %w", assure.ErrUnreadable)
	default:
		w.step(rows)
	}
	return fresh, nil
}

// step sets the next page's end one second after the oldest row, because a time may have had a fraction that the row
// does not show. Rows of that second come again and are known by their ids.
func (w *window) step(rows []assure.ListedProcess) {
	if w.edge == nil {
		w.edge = map[string]time.Time{}
	}
	for _, p := range rows {
		w.edge[p.ProcessID] = p.CreatedAt
	}
	end := oldest(rows).Truncate(time.Second).Add(time.Second)
	if oldest(rows).IsZero() || !w.end.IsZero() && !end.Before(w.end) {
		w.offset += len(rows) - len(rows)/overlap
		return
	}
	w.end, w.offset = end, 0
	for id, created := range w.edge {
		if created.After(end) {
			delete(w.edge, id)
		}
	}
}

// oldest is the earliest creation among rows; zero if none has a time that can be read.
func oldest(rows []assure.ListedProcess) time.Time {
	var at time.Time
	for _, p := range rows {
		if !p.CreatedAt.IsZero() && (at.IsZero() || p.CreatedAt.Before(at)) {
			at = p.CreatedAt
		}
	}
	return at
}
