package audit

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// passageRows is how many records are read at once to be verified.
const passageRows = blockRows

// passage is what a file holds of some records that follow each other.
type passage struct {
	stretch
	form    fileForm
	records []storedRecord // one a number
	hashes  storedHashes
	lines   []byte // kept of them, nil if none are
	odd     int64  // the first record whose line is another; -1: none
}

// storedRecord is a record with what stands beside it. leaf is nil if it is missing.
type storedRecord struct {
	entry
	fact     fact
	hasFact  bool
	factText string // read the quick way: fact as joined makes it
	examined examined
}

// storedHashes are nodes of the tree by index: those from first on without a gap, or, where there is one, by row.
type storedHashes struct {
	first  int64
	packed []byte
	rows   map[int64]tlog.Hash
}

func (s storedHashes) at(index int64) (tlog.Hash, bool) {
	if s.rows != nil {
		hash, ok := s.rows[index]
		return hash, ok
	}
	at := (index - s.first) * tlog.HashSize
	if at < 0 || at+tlog.HashSize > int64(len(s.packed)) {
		return tlog.Hash{}, false
	}
	return tlog.Hash(s.packed[at : at+tlog.HashSize]), true
}

// fileForm is what a file has beside what the first files had.
type fileForm struct {
	dossiers bool // in the table fact, and the table span
	lines    bool // table line_block
}

// newestForm is that of a file that a portal has open.
var newestForm = fileForm{true, true}

func readForm(ctx context.Context, db *sqlitedb.DB) (f fileForm, err error) {
	err = db.Reader.QueryRowContext(ctx, "SELECT count(*) FILTER (WHERE name = 'span') > 0, count(*) FILTER (WHERE name = 'line_block') > 0 FROM sqlite_schema WHERE type = 'table'").
		Scan(&f.dossiers, &f.lines)
	return f, err
}

// dossier is the column, or what stands for it.
func (f fileForm) dossier() string {
	if f.dossiers {
		return "dossier_id"
	}
	return "''"
}

// readPassage reads and examines some records. What is as it should be is read in a few rows for all of them, because
// most of the time of reading is per row and column; where that meets anything else, row by row, which then decides.
func readPassage(ctx context.Context, db *sqlitedb.DB, form fileForm, c stretch) (*passage, error) {
	s := &passage{stretch: c, form: form, records: make([]storedRecord, c.end-c.first), odd: -1}
	for i := range s.records {
		s.records[i].seq = c.first + int64(i)
	}
	whole := false
	err := db.Chunk(ctx, func() (err error) { whole, err = s.readPacked(ctx, db); return err })
	if err != nil {
		return nil, err
	}
	sound := whole && s.examine()
	if !sound {
		s.hashes = storedHashes{}
		if err := db.Chunk(ctx, func() error { return s.readRows(ctx, db) }); err != nil {
			return nil, err
		}
		sound = s.examine()
	}
	if sound && s.lines != nil { // else another fault says more
		if seq, odd := s.oddLine(); odd {
			s.odd = seq
		}
	}
	return s, nil
}

// examine reports whether everything is there and as it should be, as far as single records tell.
func (s *passage) examine() (sound bool) {
	sound = true
	for i := range s.records {
		r := &s.records[i]
		if r.leaf == nil {
			sound = false
			continue
		}
		r.examined = examine(r.leaf, r.parts)
		stored, ok := s.hashes.at(tlog.StoredHashIndex(0, r.seq))
		sound = sound && r.examined.sound() && ok && stored == r.examined.hash && r.factMatches(s.form)
	}
	return sound
}

// factMatches compares what filters look at with the leaf.
func (r *storedRecord) factMatches(form fileForm) bool {
	at, err := r.examined.leaf.at()
	if err != nil {
		return false
	}
	want := factOf(r.examined.leaf, at)
	if !form.dossiers {
		want.dossier = ""
	}
	if r.factText == "" {
		return r.hasFact && r.fact == want
	}
	return r.factText == want.joined() && strings.Count(r.factText, factMark) == 6
}

// Marks between columns and rows that are read as one text.
const (
	factMark = "\x1f"
	rowMark  = "\x1e"
)

// joined is the fact as readPacked's statement joins it.
func (f fact) joined() string {
	b := strconv.AppendInt(make([]byte, 0, 160), f.at, 10)
	for _, column := range []string{f.actor, f.action, f.outcome, f.process, f.purpose, f.dossier} {
		b = append(append(b, factMark...), column...)
	}
	return string(b)
}

// readPacked reads the records if none is missing and none holds a mark; whole is false if that is not so.
func (s *passage) readPacked(ctx context.Context, db *sqlitedb.DB) (whole bool, err error) {
	leaves, err := s.pack(ctx, db, `SELECT min(seq), count(*), CAST(group_concat(leaf, char(10)) AS BLOB)
		FROM (SELECT seq, leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq)`, s.stretch)
	if err != nil || leaves == nil {
		return false, err
	}
	facts, err := s.pack(ctx, db, `SELECT min(seq), count(at + octet_length(actor) + octet_length(action) + octet_length(outcome) + octet_length(process_id)
			+ octet_length(purpose) + octet_length(dossier)), CAST(group_concat(concat_ws(char(31), at, actor, action, outcome, process_id, purpose, dossier), char(30)) AS BLOB)
		FROM (SELECT seq, at, actor, action, outcome, process_id, purpose, `+s.form.dossier()+` AS dossier FROM fact WHERE seq >= ? AND seq < ? ORDER BY seq)`, s.stretch)
	if err != nil || facts == nil {
		return false, err
	}
	nodes := stretch{tlog.StoredHashIndex(0, s.first), tlog.StoredHashIndex(0, s.end)}
	hashes, err := s.pack(ctx, db, `SELECT min(idx), count(*) FILTER (WHERE octet_length(hash) = 32), CAST(group_concat(hash, '') AS BLOB)
		FROM (SELECT idx, hash FROM node WHERE idx >= ? AND idx < ? ORDER BY idx)`, nodes)
	if err != nil || hashes == nil {
		return false, err
	}
	s.hashes = storedHashes{first: nodes.first, packed: hashes}
	if s.form.lines {
		if s.lines, err = keptLines(ctx, db, s.stretch); err != nil {
			return false, err
		}
	}
	if !s.unpack(leaves, string(facts)) {
		return false, nil
	}
	return s.readPackedDetails(ctx, db)
}

// readPackedDetails reads all details as one, each with the lengths of its pieces in front.
func (s *passage) readPackedDetails(ctx context.Context, db *sqlitedb.DB) (whole bool, err error) {
	err = db.Stream(ctx, `SELECT count(*), CAST(coalesce(group_concat(seq || ' ' || octet_length(part) || ' ' || octet_length(salt) || ' ' || octet_length(body) || ' ' ||
		part || salt || body, ''), '') AS BLOB) FROM (SELECT seq, part, salt, body FROM detail WHERE seq >= ? AND seq < ? ORDER BY seq, part)`,
		[]any{s.first, s.end}, func(columns []sql.RawBytes) error {
			n, err := parseSeq(columns[0])
			whole = err == nil && s.unpackDetails(n, slices.Clone([]byte(columns[1])))
			return err
		})
	if err != nil {
		return false, fmt.Errorf("read details: %w", err)
	}
	return whole, nil
}

// unpackDetails reports whether there are n details, no more and no less.
func (s *passage) unpackDetails(n int64, packed []byte) bool {
	for range n {
		var lengths [4]int // the first is the record's number
		for i := range lengths {
			word, rest, found := bytes.Cut(packed, []byte(" "))
			number, err := strconv.Atoi(string(word))
			if !found || err != nil {
				return false
			}
			lengths[i], packed = number, rest
		}
		name, salt, body := lengths[1], lengths[1]+lengths[2], lengths[1]+lengths[2]+lengths[3]
		if at := int64(lengths[0]) - s.first; at < 0 || at >= int64(len(s.records)) || name < 0 || salt < name || body < salt || body > len(packed) {
			return false
		}
		r := &s.records[int64(lengths[0])-s.first]
		r.parts = append(r.parts, part{partName(packed[:name]), packed[name:salt:salt], packed[salt:body:body]})
		packed = packed[body:]
	}
	return len(packed) == 0
}

// pack runs a query of the least number, how many are whole and all of them as one, and gives that, or nil if some number
// of c is missing.
func (s *passage) pack(ctx context.Context, db *sqlitedb.DB, query string, c stretch) (packed []byte, err error) {
	err = db.Stream(ctx, query, []any{c.first, c.end}, func(columns []sql.RawBytes) error {
		if string(columns[0]) == strconv.FormatInt(c.first, 10) && string(columns[1]) == strconv.FormatInt(c.end-c.first, 10) {
			packed = slices.Clone([]byte(columns[2]))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return packed, nil
}

// unpack reports whether there is exactly one piece for each record: then no piece can hold a mark of its own.
func (s *passage) unpack(leaves []byte, facts string) bool {
	n := len(s.records)
	if bytes.Count(leaves, []byte("\n")) != n-1 || strings.Count(facts, rowMark) != n-1 {
		return false
	}
	for i := range s.records {
		s.records[i].leaf, leaves, _ = bytes.Cut(leaves, []byte("\n"))
		s.records[i].factText, facts, _ = strings.Cut(facts, rowMark)
	}
	return true
}

func (s *passage) readDetails(ctx context.Context, db *sqlitedb.DB) error {
	err := db.Stream(ctx, "SELECT seq, part, salt, body FROM detail WHERE seq >= ? AND seq < ? ORDER BY seq, part", []any{s.first, s.end}, func(columns []sql.RawBytes) error {
		seq, err := parseSeq(columns[0])
		if err != nil {
			return err
		}
		kept := append(append(make([]byte, 0, len(columns[2])+len(columns[3])), columns[2]...), columns[3]...)
		salt := len(columns[2])
		r := &s.records[seq-s.first]
		r.parts = append(r.parts, part{partName(columns[1]), kept[:salt:salt], kept[salt:]})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read details: %w", err)
	}
	return nil
}

// partName spares a copy of the names that there are.
func partName(b []byte) string {
	switch string(b) {
	case "who":
		return "who"
	case "term":
		return "term"
	case "purpose":
		return "purpose"
	case "shown":
		return "shown"
	}
	return string(b)
}

// readRows reads whatever there is, row by row.
func (s *passage) readRows(ctx context.Context, db *sqlitedb.DB) error {
	for i := range s.records {
		s.records[i] = storedRecord{entry: entry{seq: s.first + int64(i)}}
	}
	err := db.Stream(ctx, "SELECT seq, leaf FROM entry WHERE seq >= ? AND seq < ?", []any{s.first, s.end}, func(columns []sql.RawBytes) error {
		seq, err := parseSeq(columns[0])
		if err == nil {
			s.records[seq-s.first].leaf = append([]byte{}, columns[1]...) // an empty one is there
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	if err := s.readFacts(ctx, db); err != nil {
		return fmt.Errorf("read what filters look at: %w", err)
	}
	if s.hashes.rows, err = readNodes(ctx, db, s.stretch); err != nil {
		return err
	}
	return s.readDetails(ctx, db)
}

func (s *passage) readFacts(ctx context.Context, db *sqlitedb.DB) error {
	rows, err := db.Reader.QueryContext(ctx, "SELECT seq, at, actor, action, outcome, process_id, purpose, "+s.form.dossier()+
		" FROM fact WHERE seq >= ? AND seq < ? ORDER BY seq", s.first, s.end)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var f fact
		if err := rows.Scan(&seq, &f.at, &f.actor, &f.action, &f.outcome, &f.process, &f.purpose, &f.dossier); err != nil {
			return err
		}
		r := &s.records[seq-s.first]
		r.fact, r.hasFact = f, true
	}
	return rows.Err()
}

func readNodes(ctx context.Context, db *sqlitedb.DB, c stretch) (map[int64]tlog.Hash, error) {
	stored := map[int64]tlog.Hash{}
	err := db.Stream(ctx, "SELECT idx, hash FROM node WHERE idx >= ? AND idx < ?", []any{tlog.StoredHashIndex(0, c.first), tlog.StoredHashIndex(0, c.end)},
		func(columns []sql.RawBytes) error {
			index, err := parseSeq(columns[0])
			if err == nil && len(columns[1]) == tlog.HashSize {
				stored[index] = tlog.Hash(columns[1])
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read hashes: %w", err)
	}
	return stored, nil
}
