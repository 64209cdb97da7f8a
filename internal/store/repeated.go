package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/evidence"
)

// Bounds of the search for other processes with a number of one, so that a page costs the same whatever is held: a few numbers, each
// looked up in an index, and of each a few of the newest rows.
const (
	mostNumbers = 6  // of one process; documented answers have two or three readings of each
	mostRepeats = 50 // rows a number
)

// shortestNumber and fewestSigns tell a number from a filler: what is shorter, or all zeros, stands in many processes and says nothing.
const (
	shortestNumber = 6
	fewestSigns    = 3
)

// others finds processes of another id that state a document number or personal number of a report, each once. What it gives holds
// persons: it is for evidence to compare and goes no further.
func (x *index) others(ctx context.Context, processID string, report evidence.Report) ([]evidence.Other, error) {
	var found []evidence.Other
	at := map[string]int{processID: -1}
	for _, k := range numbersOf(report) {
		repeats, err := x.repeats(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("find other processes with a number: %w", err)
		}
		for _, o := range repeats {
			i, known := at[o.ProcessID]
			if !known {
				i = len(found)
				at[o.ProcessID] = i
				found = append(found, o)
			}
			if i >= 0 {
				found[i].Document = found[i].Document || k.kind == keyDocument
				found[i].Personal = found[i].Personal || k.kind == keyPersonal
			}
		}
	}
	return found, nil
}

// numbersOf are the numbers of a report that say something, as they stand in the index.
func numbersOf(report evidence.Report) []key {
	var numbers []key
	for _, k := range keysOf(Envelope{}, report) {
		if (k.kind == keyDocument || k.kind == keyPersonal) && telling(k.value) && len(numbers) < mostNumbers {
			numbers = append(numbers, k)
		}
	}
	return numbers
}

func telling(number string) bool {
	signs := map[rune]bool{}
	for _, c := range number {
		signs[c] = true
	}
	return utf8.RuneCountInString(number) >= shortestNumber && len(signs) >= fewestSigns && strings.ContainsAny(number, "0123456789")
}

// repeats reads the newest rows under one number.
func (x *index) repeats(ctx context.Context, k key) ([]evidence.Other, error) {
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT e.process_id, e.line FROM lookup l CROSS JOIN entry e ON e.row = l.row
		WHERE l.kind = ? AND l.value = ? ORDER BY l.row DESC LIMIT ?`, k.kind, k.value, mostRepeats)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []evidence.Other
	for rows.Next() {
		o, shown := evidence.Other{}, ""
		if err := rows.Scan(&o.ProcessID, &shown); err != nil {
			return nil, err
		}
		var l line
		if err := json.Unmarshal([]byte(shown), &l); err != nil {
			return nil, fmt.Errorf("read an index line: %w", err)
		}
		o.Person = l.Person
		found = append(found, o)
	}
	return found, rows.Err()
}

// withOthers adds to a report what the index knows of its numbers.
func (s *Store) withOthers(ctx context.Context, processID string, report evidence.Report) (evidence.Report, error) {
	x, err := s.acquire()
	if err != nil {
		return evidence.Report{}, err
	}
	defer x.users.Done()
	others, err := x.others(ctx, processID, report)
	if err != nil {
		return evidence.Report{}, err
	}
	return report.WithOthers(others), nil
}
