package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
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

// numbersOf are the numbers among keys that say something.
func numbersOf(keys []key) []key {
	var numbers []key
	for _, k := range keys {
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

// neighbour is a process under one number. It holds a person: it is for evidence to compare and goes no further.
type neighbour struct {
	row       uint32
	processID string
	person    evidence.Person
	told      bool // a finding of it speaks of another process already
	worst     bool // and it has a finding of the worst kind, of which another makes nothing worse
}

// repeats reads the newest rows under each of some numbers, newest first.
func (x *index) repeats(ctx context.Context, numbers []key) (map[key][]neighbour, error) {
	pairs := make([][2]string, len(numbers))
	for i, k := range numbers {
		pairs[i] = [2]string{k.kind, k.value}
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return nil, err
	}
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT l.kind, l.value, l.row, e.process_id, e.findings, e.severity, e.line FROM json_each(?) j
		CROSS JOIN lookup l ON l.kind = j.value ->> 0 AND l.value = j.value ->> 1
		AND l.row IN (SELECT n.row FROM lookup n WHERE n.kind = j.value ->> 0 AND n.value = j.value ->> 1 ORDER BY n.row DESC LIMIT ?)
		CROSS JOIN entry e ON e.row = l.row`, string(list), mostRepeats)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[key][]neighbour{}
	for rows.Next() {
		var k key
		n, err := scanNeighbour(rows.Scan, &k)
		if err != nil {
			return nil, err
		}
		found[k] = append(found[k], n)
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b neighbour) int { return cmp.Compare(b.row, a.row) })
	}
	return found, rows.Err()
}

func scanNeighbour(scan func(...any) error, under *key) (n neighbour, err error) {
	var findings, shown string
	var severity int
	if err := scan(&under.kind, &under.value, &n.row, &n.processID, &findings, &severity, &shown); err != nil {
		return n, err
	}
	var l struct{ Person evidence.Person }
	if err := json.Unmarshal([]byte(shown), &l); err != nil {
		return n, fmt.Errorf("read an index line: %w", err)
	}
	n.worst = evidence.Severity(severity) == evidence.Bad
	n.person, n.told = l.Person, slices.Contains(strings.Fields(findings), evidence.FindNumberRepeated)
	return n, nil
}

// others gathers processes, each once, with the numbers that they share.
type others struct {
	list []evidence.Other
	at   map[string]int
}

func (o *others) add(k key, processID string, p evidence.Person) {
	i, known := o.at[processID]
	if !known {
		i = len(o.list)
		o.at[processID] = i
		o.list = append(o.list, evidence.Other{ProcessID: processID, Person: p})
	}
	o.list[i].Document = o.list[i].Document || k.kind == keyDocument
	o.list[i].Personal = o.list[i].Personal || k.kind == keyPersonal
}

// withOthers adds to a report what the index knows of its numbers.
func (s *Store) withOthers(ctx context.Context, processID string, report evidence.Report) (evidence.Report, error) {
	x, err := s.acquire()
	if err != nil {
		return evidence.Report{}, err
	}
	defer x.users.Done()
	numbers := numbersOf(keysOf(Envelope{}, report))
	near, err := x.repeats(ctx, numbers)
	if err != nil {
		return evidence.Report{}, fmt.Errorf("find other processes with a number: %w", err)
	}
	found := others{at: map[string]int{}}
	for _, k := range numbers {
		for _, n := range near[k] {
			if n.processID != processID {
				found.add(k, n.processID, n.person)
			}
		}
	}
	return report.WithOthers(found.list), nil
}
