package sync

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/assure-portal/portal/internal/assure"
)

// upstreamList is a listing that changes while it is read.
type upstreamList struct{ rows []assure.ListedProcess }

func (u *upstreamList) page(f assure.ListFilter) assure.ProcessList {
	slices.SortFunc(u.rows, func(a, b assure.ListedProcess) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ProcessID, a.ProcessID))
	})
	var match []assure.ListedProcess
	for _, p := range u.rows {
		if !p.CreatedAt.Before(f.Start) && (f.End.IsZero() || !p.CreatedAt.After(f.End)) {
			match = append(match, p)
		}
	}
	first := min(f.Offset, len(match))
	return assure.ProcessList{TotalResults: len(match), Processes: match[first:min(first+f.Limit, len(match))]}
}

func listedAt(id int, at time.Time) assure.ListedProcess {
	return assure.ListedProcess{ProcessID: fmt.Sprintf("p%05d", id), CreatedAt: at}
}

var windowStart = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// walk reads a listing to its end and lets between change it after each page.
func walk(u *upstreamList, limit int, between func()) (map[string]int, error) {
	w, seen := window{start: windowStart}, map[string]int{}
	for pages := 0; !w.done; pages++ {
		if pages > 10_000 {
			return seen, errors.New("the walk does not end")
		}
		rows, err := w.take(u.page(w.filter(limit)))
		if err != nil {
			return seen, err
		}
		for _, p := range rows {
			seen[p.ProcessID]++
		}
		between()
	}
	return seen, nil
}

func TestWindowSeesEveryRowThatStaysExactlyOnceWhateverComesOrGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := &upstreamList{}
		// Where more rows than a page share a second an offset is needed, and that bears no deletion: either, not both.
		crowded := rapid.Bool().Draw(t, "crowded")
		limit := rapid.IntRange(3, 12).Draw(t, "limit")
		for id := range rapid.IntRange(0, 60).Draw(t, "rows") {
			at := time.Duration(rapid.IntRange(0, 3000).Draw(t, "at")) * time.Millisecond
			if !crowded {
				at += time.Duration(4*id) * time.Second
			}
			u.rows = append(u.rows, listedAt(id, windowStart.Add(at)))
		}
		last := windowStart.Add(time.Hour)
		stays := map[string]bool{}
		for _, p := range u.rows {
			stays[p.ProcessID] = true
		}
		next := len(u.rows)
		seen, err := walk(u, limit, func() {
			if !crowded && len(u.rows) > 0 && rapid.Bool().Draw(t, "delete") {
				gone := rapid.IntRange(0, len(u.rows)-1).Draw(t, "which")
				delete(stays, u.rows[gone].ProcessID)
				u.rows = slices.Delete(u.rows, gone, gone+1)
			}
			if rapid.Bool().Draw(t, "arrive") {
				u.rows = append(u.rows, listedAt(next, last))
				next++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for id := range stays {
			if seen[id] == 0 {
				t.Fatalf("%s was lost", id)
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Fatalf("%s came %d times", id, n)
			}
		}
	})
}

func TestWindowReadsOnWhereAPageIsShorterThanAskedFor(t *testing.T) {
	u := &upstreamList{}
	for id := range 30 {
		u.rows = append(u.rows, listedAt(id, windowStart.Add(time.Duration(id)*time.Minute)))
	}
	w, seen := window{start: windowStart}, 0
	for !w.done {
		page := u.page(w.filter(100))
		page.Processes = page.Processes[:min(7, len(page.Processes))] // the upstream caps the limit without saying so
		rows, err := w.take(page)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(rows)
	}
	if seen != 30 {
		t.Errorf("saw %d of 30 rows", seen)
	}
}

func TestWindowRefusesAListingThatEndsBeforeItsTotal(t *testing.T) {
	w := window{start: windowStart}
	if _, err := w.take(assure.ProcessList{TotalResults: 3}); !errors.Is(err, assure.ErrUnreadable) {
		t.Errorf("got %v, want ErrUnreadable", err)
	}
}

// Within a second that holds more rows than a page only an offset leads on. A tenth of a page may go between two of them.
func TestWindowBearsSomeDeletionsWithinACrowdedSecond(t *testing.T) {
	const limit, gone = 20, 20 / overlap
	u := &upstreamList{}
	for id := range 100 {
		u.rows = append(u.rows, listedAt(id, windowStart.Add(time.Second)))
	}
	stays := map[string]bool{}
	for _, p := range u.rows {
		stays[p.ProcessID] = true
	}
	seen, err := walk(u, limit, func() {
		for range gone { // the newest: all behind them move up
			if len(u.rows) > 0 {
				delete(stays, u.rows[0].ProcessID)
				u.rows = u.rows[1:]
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range stays {
		if seen[id] != 1 {
			t.Errorf("%s came %d times", id, seen[id])
		}
	}
}
