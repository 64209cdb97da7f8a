package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

func TestARecordSaysWhatItsEventSaid(t *testing.T) {
	f := start(t)
	e := view("p-1")
	e.Because, e.Term, e.Shown, e.Rows, e.Facts = "a <customer> asked & waits", "Grace \"Ex\" Ample\u2028", []string{"p-2", "p-1"}, 2, map[string]string{"field": "firstName", "none": ""}
	receipt := f.append(e)
	got := f.all()[receipt.Seq()]
	want := Record{Seq: 2, Time: f.clock.Now(), Actor: ada.Subject, Issuer: ada.Issuer, ActorName: ada.Name, Role: ada.Role, Action: ProcessView, Outcome: OK,
		ProcessID: "p-1", DossierID: "d-p-1", SnapshotSHA256: strings.Repeat("ab", 32), Version: 2, MappingVersion: 3, Classes: []string{"identity"}, Rows: 2,
		Purpose: "onboarding", Case: "KYC-1", Because: e.Because, Term: e.Term, Shown: e.Shown, Facts: map[string]string{"field": "firstName"},
		RequestID: "r-1", Session: "s-1", Address: "192.0.2.1", Build: "build-1", LeafHash: got.LeafHash, Leaf: got.Leaf}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if hash, err := hashLeaf(got.Leaf); err != nil || hash != got.LeafHash {
		t.Errorf("the leaf has another hash: %v", err)
	}
}

func TestALeafHoldsNothingPersonal(t *testing.T) {
	f := start(t)
	e := view("p-1")
	e.Because, e.Term, e.Shown = "canary-because", "canary-term", []string{"canary-shown"}
	e.Case, e.Actor.Name, e.Actor.Address, e.Query = "canary-case", "canary-name", "canary-address", "canary-query"
	seq := f.append(e).Seq()
	leaf := string(f.all()[seq].Leaf)
	if strings.Contains(leaf, "canary") {
		t.Errorf("it does: %s", leaf)
	}
	for _, kept := range []string{`"log":"portal.test/audit"`, `"seq":2`, `"time":"2026-03-02T09:14:05.113Z"`, `"purpose":"onboarding"`, `"mapping":3`} {
		if !strings.Contains(leaf, kept) {
			t.Errorf("%s is not in %s", kept, leaf)
		}
	}
	// The same words twice have nothing in common to compare.
	seq = f.append(e).Seq()
	again := string(f.all()[seq].Leaf)
	if _, commit, _ := strings.Cut(leaf, `"commit"`); strings.Contains(again, commit) {
		t.Error("two records of the same words commit to them in the same way")
	}
}

func TestWhatWasAcknowledgedOutlivesAKill(t *testing.T) {
	f := start(t)
	var last Receipt
	for i := range 300 {
		last = f.append(view(fmt.Sprint("p-", i)))
		if i != 10 && i != 299 {
			continue
		}
		o := f.o
		o.Path, o.AnchorFile = f.copyTo(t.TempDir()), ""
		killed := fixture{t: t, clock: f.clock}
		killed.open(o)
		records := killed.all()
		if int64(len(records)) <= last.Seq()+1 || records[last.Seq()].ProcessID != fmt.Sprint("p-", i) || records[last.Seq()+1].Action != TrailStart {
			t.Errorf("after record %d: %d records", last.Seq(), len(records))
		}
		killed.close()
		if v := Verify(t.Context(), VerifyOptions{File: o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
			t.Errorf("after record %d: %+v", last.Seq(), v)
		}
	}
}

func TestManyAppendAtOnce(t *testing.T) {
	f := start(t)
	const appenders, each = 64, 20
	var mu sync.Mutex
	given := map[int64]string{}
	var wait sync.WaitGroup
	for a := range appenders {
		wait.Go(func() {
			for i := range each {
				id := fmt.Sprintf("p-%d-%d", a, i)
				r, err := f.Append(t.Context(), view(id))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				given[r.Seq()] = id
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	records := f.all()
	if len(given) != appenders*each || len(records) != appenders*each+2 {
		t.Fatalf("%d numbers for %d records", len(given), len(records))
	}
	for seq, id := range given {
		if records[seq].ProcessID != id || records[seq].Seq != seq {
			t.Errorf("record %d is of %s, not %s", seq, records[seq].ProcessID, id)
		}
	}
	f.close()
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("%+v", v)
	}
}

func TestEventsThatAreNoRecordsAreRefusedWithoutAFault(t *testing.T) {
	f := start(t)
	long := strings.Repeat("x", maxDetail)
	for name, tc := range map[string]struct {
		change func(*Event)
		kind   apperr.Kind
	}{
		"no action":               {func(e *Event) { e.Action = "" }, apperr.Internal},
		"an action of its own":    {func(e *Event) { e.Action = "process.peek" }, apperr.Internal},
		"no outcome":              {func(e *Event) { e.Outcome = "" }, apperr.Internal},
		"a term too long to keep": {func(e *Event) { e.Term = long }, apperr.TooLarge},
		"a reason too long":       {func(e *Event) { e.Because = long }, apperr.TooLarge},
		"a list too long":         {func(e *Event) { e.Shown = make([]string, maxDetail/3) }, apperr.TooLarge},
		"a fact too long":         {func(e *Event) { e.Facts = map[string]string{"agent": strings.Repeat("x", maxLeaf)} }, apperr.TooLarge},
	} {
		e := view("p-1")
		tc.change(&e)
		if _, err := f.Append(t.Context(), e); err == nil || apperr.KindOf(err) != tc.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.Ready(); err != nil || f.State().Size != 2 {
		t.Errorf("afterwards %v, %d records", err, f.State().Size)
	}
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%064d", i)
	}
	f.append(search("a full list", ids...))
}

func TestAReaderWhoIsGoneDoesNotCloseTheTrail(t *testing.T) {
	f := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := f.Append(ctx, view("p-1")); err == nil && !r.valid || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	f.append(view("p-2"))
}

func TestNothingIsTakenAfterClose(t *testing.T) {
	f := start(t)
	f.append(view("p-1"))
	f.close()
	if err := f.Ready(); !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("ready: %v", err)
	}
	if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("append: %v", err)
	}
	if err := f.Close(context.Background()); err != nil {
		t.Errorf("a second close: %v", err)
	}
	f.open(f.o)
	records := f.all()
	var actions []Action
	for _, r := range records {
		actions = append(actions, r.Action)
	}
	if want := []Action{TrailStart, TrailStart, ProcessView, TrailStop, TrailStart}; !reflect.DeepEqual(actions, want) {
		t.Errorf("records %q", actions)
	}
}

func TestTheFileRefusesEveryChange(t *testing.T) {
	f := start(t)
	f.fill(6)
	before := f.all()
	writer := f.db.Load().Writer
	for _, statement := range []string{
		"UPDATE entry SET leaf = x'00' WHERE seq = 3", "DELETE FROM entry WHERE seq = 3", "INSERT OR REPLACE INTO entry (seq, leaf) VALUES (3, x'00')",
		"INSERT INTO entry (seq, leaf) VALUES (100, x'00')", "INSERT INTO entry (seq, leaf) VALUES (-1, x'00')", "REPLACE INTO node (idx, hash) VALUES (3, zeroblob(32))",
		"INSERT INTO node (idx, hash) VALUES (1000, zeroblob(32))", "UPDATE node SET hash = zeroblob(32)", "DELETE FROM node",
		"INSERT OR REPLACE INTO checkpoint (size, note) VALUES (2, 'x')", "UPDATE checkpoint SET note = 'x'", "DELETE FROM checkpoint",
		"UPDATE fact SET actor = 'x'", "DELETE FROM fact", "REPLACE INTO fact (seq, at, actor, action, outcome, process_id, purpose) VALUES (3, 0, '', '', '', '', '')",
		"UPDATE detail SET body = x'00'", "INSERT OR REPLACE INTO detail (seq, part, salt, body) VALUES (2, 'who', zeroblob(32), x'00')",
		"REPLACE INTO detail (seq, part, salt, body) VALUES (7, 'who', zeroblob(32), x'00')",
		"INSERT INTO detail (seq, part, salt, body) VALUES (0, 'who', zeroblob(32), x'00')", "UPDATE shown SET process_id = 'x'",
		"INSERT INTO shown (process_id, seq) VALUES ('x', 3)", "DROP TRIGGER entry_delete", "DROP TABLE entry", "ALTER TABLE entry RENAME TO old",
		"PRAGMA recursive_triggers=OFF", "PRAGMA journal_mode=OFF",
	} {
		if _, err := writer.Exec(statement); err == nil {
			t.Errorf("%s: accepted", statement)
		}
	}
	if after := f.all(); !reflect.DeepEqual(before, after) {
		t.Error("a record has changed")
	}
	for _, statement := range []string{"DELETE FROM detail WHERE seq = 2", "DELETE FROM shown WHERE seq = 3"} {
		if _, err := writer.Exec(statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if got := f.all()[2]; !got.Erased || got.ActorName != "" || got.ProcessID == "" {
		t.Errorf("an erased record reads %+v", got)
	}
	f.append(view("p-1"))
}

func TestAFaultClosesTheTrailUntilARecordProvesThatItIsMended(t *testing.T) {
	for name, tc := range map[string]struct {
		harm, mend func(path string) error
		says       string
	}{
		"removed, and put back from the handle": {func(p string) error { return errors.Join(os.Link(p, p+".kept"), os.Remove(p)) }, func(p string) error { return os.Rename(p+".kept", p) }, "gone"},
		"renamed, and back":                     {func(p string) error { return os.Rename(p, p+".old") }, func(p string) error { return os.Rename(p+".old", p) }, "gone"},
		"replaced by an empty file":             {func(p string) error { return errors.Join(os.Rename(p, p+".old"), os.WriteFile(p, nil, 0o600)) }, func(p string) error { return os.Rename(p+".old", p) }, "another file"},
		"made read-only":                        {func(p string) error { return os.Chmod(p, 0o400) }, func(p string) error { return os.Chmod(p, 0o600) }, "read-only"},
		"its log removed":                       {func(p string) error { return os.Remove(p + "-wal") }, func(string) error { return nil }, "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.fill(10)
			acknowledged := f.State().Size
			if err := tc.harm(f.o.Path); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			_, err := f.Append(t.Context(), view("p-1"))
			if took := time.Since(began); !apperr.Is(err, apperr.TrailClosed) || took > 2500*time.Millisecond {
				t.Fatalf("%v after %v", err, took)
			}
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("it says %q", err)
			}
			if page, ok := errors.AsType[*apperr.Error](err); !ok || strings.Contains(page.Hint, "started again") != (tc.says == "another file") {
				t.Errorf("what is to be done: %+v", page)
			}
			if err := tc.mend(f.o.Path); err != nil {
				t.Fatal(err)
			}
			until(t, "the trail opens again", 10*time.Second, func() bool { return f.Ready() == nil })
			receipt := f.append(view("p-2"))
			records := f.all()
			if receipt.Seq() <= acknowledged || records[receipt.Seq()].ProcessID != "p-2" || records[receipt.Seq()-1].Facts["because"] != "recovered" {
				t.Errorf("record %d after %d acknowledged", receipt.Seq(), acknowledged)
			}
			f.close()
			if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestAFaultThatStaysKeepsTheTrailClosed(t *testing.T) {
	f := start(t)
	f.fill(3)
	older := f.copyTo(t.TempDir())
	f.fill(3)
	if err := errors.Join(os.Rename(f.o.Path, f.o.Path+".old"), os.Rename(f.o.Path+"-wal", f.o.Path+".old-wal")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
		t.Fatal(err)
	}
	// A copy without the newest records is a second fault in a row.
	if err := errors.Join(os.Rename(older+"-wal", f.o.Path+"-wal"), os.Rename(older, f.o.Path)); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for said := range f.logged {
		if strings.Contains(said, "open again") {
			t.Fatalf("it says %q", said)
		}
		if strings.Contains(said, "stays closed") {
			refused++
		}
		if refused == 3 {
			break
		}
	}
	if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("got %v", err)
	}
	if s := f.State(); s.Open || s.Reason == "" {
		t.Errorf("state %+v", s)
	}
}

// SQLite writes what the log and its index hold into whatever file stands at the path when it is opened.
func TestAnotherFileInThePlaceOfTheTrailIsNotWrittenInto(t *testing.T) {
	f := start(t)
	f.fill(3)
	older := f.copyTo(t.TempDir())
	f.fill(30)
	acknowledged := f.State().Size
	if err := errors.Join(os.Rename(f.o.Path, f.o.Path+".away"), os.Rename(older, f.o.Path)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(f.o.Path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
		t.Fatal(err)
	}
	f.said("stays closed", 3)
	if after, err := os.ReadFile(f.o.Path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file that stood there was written, %v", err)
	}
	if err := os.Rename(f.o.Path+".away", f.o.Path); err != nil {
		t.Fatal(err)
	}
	until(t, "the trail opens again", 10*time.Second, func() bool { return f.Ready() == nil })
	f.holdsAfterAKill(acknowledged)
}

func TestAFileThatLacksWhatWasAcknowledgedIsNotOpenedAgain(t *testing.T) {
	f := start(t)
	f.fill(3)
	before := f.copyTo(t.TempDir())
	f.fill(3)
	f.close()
	l, err := openLog(t.Context(), f.o.Path, f.key)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := l.edge
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	f.ending = t.Context()
	f.anchor.path = "" // nothing but what the program remembers speaks against the file
	if l, err = f.reopen(acknowledged); err != nil {
		t.Fatalf("the file that holds it: %v", err)
	}
	if err := errors.Join(l.close(), os.Rename(before, f.o.Path), os.Rename(before+"-wal", f.o.Path+"-wal")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.reopen(acknowledged); err == nil || !strings.Contains(err.Error(), "acknowledged are missing") {
		t.Errorf("a file without it: %v", err)
	}
}

// More than the writer's queue holds wait for a disk that hangs: those without a place in it must not wait longer.
func TestWhoFindsNoRoomToWaitIsRefusedInTime(t *testing.T) {
	f := start(t)
	other := rawOpen(t, f.o.Path)
	tx, err := other.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	began, slowest := time.Now(), make(chan time.Duration, maxWaiting+2*maxBatch)
	for range cap(slowest) {
		go func() {
			if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
				t.Errorf("got %v", err)
			}
			slowest <- time.Since(began)
		}()
	}
	for range cap(slowest) {
		if took := <-slowest; took > 3500*time.Millisecond { // a busy machine needs some time for so many
			t.Fatalf("an answer took %v", took)
		}
	}
	if err := errors.Join(tx.Rollback(), other.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestADiskThatDoesNotAnswerClosesTheTrail(t *testing.T) {
	f := start(t)
	// Another handle that keeps the file's write lock stands for a disk that hangs.
	other := rawOpen(t, f.o.Path)
	tx, err := other.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = f.Append(t.Context(), view("p-1"))
	if took := time.Since(began); !apperr.Is(err, apperr.TrailClosed) || took > 2500*time.Millisecond {
		t.Fatalf("%v after %v", err, took)
	}
	began = time.Now()
	for range 100 {
		if _, err := f.Append(t.Context(), view("p-1")); !apperr.Is(err, apperr.TrailClosed) {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("a hundred refusals took %v", took)
	}
	if err := errors.Join(tx.Rollback(), other.Close()); err != nil {
		t.Fatal(err)
	}
	until(t, "the trail opens again", 20*time.Second, func() bool { return f.Ready() == nil })
	f.append(view("p-2"))
}

func TestATrailThatIsStoppingDoesNotOpenItselfAgain(t *testing.T) {
	f := start(t)
	f.close()
	l, err := openLog(t.Context(), f.o.Path, f.key)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	before := l.edge.size
	if f.tend(l) != l {
		t.Error("it has another file")
	}
	if size, err := trailSize(t.Context(), l.db.Reader); err != nil || size != before {
		t.Errorf("the file under it: %d records (%v), want %d", size, err, before)
	}
}
