package audit

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Resumed is what Resume did.
type Resumed struct {
	Origin, Was string // the new one, and that of the restored file
	VerifierKey string // the same key under the new origin
	Size        int64  // records that the restored file had
	Published   int64  // records that a checkpoint in the anchor was signed over: those from Size on are lost
}

// The facts of a trail.resume record.
const (
	factFrom          = "from"           // origin before
	factSize          = "size"           // records before, and
	factRoot          = "root"           // their root
	factPublished     = "published"      // origin, size and root of the newest checkpoint in the anchor
	factPublishedSize = "published_size" //
	factPublishedRoot = "published_root" //
)

// ErrNotOlder is what Resume answers where there is nothing to resume.
var ErrNotOlder = errors.New("the trail is not older than its anchor, so there is nothing to resume")

// Resume lets a trail that was restored from a backup go on although its anchor knows more records: by one record,
// trail.resume, with a checkpoint under a new origin. It says who and why (e: actor and because), what the file has and
// what had been signed. The trail must be sound, older than its anchor and otherwise in agreement with it. It is closed
// before and after.
func Resume(ctx context.Context, o Options, e Event) (r Resumed, err error) {
	k, err := readKey(o.KeyFile)
	if err != nil {
		return r, err
	}
	lock, err := sqlitedb.LockFile(o.Path + ".lock")
	if err != nil {
		return r, fmt.Errorf("resume the trail: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if v := Verify(ctx, VerifyOptions{File: o.Path, Key: k.vkey}); v.Exit != exitSound {
		return r, fmt.Errorf("the restored trail cannot go on: %s", v.Sentence)
	}
	l, err := openLog(ctx, o.Path, k)
	if err != nil {
		return r, fmt.Errorf("resume the trail: %w", err)
	}
	defer func() { err = errors.Join(err, l.close()) }()
	a := anchor{path: o.AnchorFile}
	published, err := a.older(ctx, l)
	if err != nil {
		return r, err
	}
	return l.resume(ctx, &a, published, e, o)
}

// older gives the newest checkpoint in the anchor if the trail does not reach it, and is otherwise what the anchor knows.
func (a *anchor) older(ctx context.Context, l *log) (published signed, err error) {
	epochs, err := a.epochs(l.key)
	if err != nil {
		return signed{}, err
	}
	_, own := epochOf(l.key.origin)
	for epoch, notes := range epochs {
		for _, c := range notes {
			if epoch == own && c.size <= l.edge.size {
				if err := l.holds(ctx, c); err != nil {
					return signed{}, fmt.Errorf("the trail contradicts its anchor, so it is no earlier copy: %w", err)
				}
			}
			_, newest := epochOf(published.origin)
			if published.size == 0 || epoch > newest || epoch == newest && c.size > published.size {
				published = c
			}
		}
	}
	if _, newest := epochOf(published.origin); newest < own || newest == own && published.size <= l.edge.size {
		return signed{}, ErrNotOlder
	}
	return published, nil
}

// resume writes the record and its checkpoint, then tells the anchor. If it is killed in between, the anchor follows at
// the next start.
func (l *log) resume(ctx context.Context, a *anchor, published signed, e Event, o Options) (r Resumed, err error) {
	root, err := l.edge.root()
	if err != nil {
		return r, err
	}
	base, epoch := epochOf(published.origin)
	r = Resumed{Origin: originOf(base, epoch+1), Was: l.key.origin, Size: l.edge.size, Published: published.size}
	if l.key, err = l.key.named(r.Origin); err != nil {
		return r, err
	}
	r.VerifierKey = l.key.vkey
	e.Action, e.Outcome = TrailResume, OK
	e.Facts = map[string]string{factFrom: r.Was, factSize: strconv.FormatInt(r.Size, 10), factRoot: rootWords(root),
		factPublished: published.origin, factPublishedSize: strconv.FormatInt(published.size, 10), factPublishedRoot: rootWords(published.root)}
	d, err := newDraft(e, r.Origin, o.Build)
	if err != nil {
		return r, err
	}
	if _, err := l.append(ctx, []*draft{d}, true, o.Now().UTC()); err != nil {
		return r, err
	}
	if err := a.write([]byte(l.signed.text)); err != nil {
		return r, fmt.Errorf("write the anchor: %w", err)
	}
	return r, nil
}

func rootWords(root tlog.Hash) string { return base64.StdEncoding.EncodeToString(root[:]) }

// resumption is a change of origin that a verifier has met.
type resumption struct {
	seq       int64
	origin    string
	published int64 // records that had been signed before
}

// goesOn reports whether a leaf says rightly that the trail goes on from here under its origin.
func (v *inspection) goesOn(l leaf, seq int64) bool {
	base, epoch := epochOf(l.Log)
	_, now := epochOf(v.origin)
	if base != v.base || epoch <= now || l.Action != TrailResume || l.Outcome != OK || l.Facts[factFrom] != v.origin ||
		l.Facts[factSize] != strconv.FormatInt(seq, 10) || v.tree.tlog.size != seq {
		return false
	}
	root, err := v.tree.root()
	if err != nil || l.Facts[factRoot] != rootWords(root) {
		return false
	}
	published, err := strconv.ParseInt(l.Facts[factPublishedSize], 10, 64)
	if err != nil {
		return false
	}
	v.origin = l.Log
	v.resumptions = append(v.resumptions, resumption{seq, l.Log, published})
	return true
}

// resumedClaims say where a trail went on after a restore.
func (v *inspection) resumedClaims() (claims []string) {
	for _, r := range v.resumptions {
		lost := "records that had been signed under an earlier origin were lost"
		if r.published > r.seq {
			lost = fmt.Sprintf("%d records that had been signed, from %d to %d, were lost", r.published-r.seq, r.seq, r.published-1)
		}
		claims = append(claims, fmt.Sprintf("at record %d the trail went on as %s after a backup was restored, and record %d says so: %s", r.seq, r.origin, r.seq, lost))
	}
	return claims
}

// lostWords explain an older checkpoint that covers records which a restore lost.
func (v *inspection) lostWords() string {
	for _, r := range v.resumptions {
		if v.older.size > r.seq && before(v.older.origin, r.origin) && v.older.origin != r.origin {
			return fmt.Sprintf(": it also covers records from %d on that were lost when a backup was restored, as record %d says", r.seq, r.seq)
		}
	}
	return ""
}
