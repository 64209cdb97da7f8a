package store

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// copying is a house that copies its bitmaps from one process on, and the log of its starts.
func copying(t testing.TB) (h *house, log *bytes.Buffer) {
	t.Helper()
	h, log = &house{dir: t.TempDir(), clock: &clock{at: noon}, copyFrom: 1}, new(bytes.Buffer)
	h.logTo = slog.New(slog.NewTextHandler(log, nil))
	h.open(t)
	t.Cleanup(func() { h.close(t) })
	return h, log
}

func (h *house) copies(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "*.bitmaps"))
	must(t, err)
	return files
}

// kill leaves the files as they are at a kill: nothing is written any more. The old store must not be used again.
func (h *house) kill(t testing.TB) {
	t.Helper()
	x := h.replace(nil)
	must(t, x.close())
	must(t, h.portal.Close())
}

// loadedFromCopy reports whether this start read the copy.
func (h *house) loadedFromCopy() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.index.copied != ""
}

func TestAStartReadsTheBitmapsFromTheirCopy(t *testing.T) {
	mueller := person{id: "6f9619ff-8b86-d011-b42d-00c04fc964ff", first: "Jürgen", last: "Müller-Lüdenscheidt", nationality: "DEU", status: "accepted"}
	for name, tc := range map[string]struct {
		harm func(t *testing.T, h *house, file string)
		told string
	}{
		"as a stop left it": {func(*testing.T, *house, string) {}, ""},
		"after a kill with changes of every kind": {func(t *testing.T, h *house, _ string) {
			h.open(t)
			h.save(t, person{id: "new", last: "Visser", nationality: "BEL"}, person{id: mueller.id, last: "Anders", status: "rejected"})
			must(t, h.Erase(t.Context(), "p02", "request", noon))
			h.kill(t)
		}, ""},
		"it is gone":                  {func(t *testing.T, h *house, file string) { must(t, os.Remove(file)) }, "of no use"},
		"it was cut":                  {func(t *testing.T, h *house, file string) { must(t, os.Truncate(file, 300)) }, "its checksum is wrong"},
		"it is empty":                 {func(t *testing.T, h *house, file string) { must(t, os.Truncate(file, 0)) }, "its checksum is wrong"},
		"a bit of it turned":          {func(t *testing.T, h *house, file string) { turnBit(t, file) }, "its checksum is wrong"},
		"the index names another one": {func(t *testing.T, h *house, file string) { h.changeIndex(t, `UPDATE copy SET stamp = 'other'`) }, "of no use"},
		"another one has its name": {func(t *testing.T, h *house, file string) {
			must(t, newMemory().writeCopy(file+"2", "other"))
			must(t, os.Rename(file+"2", file))
		}, "another copy than the index names"},
		"a kill came between a copy and its name": {func(t *testing.T, h *house, file string) {
			must(t, newMemory().writeCopy(strings.Replace(file, "-1-", "-1-x", 1), "other"))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, log := copying(t)
			h.save(t, mueller, person{last: "Jansen", nationality: "NLD"}, person{last: "de Vries"})
			h.close(t)
			files := h.copies(t)
			if len(files) != 1 {
				t.Fatalf("copies after a stop: %v", files)
			}
			tc.harm(t, h, files[0])
			h.open(t)
			h.checkMemory(t)
			if tc.told == "" && log.Len() > 0 || !strings.Contains(log.String(), tc.told) {
				t.Errorf("the log says %q", log)
			}
			if tc.told == "" && !strings.HasPrefix(name, "after a kill") && !h.loadedFromCopy() {
				t.Error("the copy was not read")
			}
			if all := h.copies(t); len(all) > 1 {
				t.Errorf("copies %v", all)
			}
		})
	}
}

func turnBit(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	data[len(data)/2] ^= 4
	must(t, os.WriteFile(file, data, 0o600))
}

// TestMemorySaysWhatTheIndexSaysAfterEveryChange compares the bitmaps with those made by plain SQL, after every kind of change,
// in this process and after starts from a copy: of this moment, or of one before a kill.
func TestMemorySaysWhatTheIndexSaysAfterEveryChange(t *testing.T) {
	if testing.Short() {
		t.Skip("stops and starts by the dozen")
	}
	atMost(t, "10")
	h, log := copying(t)
	rapid.Check(t, func(r *rapid.T) {
		made := []string{}
		r.Repeat(map[string]func(*rapid.T){
			"save": func(r *rapid.T) {
				p := drawPerson(r, rapid.IntRange(0, 9).Draw(r, "number"))
				h.saveUnlessErased(t, p)
				made = append(made, p.id)
			},
			"erase": func(r *rapid.T) {
				if len(made) > 0 {
					_ = h.Erase(t.Context(), rapid.SampledFrom(made).Draw(r, "erased"), "request", noon) // perhaps for the second time
				}
			},
			"stop and start": func(*rapid.T) { h.reopen(t) },
			"kill and start": func(*rapid.T) {
				h.kill(t)
				h.open(t)
			},
			"reindex": func(r *rapid.T) { must(t, h.Reindex(t.Context(), func(int, int) {})) },
			"":        func(r *rapid.T) { h.checkMemory(t) },
		})
	})
	if log.Len() > 0 {
		t.Errorf("the log says %s", log)
	}
}

// saveUnlessErased is save for a process that may have a tombstone.
func (h *house) saveUnlessErased(t testing.TB, p person) {
	if _, err := h.Save(t.Context(), p.envelope(), p.body(t), noon); err != nil && !strings.Contains(err.Error(), "erased") {
		t.Fatal(err)
	}
}

func TestAnErasureReachesTheCopy(t *testing.T) {
	h, _ := copying(t)
	h.save(t, person{id: "gone", last: "Unmistakable"}, person{last: "Jansen"})
	h.reopen(t)
	before := h.copies(t)
	if !slices.ContainsFunc(before, func(f string) bool { return holds(t, f, "unmistakable") }) {
		t.Fatalf("the copy %v does not hold the name in the first place", before)
	}
	linked := filepath.Join(t.TempDir(), "same")
	must(t, os.Link(before[0], linked)) // the blocks on the disk, after the name is gone
	must(t, h.Erase(t.Context(), "gone", "request", noon))
	if holds(t, linked, "unmistakable") {
		t.Error("the bytes of the copy were not overwritten")
	}
	h.save(t, person{id: "later", last: "Visser"})
	h.close(t)
	defer h.open(t)
	files, err := filepath.Glob(filepath.Join(h.dir, "*"))
	must(t, err)
	for _, file := range files {
		if holds(t, file, "unmistakable") || holds(t, file, "Unmistakable") {
			t.Errorf("%s still holds the name", filepath.Base(file))
		}
	}
	if len(h.copies(t)) != 1 {
		t.Errorf("copies %v", h.copies(t))
	}
}

func holds(t *testing.T, file, text string) bool {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	return bytes.Contains(data, []byte(text))
}

func TestACopyIsMadeAnewWhenItIsOld(t *testing.T) {
	h, _ := copying(t)
	h.save(t, person{last: "Jansen"})
	first := h.copies(t)
	x, err := h.acquire()
	must(t, err)
	x.touched = copyEvery - 2
	x.users.Done()
	h.save(t, person{id: "one"})
	if got := h.copies(t); !slices.Equal(got, first) || len(got) != 1 {
		t.Errorf("after one change %v, at first %v", got, first)
	}
	h.save(t, person{id: "two"})
	if got := h.copies(t); slices.Equal(got, first) || len(got) != 1 {
		t.Errorf("after many changes %v, at first %v", got, first)
	}
}

func TestWithoutRoomForACopyEverythingElseWorks(t *testing.T) {
	h, log := copying(t)
	must(t, os.Mkdir(filepath.Join(h.dir, "elsewhere"), 0o700))
	h.Store.dir = filepath.Join(h.dir, "nowhere")
	h.save(t, person{last: "Jansen"})
	if found := h.search(t, Query{Term: "jansen"}); found.Total != 1 || strings.Count(log.String(), "could not be copied") != 1 {
		t.Errorf("found %d, log %q", found.Total, log)
	}
	h.save(t, person{id: "another"})
	if strings.Count(log.String(), "could not be copied") != 1 {
		t.Errorf("it is tried again and again: %q", log)
	}
	h.Store.dir = h.dir
}

func TestNoCopyIsMadeOfFewProcesses(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{last: "Jansen"})
	h.reopen(t)
	if files := h.copies(t); len(files) > 0 {
		t.Errorf("copies %v", files)
	}
}

// FuzzReadCopy holds that no bytes behind a right checksum make a start fail in another way than by an error.
func FuzzReadCopy(f *testing.F) {
	m := newMemory()
	for i := range uint32(70) {
		m.add(i, entry{processID: string(rune('a' + i)), created: 1, updated: 2, status: "accepted", words: []string{"jansen", "li"}, relations: []string{"same"}})
	}
	var whole bytes.Buffer
	if err := m.copyTo(&whole, "stamp"); err != nil {
		f.Fatal(err)
	}
	body := whole.Bytes()[len(copyHead)+6 : whole.Len()-4]
	f.Add(body)
	f.Add(body[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		got := newMemory()
		d := &decoder{from: body}
		got.decode(d)
		if d.err == nil && len(d.from) == 0 && bytes.Equal(body, whole.Bytes()[len(copyHead)+6:whole.Len()-4]) && got.describe() != m.describe() {
			t.Error("another memory came back")
		}
	})
}
