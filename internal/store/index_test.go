package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

// indexFiles are the names of index files in the data directory, without what SQLite puts beside them.
func (h *house) indexFiles(t testing.TB) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "index-*.db"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return strings.Join(files, " ")
}

func TestTheIndexIsRebuiltOrCatchesUpAtEveryStart(t *testing.T) {
	for name, tc := range map[string]struct {
		harm  func(t *testing.T, h *house, file string)
		files string
	}{
		"nothing happened": {func(*testing.T, *house, string) {}, "index-1.db"},
		"the file is gone": {func(t *testing.T, h *house, file string) { must(t, os.Remove(file)) }, "index-2.db"},
		"the file is no database": {func(t *testing.T, h *house, file string) {
			must(t, os.WriteFile(file, []byte(strings.Repeat("no database ", 1000)), 0o600))
		}, "index-2.db"},
		"the file is broken inside": {func(t *testing.T, h *house, file string) {
			body, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(file, append(body[:4096:4096], make([]byte, len(body)-4096)...), 0o600))
		}, "index-2.db"},
		"it was made by other rules": {func(t *testing.T, h *house, file string) { h.changeIndex(t, `UPDATE origin SET rules = 'mapping 0'`) }, "index-2.db"},
		"it was made from another portal.db": {func(t *testing.T, h *house, file string) {
			h.changeIndex(t, `UPDATE origin SET store_id = zeroblob(16)`)
		}, "index-2.db"},
		"it is ahead of portal.db, which was restored": {func(t *testing.T, h *house, file string) {
			h.changeIndex(t, `UPDATE origin SET revision = 1000`)
		}, "index-2.db"},
		"a kill came before it followed": {func(t *testing.T, h *house, file string) {
			h.changeIndex(t, `UPDATE origin SET revision = 1`)
			h.changeIndex(t, `DELETE FROM entry WHERE process_id <> 'p01'`)
			h.changeIndex(t, `DELETE FROM lookup WHERE row <> 1`)
		}, "index-1.db"},
		"a kill came while another was built": {func(t *testing.T, h *house, file string) {
			must(t, os.WriteFile(filepath.Join(h.dir, "index-2.db"), []byte("half"), 0o600))
			must(t, os.WriteFile(filepath.Join(h.dir, "index-2.db-wal"), []byte("half"), 0o600))
		}, "index-1.db"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.save(t, person{last: "Jansen", document: "A1"}, person{last: "Bakker", document: "B2"}, person{last: "Visser", document: "C3"})
			h.close(t)
			tc.harm(t, h, h.indexPath(1))
			h.open(t)
			if got := h.indexFiles(t); got != tc.files {
				t.Errorf("files %s, want %s", got, tc.files)
			}
			for _, term := range []string{"jansen", "bakker", "b2", "c3"} {
				if found := h.search(t, Query{Term: term}); len(found.IDs) != 1 {
					t.Errorf("%s: %v", term, found.IDs)
				}
			}
			h.checkMemory(t)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// changeIndex changes the index file while the store is closed.
func (h *house) changeIndex(t *testing.T, statement string) {
	t.Helper()
	x, err := openIndexFile(context.Background(), h.indexPath(1), 1, false, h.log)
	must(t, err)
	_, err = x.db.Writer.Exec(statement)
	must(t, errors.Join(err, x.close()))
}

func TestReindexSwitchesWhileProcessesArrive(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 3*indexBatch)
	must(t, h.Erase(t.Context(), "id-0007", "request", noon))
	var once sync.Once
	var told []string
	err := h.Reindex(t.Context(), func(done, total int) {
		told = append(told, fmt.Sprintf("%d/%d", done, total))
		once.Do(func() {
			h.save(t, person{id: "aa-late", last: "Late"}, person{id: "zz-late", last: "Late"})
			must(t, h.Erase(t.Context(), "id-0001", "request", noon))
			must(t, h.Erase(t.Context(), "id-0299", "request", noon))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) < 3 || !strings.HasPrefix(told[0], "100/299") {
		t.Errorf("progress %v", told)
	}
	found := h.search(t, Query{Term: "late"})
	if fmt.Sprint(found.IDs) != "[zz-late aa-late]" {
		t.Errorf("late ones: %v", found.IDs)
	}
	if all := h.search(t, Query{}); all.Total != 3*indexBatch-3+2 {
		t.Errorf("total %d", all.Total)
	}
	if got := h.indexFiles(t); got != "index-2.db" {
		t.Errorf("files %s", got)
	}
	h.checkMemory(t)
	h.reopen(t)
	if all := h.search(t, Query{}); all.Total != 3*indexBatch-1 || h.indexFiles(t) != "index-2.db" {
		t.Errorf("after a restart: total %d, files %s", all.Total, h.indexFiles(t))
	}
}

func TestManyProcessesOfOneRevisionAllFollow(t *testing.T) {
	h := newHouse(t)
	var people []person
	for i := range 2*indexBatch + 5 {
		people = append(people, person{id: fmt.Sprintf("p%03d", i), dossier: "d1"})
	}
	h.save(t, people...)
	if _, err := h.SaveUserData(t.Context(), "d1", []byte(`{"userData":{"firstName":"Zoë"}}`), noon); err != nil {
		t.Fatal(err)
	}
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	newest, _, err := h.extent(t.Context())
	if err != nil || x.revision != newest {
		t.Errorf("the index follows to %d, portal.db is at %d, %v", x.revision, newest, err)
	}
}

func TestErasureLeavesATombstoneAndNothingElse(t *testing.T) {
	h := newHouse(t)
	secret := "Vantongerloo"
	h.save(t, person{last: secret, document: "SECRETNUMBER1", dossier: "d1", reference: "secret-order"}, person{last: "Bakker", dossier: "d2"}, person{last: "Visser", dossier: "d2"})
	must(t, h.SaveMedia(t.Context(), "p01", "front", Media{"image/png", []byte("secret picture")}, noon))
	for _, d := range []string{"d1", "d2"} {
		if _, err := h.SaveUserData(t.Context(), d, []byte(`{"userData":{"lastName":"Vantongerloo"}}`), noon); d == "d1" && err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"p01", "p02"} {
		must(t, h.Erase(t.Context(), id, "art. 17", noon))
	}
	if head, err := h.Head(t.Context(), "p01", 0); !apperr.Is(err, apperr.NotFound) || head.ErasedAt != noon || head.ErasedBasis != "art. 17" {
		t.Errorf("head %+v, %v", head, err)
	}
	for _, term := range []string{secret, "SECRETNUMBER1", "secret-order", "p01"} {
		if found := h.search(t, Query{Term: term}); term == "p01" && found.Total != 0 || term != secret && found.Total != 0 {
			t.Errorf("%s finds %v", term, found.IDs)
		}
	}
	h.checkMemory(t)
	var dossiers string
	must(t, h.portal.Reader.QueryRow(`SELECT group_concat(dossier_id) FROM user_data`).Scan(&dossiers))
	if dossiers != "d2" {
		t.Errorf("what was stated is kept of %s", dossiers)
	}
	for what, err := range map[string]error{
		"erasing again": h.Erase(t.Context(), "p01", "x", noon), "saving again": second(h.Save(t.Context(), Envelope{ProcessID: "p01"}, person{id: "p01"}.body(t), noon)),
		"an image":         h.SaveMedia(t.Context(), "p01", "front", Media{}, noon),
		"a refused answer": h.Refuse(t.Context(), Listed{ProcessID: "p01"}, "x", nil, noon),
	} {
		if !apperr.Is(err, apperr.Conflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := h.Erase(t.Context(), "p99", "x", noon); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("erasing what was never there: %v", err)
	}
	if fetch, err := h.NoteListed(t.Context(), []Listed{{ProcessID: "p01", Status: "accepted"}}, noon); err != nil || len(fetch) != 0 {
		t.Errorf("listed again: %v, %v", fetch, err)
	}
	for _, statement := range []string{`DELETE FROM tombstone`, `UPDATE tombstone SET basis = ''`, `INSERT OR REPLACE INTO tombstone SELECT * FROM tombstone`} {
		if _, err := h.portal.Writer.Exec(statement); err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestErasedBytesAreInNoFile(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{last: "Vantongerloo", document: "SECRETNUMBER1"}, person{last: "Bakker"})
	must(t, h.Erase(t.Context(), "p01", "art. 17", noon))
	files, err := filepath.Glob(filepath.Join(h.dir, "*"))
	must(t, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		must(t, err)
		for _, secret := range []string{"Vantongerloo", "vantongerloo", "SECRETNUMBER1", "secretnumber1"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s still holds %s", filepath.Base(file), secret)
			}
		}
	}
}

func TestFindingsFollowTheCalendar(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{first: "Ada", last: "Visser", expiry: "2026-03-20", born: "1985-03-02", document: "A1", created: noon.AddDate(0, 0, -10)})
	expired := func() []string { return h.search(t, Query{Term: "visser", Finding: []string{"document-expired"}}).IDs }
	before := expired()
	h.clock.set(time.Date(2026, 3, 22, 0, 0, 1, 0, time.UTC))
	if after := expired(); len(before) != 0 || len(after) != 1 {
		t.Errorf("expired before its day: %v, after it: %v; findings %v", before, after, h.search(t, Query{}).Facets["finding"])
	}
	h.checkMemory(t)
}

func TestRestateOn(t *testing.T) {
	for _, tc := range []struct{ expiry, want string }{
		{"", ""}, {"soon", ""}, {"2026-03-09", ""}, {"2026-03-10", "2026-03-11"}, {"2026-03-20", "2026-03-11"},
		{"2026-06-09", "2026-03-11"}, {"2026-06-10", "2026-03-12"}, {"2027-03-10", "2026-12-10"},
	} {
		if got := restateOn(tc.expiry, noon); got != tc.want {
			t.Errorf("restateOn(%q) = %q, want %q", tc.expiry, got, tc.want)
		}
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	h := newHouse(t)
	must(t, h.Store.Close())
	if _, err := h.Search(t.Context(), Query{}); !errors.Is(err, errClosed) {
		t.Errorf("search: %v", err)
	}
	if _, err := h.Save(t.Context(), Envelope{}, person{id: "p1"}.body(t), noon); !errors.Is(err, errClosed) {
		t.Errorf("save: %v", err)
	}
}

func TestASnapshotIsKeptWhenTheIndexCannotFollow(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{last: "Jansen"})
	x, err := h.acquire()
	must(t, err)
	must(t, x.db.Writer.Close())
	x.users.Done()
	saved, err := h.Save(t.Context(), Envelope{ProcessID: "p02"}, person{id: "p02", last: "Bakker", created: noon}.body(t), noon)
	if err == nil || !saved.Changed || saved.Version != 1 {
		t.Errorf("saved %+v, %v", saved, err)
	}
	if head, err := h.Head(t.Context(), "p02", 0); err != nil || head.SHA256 != saved.SHA256 {
		t.Errorf("head %+v, %v", head, err)
	}
	if found := h.search(t, Query{}); found.Total != 1 {
		t.Errorf("the bitmaps ran ahead of the file: %d", found.Total)
	}
	h.reopen(t)
	if found := h.search(t, Query{Term: "bakker"}); fmt.Sprint(found.IDs) != "[p02]" {
		t.Errorf("after a restart: %v", found.IDs)
	}
	h.checkMemory(t)
}

func TestSearchesGoOnWhileProcessesArriveAndTheIndexIsReplaced(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 2*PageSize)
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for _, act := range []func(i int) error{
		func(i int) error {
			found, err := h.Search(t.Context(), Query{Term: "jan", Status: []string{"accepted"}})
			return errors.Join(err, pageOf(found))
		},
		func(i int) error { return second(h.Search(t.Context(), Query{Sort: "updated"})) },
		func(i int) error {
			p := person{id: fmt.Sprintf("new-%d", i%20), last: "Jansen", created: noon, updated: noon.Add(time.Duration(i) * time.Second)}
			return second(h.Save(t.Context(), p.envelope(), p.body(t), noon))
		},
	} {
		busy.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := act(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 3 {
		must(t, h.Reindex(t.Context(), func(int, int) {}))
	}
	close(stop)
	busy.Wait()
	h.checkMemory(t)
}

// pageOf checks what must hold of any answer.
func pageOf(f Found) error {
	if len(f.IDs) > PageSize || f.Total < len(f.IDs) {
		return fmt.Errorf("%d ids of a total of %d", len(f.IDs), f.Total)
	}
	return nil
}

func TestEveryPublishedAnswerIsKeptAndFound(t *testing.T) {
	h := newHouse(t)
	files, err := filepath.Glob(filepath.Join("..", "assure", "testdata", "*.json"))
	must(t, err)
	names := 0
	for i, file := range files {
		id := fmt.Sprintf("example-%02d", i)
		body := example(t, filepath.Base(file))
		if _, err := readAnswer(body); err != nil {
			continue // an answer of another endpoint
		}
		if _, err := h.Save(t.Context(), Envelope{ProcessID: id, WayIn: ByImport}, renamed(t, filepath.Base(file), id), noon); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		x, err := h.acquire()
		must(t, err)
		entries, err := x.entries(t.Context(), []string{id})
		x.users.Done()
		must(t, err)
		for _, term := range []string{id, entries[id].line.Person.LastName, entries[id].line.Person.DocumentNumber} {
			if term == "" {
				continue
			}
			names++
			if found := h.search(t, Query{Term: term, Status: []string{entries[id].status}}); !slices.Contains(found.IDs, id) {
				t.Errorf("%s is not found by %q", filepath.Base(file), term)
			}
		}
	}
	if names < 100 {
		t.Errorf("only %d terms were tried", names)
	}
	h.checkMemory(t)
}

// TestThoseWhoWaitFollowTogether holds the index up while several change portal.db: all of them then wait for one round.
func TestThoseWhoWaitFollowTogether(t *testing.T) {
	h := newHouse(t)
	h.indexing.Lock()
	var busy sync.WaitGroup
	for i := range 8 {
		busy.Go(func() {
			p := person{id: fmt.Sprintf("together-%d", i), last: "Samen"}
			if _, err := h.Save(t.Context(), p.envelope(), p.body(t), noon); err != nil {
				t.Error(err)
			}
		})
	}
	waiting := func() int { // those whose snapshot is kept
		var n int
		must(t, h.portal.Reader.QueryRowContext(t.Context(), `SELECT count(*) FROM process`).Scan(&n))
		return n
	}
	for waiting() < 8 {
		runtime.Gosched()
	}
	h.indexing.Unlock()
	busy.Wait()
	if n := h.search(t, Query{Term: "samen"}).Total; n != 8 {
		t.Errorf("%d of 8 are found", n)
	}
	one, first := h.joinRound()
	other, second := h.joinRound()
	if !first || second || one != other {
		t.Errorf("of two who come before a round begins, first %v, second %v begin it", first, second)
	}
	must(t, h.beginRound(t.Context()))
	if _, first := h.joinRound(); !first {
		t.Error("a round that has begun can still be joined")
	}
}
