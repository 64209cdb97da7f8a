package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// inspection gathers what speaks against a trail. It goes on after a fault, so that the one that decides is found.
type inspection struct {
	verifier note.Verifier // nil: signatures are not checked
	key      string        // verifier key, of any epoch
	base     string        // origin of the trail's first epoch; empty: not known yet
	origin   string        // that of the records that were reached
	older    *signed
	tree     *tree
	found    map[int]finding // first of each exit code
	warnings []string

	last      time.Time // of the record before
	setBack   int64     // records older than the one before
	erased    int64     // records of which a detail is missing
	coverage  coverage
	snapshots *sqlitedb.DB
	checked   map[snapshotKey]string // snapshot -> what speaks against it, empty: nothing
	gone      int64                  // snapshots that an erasure removed

	resumptions []resumption

	snapshotsAsked bool
	filtered       bool // leaves are missing because a filter left them out
	completeness   bool // the query was applied to every leaf
	unsigned       int64
	rows           int64
}

// finding is a fault at a record; seq -1: at none in particular.
type finding struct {
	seq  int64
	text string
}

// note keeps the earliest fault of each kind; one that names a record is worth more than one that does not.
func (v *inspection) note(exit int, seq int64, format string, args ...any) {
	old, ok := v.found[exit]
	if !ok || old.seq < 0 && seq >= 0 || seq >= 0 && seq < old.seq {
		v.found[exit] = finding{seq, fmt.Sprintf(format, args...)}
	}
}

func (v *inspection) warn(format string, args ...any) {
	v.warnings = append(v.warnings, fmt.Sprintf(format, args...))
}

func (v *inspection) close() {
	if v.snapshots != nil {
		v.snapshots.Close()
	}
}

// tree grows by two implementations side by side.
type tree struct {
	tlog   frontier
	merkle *compact.Range
}

func newTree() *tree {
	factory := &compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &tree{merkle: factory.NewEmptyRange(0)}
}

// add appends a record's hash and returns the hashes that tlog would store for it.
func (t *tree) add(record tlog.Hash) ([]tlog.Hash, error) {
	if err := t.merkle.Append(record[:], nil); err != nil {
		return nil, err
	}
	return t.tlog.add(record)
}

var errDisagree = errors.New("the two implementations of the tree disagree")

func (t *tree) root() (tlog.Hash, error) {
	one, err := t.tlog.root()
	if err != nil {
		return tlog.Hash{}, err
	}
	other, err := t.merkle.GetRootHash(nil)
	if err != nil {
		return tlog.Hash{}, err
	}
	if t.tlog.size == 0 {
		other = rfc6962.DefaultHasher.EmptyRoot()
	}
	if !bytes.Equal(one[:], other) {
		return tlog.Hash{}, errDisagree
	}
	return one, nil
}

// hashLeaf hashes with both implementations.
func hashLeaf(b []byte) (tlog.Hash, error) {
	hash := tlog.RecordHash(b)
	if !bytes.Equal(hash[:], rfc6962.DefaultHasher.HashLeaf(b)) {
		return hash, errDisagree
	}
	return hash, nil
}

// matches compares the tree as it has grown so far with a checkpoint of its size.
func (v *inspection) matches(c signed) (bool, error) {
	root, err := v.tree.root()
	return root == c.root, err
}

// compareOlder is called after each record; it looks when the tree has the older checkpoint's size.
func (v *inspection) compareOlder() error {
	if v.older == nil || v.tree.tlog.size != v.older.size {
		return nil
	}
	same, err := v.matches(*v.older)
	if err == nil && (!same || v.older.origin != v.origin) {
		v.note(exitOlder, -1, "its first %d records are not those of the older checkpoint%s", v.older.size, v.lostWords())
	}
	return err
}

// examined is what a record tells by itself, without any other: many are examined at once.
type examined struct {
	leaf     leaf
	at       time.Time
	readable bool // the leaf is of a form that this program knows
	agree    bool // both implementations hash it alike
	hash     tlog.Hash
	wrong    []string // details that are not those that the leaf commits to
	unclear  []string // details that can be read in two ways, or in none
	lists    uint64   // see listed
}

func examine(b []byte, parts []part) (x examined) {
	var err error
	x.hash, err = hashLeaf(b)
	x.agree = err == nil
	if x.leaf, err = parseLeaf(b); err != nil {
		return x
	}
	x.at, err = x.leaf.at()
	x.readable = err == nil
	for _, p := range parts {
		if want, ok := x.leaf.Commit[p.name]; !ok || !p.meets(want) {
			x.wrong = append(x.wrong, p.name)
		} else if !p.formed() {
			x.unclear = append(x.unclear, p.name)
		}
		x.lists += listsOf(x.leaf.Seq, p)
	}
	return x
}

func (x *examined) sound() bool { return x.readable && x.agree && len(x.wrong)+len(x.unclear) == 0 }

// record checks a leaf against its stored hash and place, and reports whether there is more to say about it.
func (v *inspection) record(seq int64, x *examined, stored tlog.Hash) (ok bool) {
	if !x.agree || x.hash != stored {
		v.note(exitMismatch, seq, "record %d does not match its hash", seq)
	}
	if !x.readable {
		v.note(exitMismatch, seq, "record %d is %v", seq, errLeaf)
		return false
	}
	l := &x.leaf
	if l.Seq != seq {
		v.note(exitGap, seq, "record %d stands in the place of record %d", l.Seq, seq)
	}
	v.meet(l.Log) // where no key and no checkpoint told the origin
	if l.Log != v.origin && !v.goesOn(*l, seq) {
		v.note(exitSignature, seq, "record %d is of the trail %q, not of %q", seq, l.Log, v.origin)
	}
	if x.at.Before(v.last) {
		v.setBack++
	}
	v.last = x.at
	if l.Action == ProcessErase && l.Outcome == OK {
		v.coverage.add(*l, seq)
	}
	return true
}

// details tells of parts that are not what the record commits to, or can be read in two ways; required ones that are not there must have been erased.
func (v *inspection) details(x *examined, seq int64, parts []part, required bool) {
	for _, name := range x.wrong {
		v.note(exitMismatch, seq, "detail %q of record %d is not the one that the record commits to", name, seq)
	}
	for _, name := range x.unclear {
		v.note(exitMismatch, seq, "detail %q of record %d does not have the form of one, so that readers may differ about it", name, seq)
	}
	if required && len(parts) < len(x.leaf.Commit) {
		v.erased++
		v.coverage.miss(x.leaf, seq, parts)
	}
}

// finish looks at what can only be told at the end.
func (v *inspection) finish() {
	if seq, ok := v.coverage.uncovered(); ok {
		v.note(exitErased, seq, "a detail of record %d is missing and no erasure is recorded", seq)
	}
	if v.older != nil && v.tree.tlog.size < v.older.size {
		v.note(exitOlder, -1, "it holds %d records, the older checkpoint %d%s", v.tree.tlog.size, v.older.size, v.lostWords())
	}
	if v.setBack > 0 {
		v.warn("%d records carry an earlier time than the one before: a clock was set back; numbers are the order", v.setBack)
	}
	if v.gone > 0 {
		v.warn("%d snapshots were erased and cannot be compared", v.gone)
	}
}

// snapshotKey names a snapshot as a leaf does.
type snapshotKey struct {
	process, sha256 string
	version         int
}

func (v *inspection) openSnapshots(ctx context.Context, path string) (err error) {
	v.checked = map[snapshotKey]string{}
	v.snapshots, err = sqlitedb.OpenReadOnly(ctx, path)
	return err
}

// snapshot compares the snapshots that a leaf names with the bytes that are held.
func (v *inspection) snapshot(ctx context.Context, seq int64, l *leaf) error {
	if v.snapshots == nil {
		return nil
	}
	p := l.process()
	beside, _ := strconv.Atoi(l.Facts[factBesideVersion]) // a leaf that names no number names no snapshot beside
	return errors.Join(v.holdAgainst(ctx, seq, snapshotKey{p.ID, p.SHA256, p.Version}),
		v.holdAgainst(ctx, seq, snapshotKey{p.ID, l.Facts[factBesideSHA256], beside}))
}

func (v *inspection) holdAgainst(ctx context.Context, seq int64, key snapshotKey) error {
	if key.sha256 == "" || key.version == 0 {
		return nil
	}
	fault, known := v.checked[key]
	if !known {
		var err error
		if fault, err = v.compareSnapshot(ctx, key); err != nil {
			return err
		}
		v.checked[key] = fault
	}
	if fault != "" {
		v.note(exitSnapshot, seq, "version %d of the process that record %d names %s", key.version, seq, fault)
	}
	return nil
}

func (v *inspection) compareSnapshot(ctx context.Context, key snapshotKey) (fault string, err error) {
	var body []byte
	err = v.snapshots.Reader.QueryRowContext(ctx, "SELECT body FROM snapshot WHERE process_id = ? AND version = ?", key.process, key.version).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		var erased bool
		err = v.snapshots.Reader.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM tombstone WHERE process_id = ?)", key.process).Scan(&erased)
		if erased {
			v.gone++
			return "", err
		}
		return "is not held", err
	}
	if err != nil {
		return "", fmt.Errorf("read a snapshot: %w", err)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != key.sha256 {
		return "is held with other bytes", nil
	}
	return "", nil
}
