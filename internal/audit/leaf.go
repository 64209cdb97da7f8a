package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/apperr"
)

// Bounds of a record in bytes, checked before anything else happens: a record that turns out too long after the act
// would either be missing or stop the trail.
const (
	maxLeaf   = 16 << 10
	maxDetail = 128 << 10 // each part; a list of 1,000 ids of 64 characters fits
)

// timeFormat is how times stand in leaves and CSV: UTC, milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

// leafVersion is the form of the leaf below.
const leafVersion = 1

// leaf is what is hashed. Its JSON, in this order of fields and without spaces, is made once and stored as it is.
type leaf struct {
	Version int               `json:"v"`
	Log     string            `json:"log"` // origin, so that a leaf cannot be replayed in another trail
	Seq     int64             `json:"seq"`
	Time    string            `json:"time"`
	Action  Action            `json:"action"`
	Outcome Outcome           `json:"outcome"`
	Issuer  string            `json:"issuer,omitempty"`
	Actor   string            `json:"actor,omitempty"`
	Role    string            `json:"role,omitempty"`
	Session string            `json:"session,omitempty"`
	Request string            `json:"request,omitempty"`
	Process *leafProcess      `json:"process,omitempty"`
	Classes []string          `json:"classes,omitempty"`
	Rows    int64             `json:"rows"`
	Purpose string            `json:"purpose,omitempty"`
	Facts   map[string]string `json:"facts,omitempty"`
	Build   string            `json:"build,omitempty"`
	Commit  map[string]string `json:"commit,omitempty"` // part -> hex HMAC-SHA256(salt, body)
}

type leafProcess struct {
	ID      string `json:"id"`
	Dossier string `json:"dossier,omitempty"`
	Version int    `json:"version,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Mapping int    `json:"mapping,omitempty"`
}

// The parts of the detail.
type (
	whoPart struct {
		Name    string `json:"name,omitempty"`
		Address string `json:"address,omitempty"`
	}
	termPart struct {
		Term string `json:"term"`
	}
	purposePart struct {
		Case    string `json:"case,omitempty"`
		Because string `json:"because,omitempty"`
	}
	shownPart struct {
		Shown []string `json:"shown"`
	}
)

// part is one erasable piece of a record. body is JSON, committed to exactly as it stands.
type part struct {
	name string
	salt []byte
	body []byte
}

// commitment binds a part to its leaf without telling anything about it once the salt is gone.
func (p part) commitment() string {
	mac := hmac.New(sha256.New, p.salt)
	mac.Write(p.body)
	return hex.EncodeToString(mac.Sum(nil))
}

// meets reports whether the part has this commitment.
func (p part) meets(commitment string) bool {
	mac := hmac.New(sha256.New, p.salt)
	mac.Write(p.body)
	var sum [sha256.Size]byte
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], mac.Sum(sum[:0]))
	return string(text[:]) == commitment
}

// draft is a record but for its number and time, which the writer gives.
type draft struct {
	event  Event
	leaf   leaf
	parts  []part
	erases []detailKey // what goes in the same transaction
}

// newDraft checks an event and makes everything of its record that does not depend on its place in the log.
func newDraft(e Event, origin, build string) (*draft, error) {
	if !slices.Contains(Actions(), e.Action) || !slices.Contains(Outcomes(), e.Outcome) {
		return nil, fmt.Errorf("audit: %q with outcome %q is not a record", e.Action, e.Outcome)
	}
	d := &draft{event: e}
	if err := d.addParts(); err != nil {
		return nil, err
	}
	d.leaf = leaf{Version: leafVersion, Log: origin, Action: e.Action, Outcome: e.Outcome, Issuer: e.Actor.Issuer, Actor: e.Actor.Subject,
		Role: e.Actor.Role, Session: e.Actor.Session, Request: e.RequestID, Process: processOf(e.Process), Classes: e.Classes,
		Rows: e.Rows, Purpose: e.Purpose, Facts: withoutEmpty(e.facts()), Build: build, Commit: commitments(d.parts)}
	_, bytes, err := d.at(1<<62, time.Time{})
	if err == nil && len(bytes) > maxLeaf {
		err = tooLong("leaf", len(bytes), maxLeaf)
	}
	return d, err
}

// pages is how many pages of the file the record changes at most, in a transaction of its own.
func (d *draft) pages() int {
	const (
		pageSize = 4096
		fixed    = 24 // leaf, hashes, fact and its indices, a part of each kind, a split here and there
	)
	n := fixed + len(d.event.Shown)
	for _, p := range d.parts {
		n += len(p.body) / pageSize
	}
	for _, k := range d.erases {
		n += 2 + len(k.shown)
	}
	return n
}

func tooLong(what string, got, most int) error {
	return apperr.Wrap(apperr.TooLarge, fmt.Errorf("the %s of a record has %d bytes, at most %d are kept", what, got, most),
		"This asks for more than a record of the trail can hold.", "Ask for less at once.")
}

// addParts makes the parts that are not empty, each with a salt of its own, so that one can be erased without the others.
func (d *draft) addParts() error {
	e := d.event
	for _, p := range []struct {
		name  string
		given bool
		value any
	}{
		{"who", e.Actor.Name != "" || e.Actor.Address != "", whoPart{e.Actor.Name, e.Actor.Address}},
		{"term", e.Term != "", termPart{e.Term}},
		{"purpose", e.Case != "" || e.Because != "", purposePart{e.Case, e.Because}},
		{"shown", len(e.Shown) > 0, shownPart{e.Shown}},
	} {
		if !p.given {
			continue
		}
		body, err := encode(p.value)
		if err != nil {
			return err
		}
		if len(body) > maxDetail {
			return tooLong(p.name, len(body), maxDetail)
		}
		salt := make([]byte, 32)
		rand.Read(salt) // never fails: the program ends instead
		d.parts = append(d.parts, part{p.name, salt, body})
	}
	return nil
}

func commitments(parts []part) map[string]string {
	c := make(map[string]string, len(parts))
	for _, p := range parts {
		c[p.name] = p.commitment()
	}
	return c
}

func processOf(p Process) *leafProcess {
	if p == (Process{}) {
		return nil
	}
	return &leafProcess{p.ID, p.DossierID, p.Version, p.SHA256, p.MappingVersion}
}

// The facts of a record that names a snapshot beside its own.
const (
	factBesideVersion = "beside_version"
	factBesideSHA256  = "beside_sha256"
)

// facts are the caller's with those of the snapshot beside.
func (e Event) facts() map[string]string {
	if e.Beside == (Beside{}) {
		return e.Facts
	}
	facts := map[string]string{factBesideVersion: strconv.Itoa(e.Beside.Version), factBesideSHA256: e.Beside.SHA256}
	maps.Copy(facts, e.Facts)
	return facts
}

func withoutEmpty(facts map[string]string) map[string]string {
	facts = maps.Clone(facts)
	maps.DeleteFunc(facts, func(_, value string) bool { return value == "" })
	return facts
}

// at is the record at its place in the log: the leaf, and the bytes that are hashed and stored.
func (d *draft) at(seq int64, now time.Time) (leaf, []byte, error) {
	l := d.leaf
	l.Seq, l.Time = seq, now.UTC().Format(timeFormat)
	bytes, err := encode(l)
	return l, bytes, err
}

// encode is compact JSON that leaves <, > and & as they are, so that a leaf reads as it was written.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// errLeaf says that bytes are not a leaf of a form that this program knows.
var errLeaf = errors.New("not a leaf of version 1")

func parseLeaf(b []byte) (leaf, error) {
	l, ok := scanLeaf(string(b))
	if !ok {
		l = leaf{}
		if err := decodeStrict(b, &l); err != nil || l.Version != leafVersion || !l.writtenSo(b) {
			return leaf{}, errLeaf
		}
	}
	if _, err := l.at(); err != nil {
		return leaf{}, errLeaf
	}
	return l, nil
}

// writtenSo reports whether b is the form in which a leaf is written. Of a name that stands twice, or in other letters,
// one reader would take the one value and the next reader the other.
func (l *leaf) writtenSo(b []byte) bool {
	again, err := encode(l)
	// What was no UTF-8 when it was written stands as an escape, and reads as a character that is written as it is.
	const escape, character = `\ufffd`, "\uFFFD"
	return err == nil && bytes.Equal(bytes.ReplaceAll(again, []byte(escape), []byte(character)), bytes.ReplaceAll(b, []byte(escape), []byte(character)))
}

// at is the leaf's time. What has the length of timeFormat and its last two marks is read by the quick way of package
// time, which takes the same texts of this form.
func (l *leaf) at() (time.Time, error) {
	if len(l.Time) == len(timeFormat) && l.Time[19] == '.' && l.Time[23] == 'Z' {
		return time.Parse(time.RFC3339, l.Time)
	}
	return time.Parse(timeFormat, l.Time)
}

func (l *leaf) process() leafProcess {
	if l.Process == nil {
		return leafProcess{}
	}
	return *l.Process
}

// readRecord makes a leaf and the parts that are still there readable.
func readRecord(b []byte, parts []part) (Record, error) {
	l, err := parseLeaf(b)
	if err != nil {
		return Record{}, err
	}
	at, err := l.at()
	if err != nil {
		return Record{}, err
	}
	p := l.process()
	r := Record{Seq: l.Seq, Time: at, Actor: l.Actor, Issuer: l.Issuer, Role: l.Role, Action: l.Action, Outcome: l.Outcome,
		ProcessID: p.ID, DossierID: p.Dossier, SnapshotSHA256: p.SHA256, Version: p.Version, MappingVersion: p.Mapping,
		Classes: l.Classes, Rows: l.Rows, Purpose: l.Purpose, Facts: l.Facts, RequestID: l.Request, Session: l.Session,
		Build: l.Build, LeafHash: tlog.RecordHash(b), Leaf: b, Erased: len(parts) < len(l.Commit)}
	for _, p := range parts {
		if err := r.read(p); err != nil {
			return Record{}, fmt.Errorf("record %d: %w", l.Seq, err)
		}
	}
	return r, nil
}

// read fills in one part.
func (r *Record) read(p part) (err error) {
	var (
		who     whoPart
		term    termPart
		purpose purposePart
		shown   shownPart
	)
	switch p.name {
	case "who":
		err = json.Unmarshal(p.body, &who)
		r.ActorName, r.Address = who.Name, who.Address
	case "term":
		err = json.Unmarshal(p.body, &term)
		r.Term = term.Term
	case "purpose":
		err = json.Unmarshal(p.body, &purpose)
		r.Case, r.Because = purpose.Case, purpose.Because
	case "shown":
		err = json.Unmarshal(p.body, &shown)
		r.Shown = shown.Shown
	default:
		err = errors.New("unknown part")
	}
	if err != nil {
		return fmt.Errorf("detail %q: %w", p.name, err)
	}
	return nil
}
