package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/apperr"
)

// checkpoints are those of the file, by size.
func (f *fixture) checkpoints() (sizes []int64, texts []string) {
	f.t.Helper()
	if err := f.db.Load().Stream(f.t.Context(), "SELECT size, note FROM checkpoint ORDER BY size", nil, func(c []sql.RawBytes) error {
		size, err := parseSeq(c[0])
		sizes, texts = append(sizes, size), append(texts, string(c[1]))
		return err
	}); err != nil {
		f.t.Fatal(err)
	}
	return sizes, texts
}

func TestACheckpointIsANoteOfThreeLines(t *testing.T) {
	f := start(t)
	f.append(view("p-1"))
	text, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(f.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != testOrigin || lines[1] != "3" || len(lines[2]) != 44 || lines[3] != "" {
		t.Errorf("it reads %q", n.Text)
	}
	if again, err := f.Checkpoint(t.Context()); err != nil || again != text {
		t.Errorf("without news another was signed: %v", err)
	}
}

func TestACheckpointIsDueAfter256RecordsOrAMinute(t *testing.T) {
	f := start(t)
	f.append(view("p-1"))
	if s := f.State(); s.CheckpointSize != 2 || s.Size != 3 {
		t.Fatalf("state %+v", s)
	}
	f.clock.move(59 * time.Second)
	time.Sleep(20 * time.Millisecond) // the writer looks every 5 ms of real time
	if s := f.State(); s.CheckpointSize != 2 {
		t.Errorf("before a minute: %+v", s)
	}
	f.clock.move(time.Second)
	until(t, "a checkpoint after a minute", 5*time.Second, func() bool { return f.State().CheckpointSize == 3 })
	for range 255 {
		f.append(view("p-1"))
	}
	if s := f.State(); s.CheckpointSize != 3 {
		t.Errorf("after 255 records: %+v", s)
	}
	f.append(view("p-1"))
	if s := f.State(); s.CheckpointSize != 259 || !s.CheckpointTime.Equal(f.clock.Now()) {
		t.Errorf("after 256: %+v", s)
	}
	f.clock.move(time.Hour)
	f.close()
	if f.open(f.o); f.State().CheckpointSize != f.State().Size {
		t.Errorf("after stop and start: %+v", f.State())
	}
}

func TestEveryCheckpointStandsInTheAnchor(t *testing.T) {
	f := start(t)
	for range 5 {
		f.fill(3)
		if _, err := f.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, texts := f.checkpoints()
	f.close()
	anchored, err := os.ReadFile(f.o.AnchorFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !bytes.Contains(anchored, []byte(text)) {
			t.Errorf("not anchored:\n%s", text)
		}
	}
	if notes := splitNotes(anchored, testOrigin); len(notes) != len(texts)+1 { // and that of the stop
		t.Errorf("%d notes for %d checkpoints", len(notes), len(texts)+1)
	}
}

func TestAnAnchorThatTakesNothingIsToldAndCaughtUp(t *testing.T) {
	f := start(t)
	until(t, "the first checkpoint is anchored", 5*time.Second, func() bool { _, err := os.Stat(f.o.AnchorFile); return err == nil })
	if err := errors.Join(os.Rename(f.o.AnchorFile, f.o.AnchorFile+".kept"), os.Mkdir(f.o.AnchorFile, 0o700)); err != nil {
		t.Fatal(err)
	}
	f.fill(2)
	if _, err := f.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the fault is told", 5*time.Second, func() bool { return strings.Contains(f.State().VerifyError, "anchor") })
	if err := errors.Join(os.Remove(f.o.AnchorFile), os.Rename(f.o.AnchorFile+".kept", f.o.AnchorFile)); err != nil {
		t.Fatal(err)
	}
	f.fill(2)
	text, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until(t, "every checkpoint is anchored", 5*time.Second, func() bool {
		anchored, err := os.ReadFile(f.o.AnchorFile)
		return err == nil && bytes.Contains(anchored, []byte(text)) && len(splitNotes(anchored, testOrigin)) == 4
	})
	until(t, "the fault is over", 5*time.Second, func() bool { return f.State().VerifyError == "" })
}

func TestATornAnchorIsReadAndGoesOn(t *testing.T) {
	f := start(t)
	f.close()
	anchored, err := os.ReadFile(f.o.AnchorFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.o.AnchorFile, append(anchored, testOrigin+"\n40\nAAAA"...), 0o600); err != nil {
		t.Fatal(err)
	}
	f.open(f.o)
	f.close()
	signed, err := (&anchor{path: f.o.AnchorFile}).epochs(f.key) // signed rightly, so that each is whole
	if err != nil {
		t.Fatal(err)
	}
	if before := splitNotes(anchored, testOrigin); len(signed[1]) != len(before)+2 {
		t.Errorf("%d checkpoints, %d before", len(signed[1]), len(before))
	}
}

func TestNothingIsSignedThatContradictsACheckpoint(t *testing.T) {
	f := start(t)
	f.fill(4)
	f.close()
	l, err := openLog(t.Context(), f.o.Path, f.key)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	d, err := newDraft(view("p-1"), testOrigin, "")
	if err != nil {
		t.Fatal(err)
	}
	sizes, _ := f.checkpointsOf(l)
	l.edge.level[0][0] ^= 1 // a fault of memory
	if l.edge.size&1 == 0 {
		t.Fatal("the changed hash would not be used")
	}
	if _, err := l.append(t.Context(), []*draft{d}, true, f.clock.Now()); err == nil {
		t.Error("a tree that does not extend the newest checkpoint was signed")
	}
	if after, _ := f.checkpointsOf(l); len(after) != len(sizes) {
		t.Errorf("checkpoints %v, before %v", after, sizes)
	}
}

func (f *fixture) checkpointsOf(l *log) ([]int64, []string) {
	g := &fixture{t: f.t, Trail: &Trail{}}
	g.db.Store(l.db)
	return g.checkpoints()
}

func TestNothingIsSignedAfterACheckpointOfSomebodyElse(t *testing.T) {
	f := start(t)
	f.append(view("p-1"))
	edit(t, f.o.Path, "INSERT INTO checkpoint (size, note) VALUES (3, 'somebody else')")
	f.append(view("p-1"))
	if _, err := f.Checkpoint(t.Context()); !apperr.Is(err, apperr.TrailClosed) || !strings.Contains(err.Error(), "somebody else has signed") {
		t.Errorf("got %v", err)
	}
}

func TestATrailIsNotOpened(t *testing.T) {
	other := start(t)
	other.fill(4)
	other.close()
	for name, tc := range map[string]struct {
		harm func(t *testing.T, f *fixture, o *Options)
		says string
	}{
		"without a file":     {func(t *testing.T, f *fixture, o *Options) { o.Path += ".missing" }, "no such file"},
		"with an empty file": {func(t *testing.T, f *fixture, o *Options) { must(t, os.Truncate(o.Path, 0)) }, "empty"},
		"with a directory":   {func(t *testing.T, f *fixture, o *Options) { o.Path = filepath.Dir(o.Path) }, "not a file"},
		"with something else": {func(t *testing.T, f *fixture, o *Options) {
			must(t, os.WriteFile(o.Path, bytes.Repeat([]byte("x"), 8192), 0o600))
		}, "not a database"},
		"without a key":                 {func(t *testing.T, f *fixture, o *Options) { o.KeyFile += ".missing" }, "key"},
		"with the key of another trail": {func(t *testing.T, f *fixture, o *Options) { o.KeyFile = other.o.KeyFile }, "not signed by this trail's key"},
		"while it is open elsewhere":    {func(t *testing.T, f *fixture, o *Options) { f.open(f.o) }, "in use"},
		"older than its anchor":         {func(t *testing.T, f *fixture, o *Options) { replaceByOlder(t, f, o) }, "older copy"},
		"with the anchor of another":    {func(t *testing.T, f *fixture, o *Options) { o.AnchorFile = other.o.AnchorFile }, "no checkpoint of this trail"},
		"with an anchor of other words": {func(t *testing.T, f *fixture, o *Options) {
			must(t, os.WriteFile(o.AnchorFile, []byte("shopping list\n"), 0o600))
		}, "no checkpoint of this trail"},
		"with an anchor that is not read": {func(t *testing.T, f *fixture, o *Options) { o.AnchorFile = t.TempDir() }, "anchor"},
		"with a changed record": {func(t *testing.T, f *fixture, o *Options) {
			edit(t, o.Path, "UPDATE entry SET leaf = CAST(replace(leaf, 'p-0', 'p-2') AS BLOB) WHERE seq = 2")
		}, "record 2"},
		"with a record missing": {func(t *testing.T, f *fixture, o *Options) { edit(t, o.Path, "DELETE FROM entry WHERE seq = 5") }, "record 5"},
		"with the newest record missing": {func(t *testing.T, f *fixture, o *Options) {
			edit(t, o.Path, "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)")
		}, "hashes"},
		"with a changed edge":       {func(t *testing.T, f *fixture, o *Options) { edit(t, o.Path, "UPDATE node SET hash = zeroblob(32)") }, "not those over which"},
		"with its checkpoints gone": {func(t *testing.T, f *fixture, o *Options) { edit(t, o.Path, "DELETE FROM checkpoint") }, "no checkpoint"},
		"with a checkpoint changed": {func(t *testing.T, f *fixture, o *Options) {
			edit(t, o.Path, "UPDATE checkpoint SET note = replace(note, '/audit', '/other')")
		}, "not signed by this trail's key"},
		"with a record of another trail, signed": {func(t *testing.T, f *fixture, o *Options) {
			edit(t, o.Path, "UPDATE entry SET leaf = CAST(replace(leaf, 'portal.test', 'portal.best') AS BLOB) WHERE seq = 4")
			o.AnchorFile = ""
			rebuild(t, o.Path, f.key, true)
		}, "record 4 of the trail is not one of this trail"},
		"made read-only": {func(t *testing.T, f *fixture, o *Options) { must(t, os.Chmod(o.Path, 0o400)) }, "read-only"},
		"cut off": {func(t *testing.T, f *fixture, o *Options) {
			info, err := os.Stat(o.Path)
			must(t, err)
			must(t, os.Truncate(o.Path, info.Size()/2))
		}, "malformed"},
		"without the log of a program that was killed": {func(t *testing.T, f *fixture, o *Options) {
			f.open(f.o)
			o.Path = f.copyTo(t.TempDir())
			f.close()
			must(t, os.Remove(o.Path+"-wal"))
		}, "older copy"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.fill(6)
			f.close()
			o := f.o
			tc.harm(t, f, &o)
			trail, err := Open(t.Context(), o)
			if err == nil {
				trail.Close(context.Background())
				t.Fatal("it was")
			}
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// replaceByOlder puts a copy from before the newest checkpoints in the file's place.
func replaceByOlder(t *testing.T, f *fixture, o *Options) {
	dir := t.TempDir()
	copied := f.copyTo(dir)
	f.open(f.o)
	f.fill(3)
	f.close()
	o.Path = copied
}

func TestATrailIsCreatedOnce(t *testing.T) {
	f := start(t)
	dir := t.TempDir()
	for name, tc := range map[string]struct{ path, origin, key string }{
		"over a trail":             {f.o.Path, testOrigin, filepath.Join(dir, "k1")},
		"over a key":               {filepath.Join(dir, "a1.db"), testOrigin, f.o.KeyFile},
		"in a missing directory":   {filepath.Join(dir, "x", "audit.db"), testOrigin, filepath.Join(dir, "k2")},
		"under no name":            {filepath.Join(dir, "a2.db"), "", filepath.Join(dir, "k3")},
		"under a name with spaces": {filepath.Join(dir, "a3.db"), "our trail", filepath.Join(dir, "k4")},
		"under a name with a plus": {filepath.Join(dir, "a4.db"), "a+b", filepath.Join(dir, "k5")},
	} {
		if _, err := Init(t.Context(), tc.path, tc.origin, tc.key, f.clock.Now()); err == nil {
			t.Errorf("%s: done", name)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if info, err := os.Stat(f.o.KeyFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key has mode %v, %v", info.Mode(), err)
	}
	f.append(view("p-1"))
}

func TestAnOlderCheckpointHoldsAfterTheTrailHasGrown(t *testing.T) {
	f := start(t)
	for range 20 {
		f.fill(3)
		if _, err := f.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sizes, texts := f.checkpoints()
	reader := nodes(t.Context(), f.db.Load().Reader)
	newest, err := openCheckpoint(texts[len(texts)-1], f.key.verifier)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		old, err := openCheckpoint(text, f.key.verifier)
		if err != nil || old.size != sizes[i] {
			t.Fatal(err)
		}
		p, err := tlog.ProveTree(newest.size, old.size, reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(p, newest.size, newest.root, old.size, old.root); err != nil {
			t.Errorf("size %d: %v", old.size, err)
		}
	}
}

func TestProofsHoldAndChangedOnesDoNot(t *testing.T) {
	f := start(t)
	f.fill(60)
	records := f.all()
	for seq, r := range records {
		p, err := f.Prove(t.Context(), int64(seq))
		if err != nil {
			t.Fatal(err)
		}
		check := func() (one, other error) {
			var hashes tlog.RecordProof
			var plain [][]byte
			for _, h := range p.Hashes {
				hashes, plain = append(hashes, h), append(plain, bytes.Clone(h[:]))
			}
			return tlog.CheckRecord(hashes, p.Size, p.Root, p.Seq, r.LeafHash),
				proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(p.Seq), uint64(p.Size), r.LeafHash[:], plain, p.Root[:])
		}
		if one, other := check(); one != nil || other != nil {
			t.Fatalf("record %d: %v, %v", seq, one, other)
		}
		for i := range p.Hashes {
			p.Hashes[i][seq%32] ^= 1 << (seq % 8)
			if one, other := check(); one == nil || other == nil {
				t.Errorf("record %d, hash %d changed: %v, %v", seq, i, one, other)
			}
			p.Hashes[i][seq%32] ^= 1 << (seq % 8)
		}
	}
	if _, err := f.Prove(t.Context(), f.State().Size); err == nil {
		t.Error("a record that does not exist was proven")
	}
}

func TestTheRightEdgeGrowsLikeTheWholeTree(t *testing.T) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, i := range indexes {
			hashes = append(hashes, stored[i])
		}
		return hashes, nil
	})
	both := newTree()
	for n := range int64(300) {
		record := tlog.RecordHash([]byte{byte(n), byte(n >> 8)})
		hashes, err := both.add(record)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		want, err := tlog.TreeHash(n+1, reader)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := both.root(); err != nil || got != want {
			t.Fatalf("size %d: %v", n+1, err)
		}
		if recordsOf(int64(len(stored))) != n+1 || tlog.StoredHashCount(n+1) != int64(len(stored)) {
			t.Fatalf("size %d has %d hashes", n+1, len(stored))
		}
	}
	if root, err := newTree().root(); err != nil || !bytes.Equal(root[:], rfc6962.DefaultHasher.EmptyRoot()) {
		t.Errorf("the empty tree: %v", err)
	}
	if _, err := (&frontier{size: 4}).ReadHashes([]int64{0}); err == nil {
		t.Error("a hash that is not on the edge was given")
	}
}

func TestNotesAreFoundAmongAnything(t *testing.T) {
	one := testOrigin + "\n1\nAAAA\n\n— " + testOrigin + " sig\n"
	if err := quick.Check(func(before, after []byte) bool {
		text := bytes.ReplaceAll(append(append(append(before, '\n'), one...), after...), []byte(testOrigin+"\n\n"), nil)
		return bytes.Contains(before, []byte(testOrigin)) || len(splitNotes(text, testOrigin)) >= 1
	}, nil); err != nil {
		t.Error(err)
	}
}

func TestTheTrailVerifiesItselfAndTellsWhatIsWrong(t *testing.T) {
	f := start(t)
	f.fill(20)
	f.close()
	f.open(f.o)
	until(t, "the trail is verified", 5*time.Second, func() bool { s := f.State(); return s.VerifiedSize == s.CheckpointSize && s.VerifyError == "" })
	if s := f.State(); !s.VerifiedTime.Equal(f.clock.Now()) {
		t.Errorf("state %+v", s)
	}
	f.close()
	// A change of what filters find is not seen by the checks at the start.
	edit(t, f.o.Path, "UPDATE fact SET actor = 'somebody' WHERE seq = 5")
	f.open(f.o)
	until(t, "the change is told", 5*time.Second, func() bool { return strings.Contains(f.State().VerifyError, "record 5") })
	if s := f.State(); s.VerifiedSize != 0 || !s.VerifiedTime.IsZero() || !s.Open {
		t.Errorf("state %+v", s)
	}
}
