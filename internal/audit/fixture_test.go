package audit

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testOrigin = "portal.test/audit"

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is an open trail with files of its own and a clock that stands still.
type fixture struct {
	*Trail
	t      testing.TB
	clock  *clock
	o      Options
	logged chan string // what the trail logs, as long as there is room
}

// quickPace tries to recover often and does nothing else by itself but verify once.
func quickPace() pace {
	return pace{answer: 2 * time.Second, probe: 5 * time.Millisecond, checkpoint: time.Minute, verify: time.Hour, reverify: 24 * time.Hour, expire: 5 * time.Millisecond}
}

// start makes a trail: records 0 (created) and 1 (started).
func start(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{now: time.Date(2026, 3, 2, 9, 14, 5, 113e6, time.UTC)}, logged: make(chan string, 1000)}
	data, keys := t.TempDir(), t.TempDir()
	f.o = Options{Path: filepath.Join(data, "audit.db"), KeyFile: filepath.Join(keys, "key"), AnchorFile: filepath.Join(keys, "anchor"), Build: "build-1", Now: f.clock.Now, Log: f.log}
	if _, err := Init(t.Context(), f.o.Path, testOrigin, f.o.KeyFile, f.clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.open(f.o)
	return f
}

func (f *fixture) open(o Options) {
	f.t.Helper()
	f.openAt(o, quickPace())
}

func (f *fixture) openAt(o Options, p pace) {
	f.t.Helper()
	trail, err := open(f.t.Context(), o, p)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Trail = trail
	f.t.Cleanup(func() { trail.Close(context.Background()) })
}

func (f *fixture) log(msg string, args ...any) {
	select {
	case f.logged <- fmt.Sprint(append([]any{msg}, args...)...):
	default:
	}
}

func (f *fixture) close() {
	f.t.Helper()
	if err := f.Close(context.Background()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) append(e Event) Receipt {
	f.t.Helper()
	r, err := f.Append(f.t.Context(), e)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

var ada = Actor{Issuer: "https://id.test", Subject: "subject-1", Name: "Ada Example", Role: "auditor", Session: "s-1", Address: "192.0.2.1"}

// view is a look at process id, version 2.
func view(id string) Event {
	return Event{Action: ProcessView, Outcome: OK, Actor: ada, RequestID: "r-1", Purpose: "onboarding", Case: "KYC-1", Classes: []string{"identity"},
		Process: Process{ID: id, DossierID: "d-" + id, Version: 2, SHA256: strings.Repeat("ab", 32), MappingVersion: 3}}
}

// search is a list that showed ids.
func search(term string, ids ...string) Event {
	return Event{Action: ProcessSearch, Outcome: OK, Actor: ada, RequestID: "r-2", Purpose: "alert", Term: term, Shown: ids, Rows: int64(len(ids)),
		Facts: map[string]string{"status": "accepted", "nothing": ""}}
}

// fill appends n records of some kinds.
func (f *fixture) fill(n int) {
	f.t.Helper()
	for i := range n {
		id := "p-" + strconv.Itoa(i%7)
		switch i % 3 {
		case 0:
			f.append(view(id))
		case 1:
			f.append(search("=Näme, \"of\"\nsomebody", id, "p-3"))
		case 2:
			f.append(Event{Action: AccessRefused, Outcome: Refused, Actor: Actor{Subject: "subject-2", Role: "reviewer"}, Process: Process{ID: id}, Purpose: "audit"})
		}
	}
}

// copyTo copies the trail's files as a kill at this moment would leave them.
func (f *fixture) copyTo(dir string) string {
	f.t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(f.o.Path + suffix)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			f.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "audit.db"+suffix), content, 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
	return filepath.Join(dir, "audit.db")
}

// edit runs statements on a file at rest, without the guards.
func edit(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.InTx(t.Context(), func(tx *sql.Tx) error {
		rows, err := tx.Query("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			statements = append([]string{"DROP TRIGGER " + name}, statements...)
		}
		rows.Close()
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// all reads every record, oldest first.
func (f *fixture) all() []Record {
	f.t.Helper()
	r := mint(0, Event{Action: AuditView, Outcome: OK})
	var records []Record
	for seq := int64(0); seq < f.State().Size; seq += 1000 {
		var seqs []int64
		for i := seq; i < min(seq+1000, f.State().Size); i++ {
			seqs = append(seqs, i)
		}
		some, err := f.Records(f.t.Context(), r, seqs)
		if err != nil {
			f.t.Fatal(err)
		}
		records = append(records, some...)
	}
	return records
}

// until waits for a condition that another goroutine brings about.
func until(t testing.TB, what string, within time.Duration, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !met(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// rawOpen opens the file once more, without the guards.
func rawOpen(t testing.TB, path string) *sqlitedb.DB {
	t.Helper()
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
