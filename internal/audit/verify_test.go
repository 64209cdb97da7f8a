package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// save writes a file for a verifier.
func save(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatIsSoundVerifies(t *testing.T) {
	f := start(t)
	f.fill(8)
	older, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.fill(30)
	for name, o := range map[string]ExportOptions{
		"everything":                     {},
		"everything in clear":            {Identity: true, Detail: true, Semicolon: true},
		"a filter":                       {Filter: Filter{Action: string(ProcessView)}, Identity: true},
		"a filter, with every leaf":      {Filter: Filter{Action: string(ProcessView)}, AllLeaves: true, Detail: true},
		"a process, with every leaf":     {Filter: Filter{Process: "p-3"}, AllLeaves: true},
		"times, with every leaf":         {Filter: Filter{From: f.clock.Now(), To: f.clock.Now().Add(1)}, AllLeaves: true},
		"a filter that matches nothing":  {Filter: Filter{Actor: "nobody"}},
		"older than some, every leaf":    {Filter: Filter{Before: 9}, AllLeaves: true},
		"a process, whose rows are told": {Filter: Filter{Process: "p-3"}},
	} {
		v := Verify(t.Context(), VerifyOptions{File: save(t, f.bundle(o)), Key: f.VerifierKey(), Against: save(t, []byte(older))})
		if v.Exit != 0 || v.FirstBad != -1 || len(v.Warnings) != 0 {
			t.Errorf("%s: %+v", name, v)
		}
		if complete := strings.Contains(v.Sentence, "no record that the query matches was left out"); complete != o.AllLeaves {
			t.Errorf("%s: %s", name, v.Sentence)
		}
		if unproven := strings.Contains(v.Sentence, "does not hold every leaf"); unproven == o.every() {
			t.Errorf("%s: %s", name, v.Sentence)
		}
	}
	running := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()})
	if running.Exit != 0 {
		t.Errorf("beside the running portal: %+v", running)
	}
	f.close()
	rest := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey(), Against: f.o.AnchorFile})
	if rest.Exit != 0 || !strings.Contains(rest.Sentence, "was changed since the older checkpoint") {
		t.Errorf("at rest, against the anchor: %+v", rest)
	}
	keyless := Verify(t.Context(), VerifyOptions{File: f.o.Path})
	if keyless.Exit != 0 || len(keyless.Warnings) != 1 || !strings.Contains(keyless.Sentence, "anything about changes made before this export") {
		t.Errorf("without a key: %+v", keyless)
	}
	if left, err := os.ReadDir(filepath.Dir(f.o.Path)); err != nil || len(left) != 2 { // and the lock
		t.Errorf("beside the file stand %v, %v", left, err)
	}
}

func TestVerifyNeedsWhatItCanRead(t *testing.T) {
	f := start(t)
	bundle := f.bundle(ExportOptions{})
	f.close()
	whole, key := save(t, bundle), f.VerifierKey()
	without := func(name string) []byte {
		return pack(t, slices.DeleteFunc(zipFiles(t, bundle), func(z zipFile) bool { return z.name == name }))
	}
	for name, tc := range map[string]struct {
		o    VerifyOptions
		exit int
	}{
		"no file":                     {VerifyOptions{Key: key}, 64},
		"no key at all in the key":    {VerifyOptions{File: whole, Key: "key"}, 64},
		"a missing file":              {VerifyOptions{File: whole + "x", Key: key}, 1},
		"a directory":                 {VerifyOptions{File: t.TempDir(), Key: key}, 1},
		"an empty file":               {VerifyOptions{File: save(t, nil), Key: key}, 1},
		"a text":                      {VerifyOptions{File: save(t, []byte("seq,time\r\n")), Key: key}, 1},
		"a missing older checkpoint":  {VerifyOptions{File: whole, Key: key, Against: whole + "x"}, 1},
		"an older one that is none":   {VerifyOptions{File: whole, Key: key, Against: save(t, []byte("x\n"))}, 1},
		"missing snapshots":           {VerifyOptions{File: whole, Key: key, Snapshots: whole + "x"}, 1},
		"a bundle cut off":            {VerifyOptions{File: save(t, bundle[:len(bundle)/2]), Key: key}, 1},
		"a bundle without its rows":   {VerifyOptions{File: save(t, without(csvFile)), Key: key}, 1},
		"without its leaves":          {VerifyOptions{File: save(t, without(leavesFile)), Key: key}, 1},
		"without its hashes":          {VerifyOptions{File: save(t, without(hashesFile)), Key: key}, 1},
		"without its checkpoint":      {VerifyOptions{File: save(t, without(checkpointFile)), Key: key}, 1},
		"without its manifest":        {VerifyOptions{File: save(t, without(manifestFile)), Key: key}, 1},
		"a database of something":     {VerifyOptions{File: somethingElse(t), Key: key}, 1},
		"a database that is cut off":  {VerifyOptions{File: cutOff(t, f.o.Path), Key: key}, 1},
		"the whole, as a counterpart": {VerifyOptions{File: whole, Key: key}, 0},
	} {
		if v := Verify(t.Context(), tc.o); v.Exit != tc.exit || v.FirstBad != -1 || v.Sentence == "" {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func somethingElse(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: path, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Writer.Exec("CREATE TABLE something (id INTEGER)"); err != nil {
		t.Fatal(err)
	}
	return path
}

func cutOff(t *testing.T, path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return save(t, content[:len(content)/3])
}

// pack makes a bundle of files.
func pack(t testing.TB, files []zipFile) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		file, err := w.Create(f.name)
		if err == nil {
			_, err = file.Write(f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// forge packs a bundle again after a change, with a manifest that names the changed files, as a forger would.
func forge(t testing.TB, bundle []byte, change func(map[string][]byte, *manifest)) []byte {
	t.Helper()
	files := zipFiles(t, bundle)
	content := map[string][]byte{}
	for _, f := range files {
		content[f.name] = f.content
	}
	var m manifest
	if err := json.Unmarshal(content[manifestFile], &m); err != nil {
		t.Fatal(err)
	}
	change(content, &m)
	for name := range m.Files {
		sum := sha256.Sum256(content[name])
		m.Files[name] = hex.EncodeToString(sum[:])
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	content[manifestFile] = text
	for i := range files {
		files[i].content = content[files[i].name]
	}
	return pack(t, files)
}

// lines are the lines of a file, ends included; seq of a line is its index where all records are there.
func lines(content []byte) [][]byte {
	all := bytes.SplitAfter(content, []byte("\n"))
	return all[:len(all)-1]
}

// withLine changes one line of leaves.jsonl.
func withLine(t testing.TB, content map[string][]byte, seq int64, change func(*leafLine)) {
	t.Helper()
	all := lines(content[leavesFile])
	for i, text := range all {
		var line leafLine
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatal(err)
		}
		if line.Seq == seq {
			change(&line)
			changed, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			all[i] = append(changed, '\n')
		}
	}
	content[leavesFile] = bytes.Join(all, nil)
}

func TestAForgedBundleIsFound(t *testing.T) {
	f := start(t)
	f.fill(12)
	newest := f.State().Size
	plain := f.bundle(ExportOptions{Identity: true, Detail: true})
	filtered := f.bundle(ExportOptions{Filter: Filter{Action: string(ProcessView)}})
	complete := f.bundle(ExportOptions{Filter: Filter{Action: string(ProcessView)}, AllLeaves: true})
	older, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stranger := start(t)
	stranger.fill(40)
	foreign := stranger.bundle(ExportOptions{})

	replace := func(name, old, new string) func(map[string][]byte, *manifest) {
		return func(c map[string][]byte, _ *manifest) {
			if !bytes.Contains(c[name], []byte(old)) {
				t.Fatalf("%s holds no %q", name, old)
			}
			c[name] = bytes.Replace(c[name], []byte(old), []byte(new), 1)
		}
	}
	cut := func(name string, from, to int) func(map[string][]byte, *manifest) {
		return func(c map[string][]byte, m *manifest) {
			c[name] = bytes.Join(slices.Delete(lines(c[name]), from, to), nil)
			if name == csvFile {
				m.Rows -= int64(to - from)
			}
		}
	}
	swap := func(name string, i, j int) func(map[string][]byte, *manifest) {
		return func(c map[string][]byte, _ *manifest) {
			all := lines(c[name])
			if !bytes.HasSuffix(all[j], []byte("\n")) || !bytes.HasSuffix(all[i], []byte("\n")) {
				t.Fatal("the last line")
			}
			all[i], all[j] = all[j], all[i]
			c[name] = bytes.Join(all, nil)
		}
	}
	both := func(changes ...func(map[string][]byte, *manifest)) func(map[string][]byte, *manifest) {
		return func(c map[string][]byte, m *manifest) {
			for _, change := range changes {
				change(c, m)
			}
		}
	}
	leafOf := func(seq int64, change func(*leafLine)) func(map[string][]byte, *manifest) {
		return func(c map[string][]byte, _ *manifest) { withLine(t, c, seq, change) }
	}
	editLeaf := func(seq int64, old, new string) func(map[string][]byte, *manifest) {
		return leafOf(seq, func(l *leafLine) {
			if !bytes.Contains(l.Leaf, []byte(old)) {
				t.Fatalf("leaf %d holds no %q", seq, old)
			}
			l.Leaf = bytes.Replace(l.Leaf, []byte(old), []byte(new), 1)
		})
	}
	for name, tc := range map[string]struct {
		bundle  []byte
		change  func(map[string][]byte, *manifest)
		against string
		exit    int
		bad     int64
	}{
		"nothing":             {bundle: plain, change: func(map[string][]byte, *manifest) {}, exit: 0, bad: -1},
		"a cell of the CSV":   {bundle: plain, change: replace(csvFile, "4,2026-03-02T09:14:05.113Z,subject-2", "4,2026-03-02T09:14:05.113Z,subject-1"), exit: 2, bad: 4},
		"a name in the CSV":   {bundle: plain, change: replace(csvFile, "Ada Example", "Bo Example"), exit: 2, bad: 2},
		"the time of a row":   {bundle: plain, change: replace(csvFile, "7,2026-03-02T09", "7,2026-03-02T10"), exit: 2, bad: 7},
		"the number of a row": {bundle: plain, change: replace(csvFile, "\r\n6,2026", "\r\nx,2026"), exit: 2, bad: -1},
		"the header":          {bundle: plain, change: replace(csvFile, "seq,time", "seq,when"), exit: 2, bad: -1},
		"the line ends": {bundle: plain, change: func(c map[string][]byte, _ *manifest) {
			c[csvFile] = bytes.ReplaceAll(c[csvFile], []byte("\r\n"), []byte("\n\n"))
		}, exit: 1, bad: -1},
		"two rows change places":         {bundle: filtered, change: swap(csvFile, 1, 2), exit: 3, bad: 2},
		"a leaf":                         {bundle: plain, change: editLeaf(5, "p-3", "p-4"), exit: 2, bad: 5},
		"the first leaf":                 {bundle: plain, change: editLeaf(0, "created", "started"), exit: 2, bad: 0},
		"the last leaf":                  {bundle: plain, change: editLeaf(newest, "subject-1", "subject-2"), exit: 2, bad: newest},
		"a leaf that is none":            {bundle: plain, change: leafOf(3, func(l *leafLine) { l.Leaf = []byte("{}") }), exit: 2, bad: 3},
		"a line that is no JSON":         {bundle: plain, change: replace(leavesFile, "{\"seq\":3", "{seq:3"), exit: 1, bad: -1},
		"a name twice in a line":         {bundle: plain, change: replace(leavesFile, `{"seq":3`, `{"seq":4,"seq":3`), exit: 1, bad: -1},
		"a leaf twice in a line":         {bundle: plain, change: replace(leavesFile, `{"seq":3,`, `{"seq":3,"leaf":"e30=",`), exit: 1, bad: -1},
		"a part of the details twice":    {bundle: plain, change: replace(leavesFile, `"details":{"term":`, `"details":{"term":{"salt":"","body":""},"term":`), exit: 1, bad: -1},
		"a name in capitals in a line":   {bundle: plain, change: replace(leavesFile, `{"seq":3`, `{"SEQ":3`), exit: 1, bad: -1},
		"a name more in a line":          {bundle: plain, change: replace(leavesFile, `{"seq":3`, `{"note":"x","seq":3`), exit: 1, bad: -1},
		"base64 with a line break in it": {bundle: plain, change: replace(leavesFile, `{"seq":3,"leaf":"eyJ2`, `{"seq":3,"leaf":"eyJ2\n`), exit: 1, bad: -1},
		"two leaves change places":       {bundle: plain, change: swap(leavesFile, 4, 5), exit: 2, bad: 4},
		"two leaves change numbers":      {bundle: plain, change: both(leafOf(4, func(l *leafLine) { l.Seq = 1000 }), leafOf(5, func(l *leafLine) { l.Seq = 4 })), exit: 2, bad: 4},
		"a leaf twice": {bundle: plain, change: func(c map[string][]byte, _ *manifest) {
			l := lines(c[leavesFile])
			c[leavesFile] = bytes.Join(slices.Insert(l, 5, l[4]), nil)
		}, exit: 3, bad: 4},
		"a detail":                             {bundle: plain, change: leafOf(3, func(l *leafLine) { l.Details["term"] = detailLine{l.Details["term"].Salt, []byte(`{"term":"x"}`)} }), exit: 2, bad: 3},
		"a salt":                               {bundle: plain, change: leafOf(3, func(l *leafLine) { l.Details["who"].Salt[5] ^= 1 }), exit: 2, bad: 3},
		"a detail that nobody committed to":    {bundle: plain, change: leafOf(4, func(l *leafLine) { l.Details = map[string]detailLine{"who": {make([]byte, 32), []byte("{}")}} }), exit: 2, bad: 4},
		"a detail less":                        {bundle: filtered, change: leafOf(5, func(l *leafLine) { delete(l.Details, "purpose") }), exit: 2, bad: 5},
		"a detail less, and its row says so":   {bundle: filtered, change: both(leafOf(5, func(l *leafLine) { delete(l.Details, "purpose") }), eraseRow(t, 5)), exit: 6, bad: 5},
		"a hash":                               {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[hashesFile][6*32] ^= 1 }, exit: 2, bad: 6},
		"a hash that has no row":               {bundle: filtered, change: func(c map[string][]byte, _ *manifest) { c[hashesFile][6*32] ^= 1 }, exit: 2, bad: -1},
		"the hashes are cut":                   {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[hashesFile] = c[hashesFile][:5*32+1] }, exit: 2, bad: -1},
		"a hash more":                          {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[hashesFile] = append(c[hashesFile], make([]byte, 32)...) }, exit: 2, bad: -1},
		"a row is left out":                    {bundle: filtered, change: cut(csvFile, 2, 3), exit: 8, bad: 5},
		"a row and its leaf, of every leaf":    {bundle: complete, change: both(cut(csvFile, 2, 3), cut(leavesFile, 5, 6)), exit: 3, bad: 5},
		"a row is left out, with every leaf":   {bundle: complete, change: cut(csvFile, 2, 3), exit: 8, bad: 5},
		"a row of everything is left out":      {bundle: plain, change: cut(csvFile, 1, 2), exit: 8, bad: 0},
		"a leaf of everything is left out":     {bundle: plain, change: cut(leavesFile, 3, 4), exit: 2, bad: 3},
		"both, of everything":                  {bundle: plain, change: both(cut(leavesFile, 3, 4), rowOut(4)), exit: 3, bad: 3},
		"a row more than the query":            {bundle: complete, change: extraRow(t, plain, 4), exit: 2, bad: 4},
		"the number of rows":                   {bundle: plain, change: func(_ map[string][]byte, m *manifest) { m.Rows++ }, exit: 2, bad: -1},
		"the root of the manifest":             {bundle: plain, change: func(_ map[string][]byte, m *manifest) { m.Root = base64.StdEncoding.EncodeToString(make([]byte, 32)) }, exit: 2, bad: -1},
		"the query of the manifest":            {bundle: complete, change: func(_ map[string][]byte, m *manifest) { m.Query.Before = 6 }, exit: 2, bad: 8},
		"the origin of the manifest":           {bundle: plain, change: func(_ map[string][]byte, m *manifest) { m.Origin = "other.test" }, exit: 4, bad: -1},
		"the size in the checkpoint":           {bundle: plain, change: replace(checkpointFile, fmt.Sprintf("\n%d\n", newest+1), fmt.Sprintf("\n%d\n", newest)), exit: 4, bad: -1},
		"the signature":                        {bundle: plain, change: resign(t), exit: 4, bad: -1},
		"the checkpoint of another trail":      {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[checkpointFile] = zipFiles(t, foreign)[3].content }, exit: 4, bad: -1},
		"a newer checkpoint of this trail":     {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[checkpointFile] = []byte(older) }, exit: 2, bad: -1},
		"the records up to no export":          {bundle: plain, change: cutTo(t, firstCheckpoint(f)), exit: 2, bad: 0},
		"a file more":                          {bundle: pack(t, append(zipFiles(t, plain), zipFile{"audit-corrected.csv", []byte("seq")})), change: func(map[string][]byte, *manifest) {}, exit: 2, bad: -1},
		"a folder more":                        {bundle: pack(t, append(zipFiles(t, plain), zipFile{"more/", nil})), change: func(map[string][]byte, *manifest) {}, exit: 2, bad: -1},
		"a file less in the manifest":          {bundle: plain, change: func(_ map[string][]byte, m *manifest) { delete(m.Files, verifyFile) }, exit: 2, bad: -1},
		"a file more in the manifest":          {bundle: plain, change: func(_ map[string][]byte, m *manifest) { m.Files["audit-corrected.csv"] = "" }, exit: 2, bad: -1},
		"two exports in one":                   {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[leavesFile] = zipFiles(t, filtered)[1].content }, exit: 2, bad: 0},
		"VERIFY.md, which the manifest names":  {bundle: plain, change: nil, exit: 2, bad: -1},
		"nothing, but a newer one was seen":    {bundle: plain, change: func(map[string][]byte, *manifest) {}, against: older, exit: 5, bad: -1},
		"recomputed and signed with the key":   {bundle: plain, change: recompute(t, f.key), against: firstCheckpoint(f), exit: 5, bad: -1},
		"a name twice in a leaf, signed":       {bundle: plain, change: rewrite(t, f.key, `"v":1,`, `"v":1,"v":1,`), exit: 2, bad: 0},
		"another action behind it, signed":     {bundle: plain, change: rewrite(t, f.key, `"action":`, `"action":"process.view","action":`), exit: 2, bad: 0},
		"a name in capitals, signed":           {bundle: plain, change: rewrite(t, f.key, `"v":1,`, `"V":1,`), exit: 2, bad: 0},
		"spaces in a leaf, signed":             {bundle: plain, change: rewrite(t, f.key, `"v":1,`, `"v": 1,`), exit: 2, bad: 0},
		"an empty line among the leaves":       {bundle: plain, change: replace(leavesFile, "{\"seq\":3", "\n{\"seq\":3"), exit: 1, bad: -1},
		"a line behind an empty one":           {bundle: plain, change: func(c map[string][]byte, _ *manifest) { c[leavesFile] = append(c[leavesFile], "\n{\"more\":1}\n"...) }, exit: 1, bad: -1},
		"recomputed, and the size kept secret": {bundle: plain, change: recompute(t, f.key), exit: 0, bad: -1}, // what only an older checkpoint proves
	} {
		t.Run(name, func(t *testing.T) {
			var forged []byte
			if tc.change == nil {
				files := zipFiles(t, tc.bundle)
				files[4].content = []byte("Everything is fine.")
				forged = pack(t, files)
			} else {
				forged = forge(t, tc.bundle, tc.change)
			}
			o := VerifyOptions{File: save(t, forged), Key: f.VerifierKey()}
			if tc.against != "" {
				o.Against = save(t, []byte(tc.against))
			}
			if v := Verify(t.Context(), o); v.Exit != tc.exit || v.FirstBad != tc.bad {
				t.Errorf("want %d at %d, got %+v", tc.exit, tc.bad, v)
			}
		})
	}
}

// eraseRow says in the CSV what a verifier would say of a record with a part missing.
func eraseRow(t *testing.T, seq int64) func(map[string][]byte, *manifest) {
	return func(c map[string][]byte, _ *manifest) {
		all := lines(c[csvFile])
		for i, row := range all {
			if bytes.HasPrefix(row, fmt.Appendf(nil, "%d,", seq)) {
				all[i] = bytes.Replace(row, []byte(",false,"), []byte(",true,"), 1)
			}
		}
		c[csvFile] = bytes.Join(all, nil)
	}
}

// rowOut takes out a line of the CSV that may hold line breaks itself: the row of record 3 in these tests has three lines.
func rowOut(first int) func(map[string][]byte, *manifest) {
	return func(c map[string][]byte, m *manifest) {
		all := lines(c[csvFile])
		end := first + 1
		for !bytes.HasSuffix(all[end-1], []byte("\r\n")) {
			end++
		}
		c[csvFile] = bytes.Join(slices.Delete(all, first, end), nil)
		m.Rows--
	}
}

// cutTo leaves of a bundle of everything what an earlier checkpoint covers. The rows of so few records have a line each.
func cutTo(t *testing.T, checkpoint string) func(map[string][]byte, *manifest) {
	_, earlier, err := parseCheckpoint(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	return func(c map[string][]byte, m *manifest) {
		n := int(earlier.size)
		c[csvFile], c[leavesFile] = bytes.Join(lines(c[csvFile])[:1+n], nil), bytes.Join(lines(c[leavesFile])[:n], nil)
		c[hashesFile], c[checkpointFile] = c[hashesFile][:n*tlog.HashSize], []byte(checkpoint)
		m.Rows, m.Size, m.Root = earlier.size, earlier.size, base64.StdEncoding.EncodeToString(earlier.root[:])
	}
}

// extraRow adds a row that the query does not match, made from a leaf of another bundle.
func extraRow(t *testing.T, from []byte, seq int64) func(map[string][]byte, *manifest) {
	return func(c map[string][]byte, m *manifest) {
		var line leafLine
		if err := json.Unmarshal(lines(zipFiles(t, from)[1].content)[seq], &line); err != nil {
			t.Fatal(err)
		}
		row, err := csvLine(nil, entry{line.Seq, line.Leaf, line.parts()}, ExportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		all := lines(c[csvFile])
		c[csvFile] = bytes.Join(slices.Insert(all, 2, row), nil)
		m.Rows++
	}
}

// resign signs the checkpoint with a key of the same name.
func resign(t *testing.T) func(map[string][]byte, *manifest) {
	skey, _, err := note.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	k, err := parseKey(skey)
	if err != nil {
		t.Fatal(err)
	}
	return func(c map[string][]byte, _ *manifest) {
		body, _, _ := strings.Cut(string(c[checkpointFile]), "\n\n")
		c[checkpointFile] = signText(t, k, body+"\n")
	}
}

func signText(t *testing.T, k key, body string) []byte {
	t.Helper()
	text, err := note.Sign(&note.Note{Text: body}, k.signer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// recompute is what somebody can do who has both the trail and its key: another record 0, and everything after it fits.
func recompute(t *testing.T, k key) func(map[string][]byte, *manifest) {
	return func(c map[string][]byte, m *manifest) {
		c[csvFile] = bytes.Replace(c[csvFile], []byte("0,2026-03-02T09:14:05"), []byte("0,2026-03-02T08:00:00"), 1)
		rewrite(t, k, "09:14:05", "08:00:00")(c, m)
	}
}

// rewrite changes the first leaf, everything that follows from it, and the signature, as whoever has the key can.
func rewrite(t *testing.T, k key, old, new string) func(map[string][]byte, *manifest) {
	return func(c map[string][]byte, m *manifest) {
		withLine(t, c, 0, func(l *leafLine) { l.Leaf = bytes.Replace(l.Leaf, []byte(old), []byte(new), 1) })
		var line leafLine
		if err := json.Unmarshal(lines(c[leavesFile])[0], &line); err != nil {
			t.Fatal(err)
		}
		hash := tlog.RecordHash(line.Leaf)
		c[csvFile] = bytes.Replace(c[csvFile], []byte(hex.EncodeToString(c[hashesFile][:32])), []byte(hex.EncodeToString(hash[:])), 1)
		copy(c[hashesFile], hash[:])
		both := newTree()
		for i := int64(0); i < m.Size; i++ {
			if _, err := both.add(tlog.Hash(c[hashesFile][i*32:])); err != nil {
				t.Fatal(err)
			}
		}
		root, err := both.root()
		if err != nil {
			t.Fatal(err)
		}
		c[checkpointFile] = signText(t, k, checkpointBody(k.origin, m.Size, root))
		m.Root = base64.StdEncoding.EncodeToString(root[:])
	}
}

func firstCheckpoint(f *fixture) string {
	_, texts := f.checkpoints()
	return texts[0]
}

func TestATamperedFileIsFound(t *testing.T) {
	f := start(t)
	f.fill(9)
	middle, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.fill(9)
	newer, err := f.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.close()
	content, err := os.ReadFile(f.o.Path)
	if err != nil {
		t.Fatal(err)
	}
	const last = 20 // trail.stop
	for name, tc := range map[string]struct {
		statements []string
		rebuild    bool // recompute every hash
		resign     bool // and sign every checkpoint again, with the trail's key
		against    string
		exit       int
		bad        int64
	}{
		"nothing":                                 {exit: 0, bad: -1},
		"a leaf":                                  {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'subject-1', 'subject-9') AS BLOB) WHERE seq = 5"}, exit: 2, bad: 5},
		"the first leaf":                          {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'created', 'creates') AS BLOB) WHERE seq = 0"}, exit: 2, bad: 0},
		"the last leaf":                           {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'system', 'sistem') AS BLOB) WHERE seq = 20"}, exit: 2, bad: last},
		"one bit":                                 {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, ':5.1', ':5.2') || ' ' AS BLOB) WHERE seq = 7"}, exit: 2, bad: 7},
		"a forged time":                           {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'T09:14', 'T08:14') AS BLOB) WHERE seq = 9"}, exit: 2, bad: 9},
		"two leaves change places":                {statements: []string{"UPDATE entry SET seq = 1000 WHERE seq = 4", "UPDATE entry SET seq = 4 WHERE seq = 5", "UPDATE entry SET seq = 5 WHERE seq = 1000"}, exit: 2, bad: 4},
		"a leaf is copied over another":           {statements: []string{"UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = 4) WHERE seq = 8"}, exit: 2, bad: 8},
		"a node":                                  {statements: []string{"UPDATE node SET hash = zeroblob(32) WHERE idx = 2"}, exit: 2, bad: 1},
		"a node is missing":                       {statements: []string{"DELETE FROM node WHERE idx = 7"}, exit: 2, bad: 4},
		"the hash of a record is missing":         {statements: []string{"DELETE FROM node WHERE idx = 8"}, exit: 2, bad: 5},
		"nodes more":                              {statements: []string{"INSERT INTO node (idx, hash) SELECT max(idx) + 1, zeroblob(32) FROM node"}, exit: 2, bad: 21},
		"the first record is missing":             {statements: []string{"DELETE FROM entry WHERE seq = 0"}, exit: 3, bad: 0},
		"a record is missing":                     {statements: []string{"DELETE FROM entry WHERE seq = 6"}, exit: 3, bad: 6},
		"the last record is missing":              {statements: []string{"DELETE FROM entry WHERE seq = 20"}, exit: 3, bad: last},
		"a record before the first":               {statements: []string{"INSERT INTO entry (seq, leaf) VALUES (-1, x'7b7d')"}, exit: 3, bad: -1},
		"a record and its hash are missing":       {statements: []string{"DELETE FROM entry WHERE seq = 6", "DELETE FROM node WHERE idx = 10"}, exit: 2, bad: 6},
		"cut back, with its hashes":               {statements: cutBack(15), exit: 3, bad: 15},
		"cut back, with hashes and checkpoints":   {statements: append(cutBack(15), "DELETE FROM checkpoint WHERE size > 15"), exit: 0, bad: -1},
		"so cut back, against what was seen":      {statements: append(cutBack(15), "DELETE FROM checkpoint WHERE size > 15"), against: newer, exit: 5, bad: -1},
		"a leaf, and every hash recomputed":       {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, '\"p-0\"', '\"p-5\"') AS BLOB) WHERE seq = 11", "UPDATE fact SET process_id = 'p-5' WHERE seq = 11"}, rebuild: true, exit: 2, bad: 11},
		"a leaf, recomputed and signed again":     {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'T09:14', 'T09:10') AS BLOB) WHERE seq = 4", "UPDATE fact SET at = at - 240000 WHERE seq = 4"}, rebuild: true, resign: true, exit: 0, bad: -1},
		"so signed again, against what was seen":  {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'T09:14', 'T09:10') AS BLOB) WHERE seq = 4", "UPDATE fact SET at = at - 240000 WHERE seq = 4"}, rebuild: true, resign: true, against: middle, exit: 5, bad: -1},
		"a record of another trail, signed again": {statements: []string{"UPDATE entry SET leaf = CAST(replace(leaf, 'portal.test', 'portal.best') AS BLOB) WHERE seq = 4"}, rebuild: true, resign: true, exit: 4, bad: 4},
		"renumbered after one was taken out":      {statements: takeOut(6), rebuild: true, resign: true, exit: 3, bad: 6},
		"a detail":                                {statements: []string{"UPDATE detail SET body = CAST(replace(body, 'Ada', 'Bo') AS BLOB) WHERE seq = 2"}, exit: 2, bad: 2},
		"a salt":                                  {statements: []string{"UPDATE detail SET salt = zeroblob(32) WHERE seq = 3 AND part = 'term'"}, exit: 2, bad: 3},
		"a detail put to another record":          {statements: []string{"UPDATE detail SET seq = 4 WHERE seq = 3 AND part = 'term'"}, exit: 2, bad: 4},
		"a detail is missing":                     {statements: []string{"DELETE FROM detail WHERE seq = 3 AND part = 'term'"}, exit: 6, bad: 3},
		"what filters find":                       {statements: []string{"UPDATE fact SET actor = 'somebody' WHERE seq = 8"}, exit: 2, bad: 8},
		"what filters find is missing":            {statements: []string{"DELETE FROM fact WHERE seq = 8"}, exit: 2, bad: 8},
		"who saw a list":                          {statements: []string{"DELETE FROM shown WHERE process_id = 'p-3' AND seq = 6"}, exit: 2, bad: -1},
		"a signature":                             {statements: []string{"UPDATE checkpoint SET note = replace(note, '— portal.test/audit ', '— portal.test/audit A') WHERE size = 11"}, exit: 4, bad: -1},
		"the size of a checkpoint":                {statements: []string{"UPDATE checkpoint SET size = 10 WHERE size = 11"}, exit: 2, bad: -1},
		"every checkpoint":                        {statements: []string{"DELETE FROM checkpoint"}, exit: 4, bad: -1},
	} {
		t.Run(name, func(t *testing.T) {
			path := save(t, content)
			if tc.statements != nil {
				edit(t, path, tc.statements...)
			}
			if tc.rebuild {
				rebuild(t, path, f.key, tc.resign)
			}
			o := VerifyOptions{File: path, Key: f.VerifierKey()}
			if tc.against != "" {
				o.Against = save(t, []byte(tc.against))
			}
			if v := Verify(t.Context(), o); v.Exit != tc.exit || v.FirstBad != tc.bad {
				t.Errorf("want %d at %d, got %+v", tc.exit, tc.bad, v)
			}
		})
	}
}

// cutBack leaves the first records, as if the others had never been.
func cutBack(size int64) []string {
	statements := []string{fmt.Sprintf("DELETE FROM node WHERE idx >= %d", tlog.StoredHashCount(size))}
	for _, table := range []string{"entry", "fact", "detail", "shown"} {
		statements = append(statements, fmt.Sprintf("DELETE FROM %s WHERE seq >= %d", table, size))
	}
	return statements
}

// takeOut removes a record and closes the gap.
func takeOut(seq int64) (statements []string) {
	for _, table := range []string{"entry", "fact", "detail", "shown"} {
		statements = append(statements, fmt.Sprintf("DELETE FROM %s WHERE seq = %d", table, seq))
		for next := seq + 1; next < 21; next++ {
			statements = append(statements, fmt.Sprintf("UPDATE %s SET seq = %d WHERE seq = %d", table, next-1, next))
		}
	}
	return append(statements, "DELETE FROM checkpoint WHERE size > 20")
}

// rebuild computes every hash again from the leaves and, with the key, signs every checkpoint again.
func rebuild(t *testing.T, path string, k key, resign bool) {
	t.Helper()
	db := rawOpen(t, path)
	var leaves [][]byte
	collect := func(c []sql.RawBytes) error { leaves = append(leaves, bytes.Clone(c[0])); return nil }
	must(t, db.Stream(t.Context(), "SELECT leaf FROM entry ORDER BY seq", nil, collect))
	must(t, db.InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM node")
		both, index := newTree(), int64(0)
		for n, leaf := range leaves {
			hashes, addErr := both.add(tlog.RecordHash(leaf))
			err = errors.Join(err, addErr)
			for _, h := range hashes {
				_, insertErr := tx.Exec("INSERT INTO node (idx, hash) VALUES (?, ?)", index, h[:])
				err = errors.Join(err, insertErr)
				index++
			}
			root, rootErr := both.root()
			err = errors.Join(err, rootErr)
			if resign {
				_, updateErr := tx.Exec("UPDATE checkpoint SET note = ? WHERE size = ?", string(signText(t, k, checkpointBody(k.origin, int64(n)+1, root))), n+1)
				err = errors.Join(err, updateErr)
			}
		}
		return err
	}))
	must(t, db.Close())
}

func TestEveryBitOfALeafCounts(t *testing.T) {
	f := start(t)
	f.fill(2)
	f.close()
	content, err := os.ReadFile(f.o.Path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(content, []byte(`"action":"process.view"`))
	if at < 0 {
		t.Fatal("the leaf is not in the file as it is")
	}
	for bit := range 8 * 20 {
		changed := bytes.Clone(content)
		changed[at+bit/8] ^= 1 << (bit % 8)
		if v := Verify(t.Context(), VerifyOptions{File: save(t, changed), Key: f.VerifierKey()}); v.Exit != 2 || v.FirstBad != 2 {
			t.Fatalf("bit %d: %+v", bit, v)
		}
	}
}

func TestWhatWasErasedIsCoveredByItsRecord(t *testing.T) {
	f := start(t)
	f.fill(9)
	erase := func(records string) {
		f.append(Event{Action: ProcessErase, Outcome: OK, Actor: System, Process: Process{ID: "p-3"}, Facts: map[string]string{"records": records}})
	}
	if _, err := f.db.Load().Writer.Exec("DELETE FROM detail WHERE seq IN (2, 3) AND part IN ('term', 'purpose')"); err != nil {
		t.Fatal(err)
	}
	verify := func(o ExportOptions) Verdict {
		return Verify(t.Context(), VerifyOptions{File: save(t, f.bundle(o)), Key: f.VerifierKey()})
	}
	if v := verify(ExportOptions{}); v.Exit != 6 || v.FirstBad != 2 {
		t.Errorf("before it is recorded: %+v", v)
	}
	erase("3,100-200,x,-,5-4")
	if v := verify(ExportOptions{}); v.Exit != 6 || v.FirstBad != 2 {
		t.Errorf("with a record of another: %+v", v)
	}
	erase("2-3")
	for name, o := range map[string]ExportOptions{"everything": {}, "without the erasure's row": {Filter: Filter{Actor: ada.Subject}},
		"every leaf": {Filter: Filter{Process: "p-3"}, AllLeaves: true}} {
		v := verify(o)
		if v.Exit != 0 || !strings.Contains(v.Sentence, "personal details of") {
			t.Errorf("%s: %+v", name, v)
		}
	}
	f.close()
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 || !strings.Contains(v.Sentence, "personal details of 2 records were erased") {
		t.Errorf("the file: %+v", v)
	}
}

func TestAListThatWasErasedLeavesADoubt(t *testing.T) {
	f := start(t)
	f.fill(9)
	for _, statement := range []string{"DELETE FROM detail WHERE seq = 3 AND part = 'shown'", "DELETE FROM shown WHERE seq = 3"} {
		if _, err := f.db.Load().Writer.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	f.append(Event{Action: ProcessErase, Outcome: OK, Actor: System, Facts: map[string]string{"records": "3"}})
	v := Verify(t.Context(), VerifyOptions{File: save(t, f.bundle(ExportOptions{Filter: Filter{Process: "p-3"}, AllLeaves: true})), Key: f.VerifierKey()})
	if v.Exit != 0 || len(v.Warnings) != 1 || strings.Contains(v.Sentence, "was left out") {
		t.Errorf("%+v", v)
	}
	f.close()
	if v := Verify(t.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
		t.Errorf("the file: %+v", v)
	}
}

func TestSnapshotsAreTheOnesThatTheRecordsName(t *testing.T) {
	f := start(t)
	body := []byte(`{"processId":"p-1"}`)
	sum := sha256.Sum256(body)
	for _, id := range []string{"p-1", "p-2"} {
		e := view(id)
		e.Process.SHA256, e.Process.Version = hex.EncodeToString(sum[:]), 1
		f.append(e)
	}
	path := filepath.Join(t.TempDir(), "portal.db")
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: path, Create: true, Migrations: sqlitedb.Migrations("portal")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bundle := save(t, f.bundle(ExportOptions{}))
	verify := func() Verdict {
		return Verify(t.Context(), VerifyOptions{File: bundle, Key: f.VerifierKey(), Snapshots: path})
	}
	hold := func(id string, body []byte) {
		t.Helper()
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`INSERT INTO process (process_id, dossier_id, external_reference, external_id, way_in, imported_by, first_seen_at, last_seen_at, gone_at, newest,
				status, final, created_at, updated_at, due_at, attempts, listed_status, listed_updated_at, revision)
				VALUES (?, '', '', '', 'import', '', 0, 0, 0, 1, '', 1, 0, 0, 0, 0, '', 0, 0)`, []any{id}},
			{`INSERT INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, body)
				VALUES (?, 1, ?, 0, '', '', '', 0, 0, ?)`, []any{id, sum[:], body}},
		} {
			if _, err := db.Writer.Exec(s.query, s.args...); err != nil {
				t.Fatal(err)
			}
		}
	}
	hold("p-1", body)
	if v := verify(); v.Exit != 7 || v.FirstBad != 3 {
		t.Errorf("one is not held: %+v", v)
	}
	hold("p-2", append(body, ' '))
	if v := verify(); v.Exit != 7 || v.FirstBad != 3 {
		t.Errorf("one has other bytes: %+v", v)
	}
	for _, statement := range []string{"INSERT INTO tombstone (process_id, erased_at, basis, status, created_at, revision) VALUES ('p-2', 0, '', '', 0, 0)",
		"DELETE FROM snapshot WHERE process_id = 'p-2'"} {
		if _, err := db.Writer.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if v := verify(); v.Exit != 0 || len(v.Warnings) != 1 || !strings.Contains(v.Sentence, "snapshots held are those") {
		t.Errorf("one was erased: %+v", v)
	}
	if v := Verify(context.Background(), VerifyOptions{File: bundle, Key: f.VerifierKey(), Snapshots: somethingElse(t)}); v.Exit != 1 {
		t.Errorf("snapshots that are none: %+v", v)
	}
	for i, beside := range []Beside{{1, hex.EncodeToString(sum[:])}, {1, strings.Repeat("00", 32)}} {
		e := view("p-1")
		e.Process.SHA256, e.Process.Version, e.Beside = hex.EncodeToString(sum[:]), 1, beside
		seq := f.append(e).Seq()
		bundle = save(t, f.bundle(ExportOptions{}))
		if v := verify(); i == 0 && v.Exit != 0 || i == 1 && (v.Exit != 7 || v.FirstBad != seq) {
			t.Errorf("beside %+v: %+v", beside, v)
		}
	}
}
