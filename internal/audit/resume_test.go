package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// restored is a trail whose file was put back from a backup of size records, while its anchor knows more.
type restored struct {
	*fixture
	size    int64
	backup  []byte
	newest  []byte // the file before it was put back
	older   string // a checkpoint that the backup holds
	lost    string // one that it does not
	oldVKey string
}

func restore(t *testing.T) *restored {
	t.Helper()
	r := &restored{fixture: start(t)}
	r.oldVKey = r.VerifierKey()
	r.fill(7)
	r.older = r.sign()
	r.close()
	r.size = r.State().Size
	r.backup = r.read()
	r.open(r.o)
	r.fill(12)
	r.lost = r.sign()
	r.close()
	r.newest = r.read()
	r.put(r.backup)
	return r
}

func (f *fixture) sign() string {
	f.t.Helper()
	text, err := f.Checkpoint(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

func (f *fixture) read() []byte {
	f.t.Helper()
	content, err := os.ReadFile(f.o.Path)
	if err != nil {
		f.t.Fatal(err)
	}
	return content
}

func (f *fixture) put(content []byte) {
	f.t.Helper()
	if err := os.WriteFile(f.o.Path, content, 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// refused reports that the trail does not open, with words that say why.
func (f *fixture) refused(words string) {
	f.t.Helper()
	trail, err := open(f.t.Context(), f.o, quickPace())
	if err == nil {
		trail.Close(context.Background())
	}
	if err == nil || !strings.Contains(err.Error(), words) {
		f.t.Errorf("opened: %v, want %q", err, words)
	}
}

func (f *fixture) resume() (Resumed, error) {
	return Resume(f.t.Context(), f.o, Event{Actor: ada, Because: "the disk broke"})
}

func (r *restored) verify(against string, words ...string) {
	r.t.Helper()
	o := VerifyOptions{File: r.o.Path, Key: r.oldVKey}
	if against != "" {
		o.Against = save(r.t, []byte(against))
	}
	for name, file := range map[string]string{"the file": r.o.Path, "every leaf": save(r.t, r.bundle(ExportOptions{Filter: Filter{Action: string(ProcessView)}, AllLeaves: true})),
		"some rows": save(r.t, r.bundle(ExportOptions{Filter: Filter{Action: string(ProcessView)}}))} {
		o.File = file
		v := Verify(r.t.Context(), o)
		if v.Exit != exitSound {
			r.t.Errorf("%s: %+v", name, v)
		}
		for _, w := range words {
			if !strings.Contains(v.Sentence, w) {
				r.t.Errorf("%s: %q lacks %q", name, v.Sentence, w)
			}
		}
	}
}

func TestARestoredTrailGoesOnUnderANewOrigin(t *testing.T) {
	r := restore(t)
	r.refused("is this an older copy?")
	done, err := r.resume()
	if err != nil {
		t.Fatal(err)
	}
	if done.Origin != testOrigin+"/epoch2" || done.Was != testOrigin || done.Size != r.size || done.Published <= r.size {
		t.Errorf("%+v", done)
	}
	r.open(r.o)
	if r.State().Origin != done.Origin || r.VerifierKey() != done.VerifierKey {
		t.Errorf("it opens as %s with %s", r.State().Origin, r.VerifierKey())
	}
	r.fill(30)
	if rec := r.all()[r.size]; rec.Action != TrailResume || rec.Because != "the disk broke" || rec.Actor != ada.Subject || rec.Facts["from"] != testOrigin || rec.Facts["published"] != testOrigin {
		t.Errorf("the record: %+v", rec)
	}
	r.verify("", "went on as "+done.Origin+" after a backup was restored", "were lost")
	r.verify(r.older, "nothing among the first 9 was changed")
	r.verify(r.sign())
	if v := Verify(t.Context(), VerifyOptions{File: r.o.Path, Key: done.VerifierKey, Against: r.o.AnchorFile}); v.Exit != exitSound {
		t.Errorf("with the new name of the key, against the anchor: %+v", v)
	}
	until(t, "the portal's own check", 10*time.Second, func() bool { return r.State().VerifiedSize > 0 })
	if fault := r.State().VerifyError; fault != "" {
		t.Error(fault)
	}
}

func TestAnOlderCheckpointOfWhatWasLostIsExplained(t *testing.T) {
	r := restore(t)
	if _, err := r.resume(); err != nil {
		t.Fatal(err)
	}
	for _, more := range []int{0, 30} { // shorter than the lost one, and longer
		r.open(r.o)
		r.fill(more)
		r.close()
		v := Verify(t.Context(), VerifyOptions{File: r.o.Path, Key: r.oldVKey, Against: save(t, []byte(r.lost))})
		if v.Exit != exitOlder || !strings.Contains(v.Sentence, "were lost when a backup was restored, as record 10 says") {
			t.Errorf("%d more: %+v (resumed at %d)", more, v, r.size)
		}
	}
}

func TestWhatWasAbandonedDoesNotOpenAgain(t *testing.T) {
	r := restore(t)
	if _, err := r.resume(); err != nil {
		t.Fatal(err)
	}
	after := r.read()
	for name, content := range map[string][]byte{"the backup": r.backup, "the file that was thought lost": r.newest} {
		r.put(content)
		t.Run(name, func(t *testing.T) { r.refused(`went on as "portal.test/audit/epoch2"`) })
	}
	r.put(r.backup)
	done, err := r.resume()
	if err != nil || done.Origin != testOrigin+"/epoch3" || done.Was != testOrigin {
		t.Errorf("resumed again from the backup: %+v, %v", done, err)
	}
	r.open(r.o)
	r.verify("", "went on as portal.test/audit/epoch3")
	r.close()
	again := r.read()
	r.put(after)
	r.refused(`went on as "portal.test/audit/epoch3"`)
	r.put(again)
	r.open(r.o)
	r.fill(9)
	r.close()
	r.put(again)
	if done, err = r.resume(); err != nil || done.Origin != testOrigin+"/epoch4" || done.Was != testOrigin+"/epoch3" {
		t.Errorf("a backup of an epoch of its own: %+v, %v", done, err)
	}
	r.open(r.o)
	r.verify("", "went on as portal.test/audit/epoch3", "went on as portal.test/audit/epoch4")
}

func TestResumeRefusesWhatIsNoRestore(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(t *testing.T, r *restored)
		want   string
	}{
		"a trail as new as its anchor":  {func(t *testing.T, r *restored) { r.put(r.newest) }, "nothing to resume"},
		"a trail without an anchor":     {func(t *testing.T, r *restored) { r.o.AnchorFile += ".missing" }, "nothing to resume"},
		"a missing file":                {func(t *testing.T, r *restored) { r.o.Path += ".missing" }, "cannot be read"},
		"a file that was changed":       {func(t *testing.T, r *restored) { edit(t, r.o.Path, "UPDATE entry SET leaf = x'00' WHERE seq = 3") }, "does not match"},
		"another trail with its anchor": {func(t *testing.T, r *restored) { r.o.AnchorFile = start(t).o.AnchorFile }, "no checkpoint of this trail"},
		"a trail that somebody has open": {func(t *testing.T, r *restored) {
			lock, err := sqlitedb.LockFile(r.o.Path + ".lock")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { lock.Release() })
		}, "in use"},
		"a trail that forked": {func(t *testing.T, r *restored) {
			anchored := r.o.AnchorFile
			r.o.AnchorFile = filepath.Join(t.TempDir(), "empty")
			r.clock.move(time.Hour)
			r.open(r.o) // somebody took the anchor away instead
			r.append(view("p-fork"))
			r.close()
			r.o.AnchorFile = anchored
		}, "contradicts its anchor"},
	} {
		t.Run(name, func(t *testing.T) {
			r := restore(t)
			tc.before(t, r)
			if _, err := r.resume(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestAKillBetweenTheRecordAndTheAnchorLeavesATrailThatOpens(t *testing.T) {
	r := restore(t)
	anchored, err := os.ReadFile(r.o.AnchorFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.resume(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.o.AnchorFile, anchored, 0o600); err != nil { // as if it had never been told
		t.Fatal(err)
	}
	if _, err := r.resume(); !errors.Is(err, ErrNotOlder) {
		t.Errorf("repeated: %v", err)
	}
	r.open(r.o)
	r.close()
	r.put(r.backup)
	r.refused("went on as")
}

func TestAForgedChangeOfOriginIsFound(t *testing.T) {
	for name, change := range map[string]func(e *Event){
		"as it should be":      func(*Event) {},
		"another origin":       func(e *Event) { e.Facts[factFrom] = "portal.test/other" },
		"another size":         func(e *Event) { e.Facts[factSize] = "2" },
		"another root":         func(e *Event) { e.Facts[factRoot] = rootWords([32]byte{1}) },
		"without what is lost": func(e *Event) { delete(e.Facts, factPublishedSize) },
		"by another action":    func(e *Event) { e.Action = TrailStart },
		"not done":             func(e *Event) { e.Outcome = Failed },
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.close()
			k := f.key
			l, err := openLog(t.Context(), f.o.Path, k)
			if err != nil {
				t.Fatal(err)
			}
			root, err := l.edge.root()
			if err != nil {
				t.Fatal(err)
			}
			e := Event{Action: TrailResume, Outcome: OK, Actor: ada, Facts: map[string]string{factFrom: testOrigin, factSize: "3", factRoot: rootWords(root),
				factPublishedSize: "9"}}
			if l.edge.size != 3 {
				t.Fatalf("%d records", l.edge.size)
			}
			change(&e)
			if l.key, err = k.named(testOrigin + "/epoch2"); err != nil {
				t.Fatal(err)
			}
			d, err := newDraft(e, l.key.origin, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.append(t.Context(), []*draft{d}, true, f.clock.Now()); err != nil {
				t.Fatal(err)
			}
			if err := l.close(); err != nil {
				t.Fatal(err)
			}
			want := exitSignature
			if name == "as it should be" {
				want = exitSound
			}
			if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != want {
				t.Errorf("%+v", v)
			}
		})
	}
}

// Whoever has the key could sign records of one epoch under the name of another, which an older checkpoint would then seem to fit.
func TestACheckpointUnderTheOriginOfAnotherEpochIsFound(t *testing.T) {
	r := restore(t)
	if _, err := r.resume(); err != nil {
		t.Fatal(err)
	}
	r.open(r.o)
	bundle := r.bundle(ExportOptions{})
	size, texts := r.checkpoints()
	r.close()
	k, err := r.key.named(testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	_, newest, err := parseCheckpoint(texts[len(texts)-1])
	if err != nil {
		t.Fatal(err)
	}
	under := string(signText(t, k, checkpointBody(testOrigin, newest.size, newest.root)))
	edit(t, r.o.Path, fmt.Sprintf("UPDATE checkpoint SET note = '%s' WHERE size = %d", under, size[len(size)-1]))
	forged := forge(t, bundle, func(c map[string][]byte, m *manifest) {
		_, own, err := parseCheckpoint(string(c[checkpointFile]))
		if err != nil {
			t.Fatal(err)
		}
		c[checkpointFile], m.Origin = signText(t, k, checkpointBody(testOrigin, own.size, own.root)), testOrigin
	})
	for name, file := range map[string]string{"in the file": r.o.Path, "in a bundle": save(t, forged)} {
		if v := Verify(t.Context(), VerifyOptions{File: file, Key: r.VerifierKey()}); v.Exit != exitSignature || !strings.Contains(v.Sentence, "its records of") {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestATrailThatWentOnElsewhereIsNotOpenedAgainUnderItsOldOrigin(t *testing.T) {
	r := restore(t)
	l, err := openLog(t.Context(), r.o.Path, r.key)
	if err != nil {
		t.Fatal(err)
	}
	edge := l.edge
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.resume(); err != nil {
		t.Fatal(err)
	}
	r.ending, r.anchor.path = t.Context(), ""
	if _, err := r.reopen(edge); err == nil || !strings.Contains(err.Error(), `is of "portal.test/audit/epoch2"`) {
		t.Errorf("got %v", err)
	}
}

func TestOriginsOfEpochs(t *testing.T) {
	for origin, want := range map[string]struct {
		base  string
		epoch int
	}{
		"portal.test/audit": {"portal.test/audit", 1}, "portal.test/audit/epoch2": {"portal.test/audit", 2}, "a/epoch12": {"a", 12},
		"a/epoch1": {"a/epoch1", 1}, "a/epoch02": {"a/epoch02", 1}, "a/epoch": {"a/epoch", 1}, "a/epoch2/b": {"a/epoch2/b", 1}, "a/epoch-2": {"a/epoch-2", 1},
	} {
		if base, epoch := epochOf(origin); base != want.base || epoch != want.epoch || originOf(base, epoch) != origin {
			t.Errorf("%s: %s %d", origin, base, epoch)
		}
	}
	f := start(t)
	if _, err := Init(t.Context(), f.o.Path+"2", "portal.test/audit/epoch2", f.o.KeyFile+"2", f.clock.Now()); err == nil {
		t.Error("a trail was made that seems to go on after a restore")
	}
}
