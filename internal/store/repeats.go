package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/assure-portal/portal/internal/evidence"
)

// batch is entries that are about to take their place in the index, while what they and those in the index say of each other's numbers is
// worked out. What stands in the index and says something else because of them joins them, so that one transaction brings both.
type batch struct {
	x       *index
	ids     []string
	entries map[string]*entry   // one that is not held any more has none
	held    map[string][]key    // numbers by which each was found until now
	near    map[key][]neighbour // what the index holds under a number
	sharing map[key][]*entry    // those of the batch, by number
}

// withRepeats completes entries with their findings about other processes, and adds those of other processes that change with them.
func (s *Store) withRepeats(ctx context.Context, x *index, ids []string, entries map[string]*entry) ([]string, error) {
	b := &batch{x: x, ids: slices.Clone(ids), entries: entries, near: map[key][]neighbour{}, sharing: map[key][]*entry{}}
	var err error
	if b.held, err = x.numbersHeld(ctx, ids); err != nil {
		return nil, fmt.Errorf("find the numbers of processes: %w", err)
	}
	if err := b.lookUp(ctx, ids); err != nil {
		return nil, err
	}
	stale := b.stale()
	for some := range slices.Chunk(stale, indexBatch) {
		derived, err := s.deriveEntries(ctx, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(entries, derived)
	}
	b.ids = append(b.ids, stale...)
	if err := b.lookUp(ctx, stale); err != nil {
		return nil, err
	}
	b.tell()
	return b.ids, nil
}

// deriveEntries reads and derives the entries of those ids that are held.
func (s *Store) deriveEntries(ctx context.Context, ids []string) (map[string]*entry, error) {
	sources, err := s.sources(ctx, ids)
	if err == nil {
		err = s.addEarlier(ctx, sources)
	}
	if err != nil {
		return nil, err
	}
	return deriveAll(sources, s.now().UTC()), nil
}

// numbersHeld are the numbers by which the index finds each of some processes now.
func (x *index) numbersHeld(ctx context.Context, ids []string) (map[string][]key, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT e.process_id, e.keys FROM json_each(?) j CROSS JOIN entry e ON e.process_id = j.value`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := map[string][]key{}
	for rows.Next() {
		var id, keys string
		if err := rows.Scan(&id, &keys); err != nil {
			return nil, err
		}
		held[id] = numbersOf(readKeys(keys))
	}
	return held, rows.Err()
}

// numbers are those of one process of the batch, as it is to be.
func (b *batch) numbers(id string) []key {
	if e := b.entries[id]; e != nil {
		return numbersOf(e.keys)
	}
	return nil
}

// lookUp reads what the index holds under the numbers that some of the batch had and will have.
func (b *batch) lookUp(ctx context.Context, ids []string) error {
	var asked []key
	for _, id := range ids {
		for _, k := range b.numbers(id) {
			b.sharing[k] = append(b.sharing[k], b.entries[id])
		}
		for _, k := range slices.Concat(b.held[id], b.numbers(id)) {
			if _, known := b.near[k]; !known {
				b.near[k] = nil
				asked = append(asked, k)
			}
		}
	}
	near, err := b.x.repeats(ctx, asked)
	if err != nil {
		return fmt.Errorf("find processes with a number: %w", err)
	}
	maps.Copy(b.near, near)
	return nil
}

// stale lists the processes outside the batch whose findings about others may change with it. One more stranger changes nothing for a process
// that knows of others and has a finding of the worst kind, so that a number that thousands have does not cost each of them for each.
func (b *batch) stale() []string {
	inside := map[string]bool{}
	for _, id := range b.ids {
		inside[id] = true
	}
	var stale []string
	for _, id := range b.ids {
		numbers := b.numbers(id)
		for _, k := range slices.Concat(b.held[id], numbers) {
			for _, n := range b.near[k] {
				strange, isNew := b.contradicts(id, k, n, numbers), len(b.held[id]) == 0
				if inside[n.processID] || !strange && !n.told || strange && n.told && n.worst && isNew {
					continue
				}
				inside[n.processID] = true
				stale = append(stale, n.processID)
			}
		}
	}
	return stale
}

// contradicts reports whether a neighbour will be told of a process of the batch.
func (b *batch) contradicts(id string, k key, n neighbour, numbers []key) bool {
	if !slices.Contains(numbers, k) {
		return false
	}
	seen := others{at: map[string]int{}}
	seen.add(k, id, b.entries[id].line.Person)
	return len(evidence.Repeated(n.person, seen.list)) > 0
}

// tell gives each entry its findings about others, those of the batch included.
func (b *batch) tell() {
	inside := map[string]bool{}
	for _, id := range b.ids {
		inside[id] = true
	}
	for id, e := range b.entries {
		found := others{at: map[string]int{}}
		for _, k := range b.numbers(id) {
			for _, n := range b.near[k] {
				if !inside[n.processID] {
					found.add(k, n.processID, n.person)
				}
			}
			for _, other := range b.sharing[k][:min(len(b.sharing[k]), mostRepeats)] {
				if other != e {
					found.add(k, other.processID, other.line.Person)
				}
			}
		}
		e.addOthers(found.list)
	}
}

// addOthers adds to an entry what others say of its numbers, in the order of a page.
func (e *entry) addOthers(found []evidence.Other) {
	if repeated := evidence.Repeated(e.line.Person, found); len(repeated) > 0 {
		all := evidence.WorstFirst(slices.Concat(e.told, repeated))
		e.findings, e.severity, e.line.WorstText = nil, 0, ""
		e.addFindings(all)
	}
	e.told = nil
}
