package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/evidence"
)

// Query is one search. Repeatable filters are alternatives within and conditions between; dates are UTC days, both
// inclusive; zero means open.
type Query struct {
	Term                                      string   // as typed; resolved from Query string s by the caller
	As                                        string   // how the term is meant, one of ReadingCodes; empty: in every way it can be
	IDs                                       []string // pasted ids or references, at most MaxIDs; found in this order, whatever Sort
	Status, Provider, Type, Relation, Finding []string
	Nationality, Country, WayIn               []string
	Ending                                    []string // "final", "open", "with-result", "without-result"
	From, To, UpdatedFrom, UpdatedTo          time.Time
	Within                                    time.Duration // created that long ago or less, by the clock of the search
	Sort                                      string        // created (default), updated, attention
	After, Before                             string        // opaque cursors, tied to the search
}

// Facet is one value with its count for the search at hand: all filters but those of its own parameter.
type Facet struct {
	Value string
	Count int
}

// Found is the answer to a search: ids and counts only.
type Found struct {
	IDs        []string
	Missing    []string // of Query.IDs, those not held, whatever the filters
	Total      int
	More       bool // Total is the bound 10000 and there are more
	Next, Prev string
	Understood string             // how the term was understood: "a name", "a date of birth", "a document number or an id"
	Readings   []Reading          // every way in which the term could be meant, whatever Query.As
	Facets     map[string][]Facet // by parameter name: status, provider, type, relation, finding, nationality, country, way_in, ending
}

// Bounds of a search.
const (
	PageSize = 50     // rows of a page of results
	MaxIDs   = 1000   // pasted ids
	maxTotal = 10_000 // beyond it a total is only "more"
)

var (
	sorts     = []string{"created", "updated", "attention"}
	relations = []string{string(evidence.Differs), string(evidence.Unsourced), string(evidence.Absent), string(evidence.Equivalent),
		string(evidence.Same), string(evidence.Single)}
	waysIn      = []string{string(ByListing), string(ByEvent), string(ByRefresh), string(ByImport)}
	endingCodes = []string{"final", "open", "with-result", "without-result"}
)

// filters are the repeatable filters by parameter name.
func (q Query) filters() map[string][]string {
	return map[string][]string{"status": q.Status, "provider": q.Provider, "type": q.Type, "relation": q.Relation, "finding": q.Finding,
		"nationality": countries(q.Nationality), "country": countries(q.Country), "way_in": q.WayIn, "ending": q.Ending}
}

// countries are the codes under which entries are known.
func countries(spellings []string) (codes []string) {
	for _, s := range spellings {
		codes = append(codes, country(s))
	}
	return codes
}

// Canonical is the query's stable text: the same for two queries that find the same in the same order. It leaves the
// place in the pages out. An export's receipt must cover it.
func (q Query) Canonical() string {
	v := url.Values{}
	for name, values := range q.filters() {
		v[name] = slices.Compact(slices.Sorted(slices.Values(values)))
	}
	v["id"] = q.IDs
	for name, value := range map[string]string{"term": q.Term, "as": q.As, "sort": q.sort(), "from": canonicalDay(q.From), "to": canonicalDay(q.To),
		"updated_from": canonicalDay(q.UpdatedFrom), "updated_to": canonicalDay(q.UpdatedTo)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Within != 0 {
		v.Set("within", q.Within.String())
	}
	return v.Encode()
}

func canonicalDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func (q Query) sort() string {
	if q.Sort == "" {
		return sorts[0]
	}
	return q.Sort
}

// check refuses parameter values that mean nothing. What Assure invents means something as soon as a process has it.
func (q Query) check(m *memory) error {
	for _, p := range []struct {
		name   string
		values []string
		known  func(string) bool
	}{{"sort", []string{q.sort()}, oneOf(sorts)}, {"as", []string{q.As}, func(v string) bool { return v == "" || slices.Contains(ReadingCodes(), v) }}, {"relation", q.Relation, oneOf(relations)}, {"way_in", q.WayIn, oneOf(waysIn)},
		{"finding", q.Finding, oneOf(evidence.FindingCodes())}, {"ending", q.Ending, oneOf(endingCodes)},
		{"status", q.Status, func(v string) bool { return evidence.DescribeStatus(v).Known }}, {"provider", q.Provider, evidence.KnownProvider},
		{"type", q.Type, evidence.KnownProcessType}, {"nationality", countries(q.Nationality), evidence.KnownCountry},
		{"country", countries(q.Country), evidence.KnownCountry}} {
		for _, v := range p.values {
			if !p.known(v) && m.facets[p.name][v] == nil {
				return badParameter(p.name)
			}
		}
	}
	return nil
}

func oneOf(known []string) func(string) bool {
	return func(v string) bool { return slices.Contains(known, v) }
}

// checkBounds refuses what would cost too much or contradicts itself.
func (q Query) checkBounds() error {
	switch {
	case len(q.IDs) > MaxIDs:
		return badParameter("ids")
	case q.Within < 0:
		return badParameter("within")
	case q.After != "" && q.Before != "":
		return badParameter("after")
	}
	return nil
}

func badParameter(name string) error {
	return apperr.New(apperr.BadRequest, "The search has a parameter that the portal cannot read ("+name+").", "Start again from the search page.")
}

// Search finds processes. Any term is answered. Kind apperr.BadRequest for the value of a filter that neither the reference
// names nor any process has, more than MaxIDs ids, or a cursor that is not of this search.
func (s *Store) Search(ctx context.Context, q Query) (Found, error) {
	if err := q.checkBounds(); err != nil {
		return Found{}, err
	}
	place, err := s.readCursor(q)
	if err != nil {
		return Found{}, err
	}
	x, err := s.acquire()
	if err != nil {
		return Found{}, err
	}
	defer x.users.Done()
	if err := s.restate(ctx, x); err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	c, err := x.candidates(ctx, q)
	if err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	m := x.memory
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := q.check(m); err != nil {
		return Found{}, err
	}
	f := m.match(q, &c, s.now())
	found := Found{Missing: c.missing, Understood: c.understood(), Readings: c.readings(), Facets: m.facetsOf(f)}
	found.Total, found.More = total(f.set)
	page := c.shelves(q, m, f.set).page(c.order(q, m), place)
	s.addPage(&found, q, page)
	return found, nil
}

// total is how many rows there are, up to the bound, and whether there are more.
func total(set *roaring.Bitmap) (n int, more bool) {
	all := set.GetCardinality()
	return int(min(all, maxTotal)), all > maxTotal
}

// addPage takes the ids of a page and the cursors to its neighbours.
func (s *Store) addPage(f *Found, q Query, p page) {
	for _, k := range p.keys {
		f.IDs = append(f.IDs, k.id.String())
	}
	if len(p.keys) == 0 {
		return
	}
	if p.earlier {
		f.Prev = s.cursor(q, p.keys[0])
	}
	if p.later {
		f.Next = s.cursor(q, p.keys[len(p.keys)-1])
	}
}

// match gives what a query finds among its candidates.
func (m *memory) match(q Query, c *candidates, now time.Time) match {
	base := m.all
	if c.limited {
		base = roaring.And(m.all, c.rows(m))
	}
	created := days(q.From, q.To)
	if q.Within > 0 {
		created.from = max(created.from, now.Add(-q.Within).UnixMilli())
	}
	return m.narrow(m.between(base, created, days(q.UpdatedFrom, q.UpdatedTo)), q.filters())
}

// candidates are what the term or the pasted ids lead to before any filter.
type candidates struct {
	limited  bool                       // there was a term or a list; otherwise all rows are candidates
	names    [][]string                 // spellings of each word, nil if the term is read as no name
	named    *roaring.Bitmap            // rows of names, once they were looked up
	byKey    map[string]*roaring.Bitmap // rows by kind of key; a kind that was tried has an entry
	pasted   map[uint32]int             // place in the list of pasted ids
	missing  []string
	isPasted bool
	as       string
	read     int // rows that the term's keys were read from
}

// candidates asks the index file for keys; names are looked up in memory later.
func (x *index) candidates(ctx context.Context, q Query) (c candidates, err error) {
	if q.IDs != nil {
		return x.pasted(ctx, q.IDs)
	}
	term := strings.TrimSpace(q.Term)
	if term == "" {
		return c, nil
	}
	c = candidates{limited: true, as: q.As, names: nameTerm(term), byKey: map[string]*roaring.Bitmap{}}
	for some := range slices.Chunk(x.memory.lookUp(readings(term), c.byKey), readingsAtOnce) {
		n, err := x.lookUp(ctx, some, c.byKey)
		if err != nil {
			return c, err
		}
		c.read += n
	}
	return c, nil
}

// rows joins what every reading of the term found, or the one that was asked for.
func (c *candidates) rows(m *memory) *roaring.Bitmap {
	result := roaring.New()
	if len(c.names) > 0 {
		c.named = m.named(c.names)
		if c.as == "" || c.as == readName {
			result.Or(c.named)
		}
	}
	for kind, set := range c.byKey {
		if c.as == "" || c.as == readingOf[kind] {
			result.Or(set)
		}
	}
	for row := range c.pasted {
		result.Add(row)
	}
	return result
}

// order gives the sort key of a row.
func (c candidates) order(q Query, m *memory) func(row uint32) rank {
	return func(row uint32) rank {
		k := m.keys.at(row)
		r := rank{k.created, k.created, m.id(row)}
		switch {
		case c.isPasted:
			r.major = -int64(c.pasted[row])
		case q.sort() == "updated":
			r.major = k.updated
		case q.sort() == "attention":
			r.major = int64(m.worst.at(row))
		}
		return r
	}
}

// shelves parts what was found into stretches in the order of the list.
func (c candidates) shelves(q Query, m *memory, set *roaring.Bitmap) shelves {
	switch {
	case c.isPasted || set.GetCardinality() <= fewRows:
		return oneShelf(set)
	case q.sort() == "updated":
		return m.updated.shelves(set, majorOf)
	case q.sort() == "attention":
		return m.bySeverity(set)
	}
	return m.created.shelves(set, createdOf)
}

// readingsAtOnce is how many readings one statement looks up: as many as most terms have, since a search that waits for a connection
// should wait once.
const readingsAtOnce = 8

// lookUp adds the rows of readings that crowds share to the sets of their kinds, and gives the readings that the file knows.
func (m *memory) lookUp(all []reading, byKind map[string]*roaring.Bitmap) (others []reading) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, r := range all {
		if byKind[r.kind] == nil {
			byKind[r.kind] = roaring.New()
		}
		if rows, known := m.crowds.find(r.begins()); !known {
			others = append(others, r)
		} else if rows != nil {
			byKind[r.kind].Or(rows)
		}
	}
	return others
}

// lookUp reads the rows of some readings into the sets of their kinds, and says how many it read.
func (x *index) lookUp(ctx context.Context, some []reading, byKind map[string]*roaring.Bitmap) (read int, err error) {
	args := make([]any, 3*readingsAtOnce)
	for i, r := range some {
		args[3*i] = r.kind
		args[3*i+1], args[3*i+2] = r.begins().span()
	}
	rows, err := x.db.Reader.QueryContext(ctx, `WITH reading (kind, low, high) AS (VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?),
		(?, ?, ?), (?, ?, ?), (?, ?, ?)) SELECT r.kind, (SELECT group_concat(l.row) FROM lookup l
		WHERE l.kind = r.kind AND l.value >= r.low AND l.value < r.high) FROM reading r WHERE r.kind IS NOT NULL`, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var found sql.RawBytes // one value of many numbers: each row of a result costs more than reading its number
		if err := rows.Scan(&kind, &found); err != nil {
			return 0, err
		}
		n, err := addNumbers(byKind[kind], found)
		if err != nil {
			return 0, err
		}
		read += n
	}
	return read, rows.Err()
}

// addNumbers adds rows that are parted by commas, and says how many.
func addNumbers(set *roaring.Bitmap, list []byte) (n int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	rows := make([]uint32, 0, 1+bytes.Count(list, []byte(",")))
	for text := range bytes.SplitSeq(list, []byte(",")) {
		row, err := strconv.ParseUint(string(text), 10, 32)
		if err != nil {
			return 0, err
		}
		rows = append(rows, uint32(row))
	}
	set.AddMany(rows)
	return len(rows), nil
}
