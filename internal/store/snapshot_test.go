package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

func TestSaveKeepsAVersionForEveryChangeOfBytes(t *testing.T) {
	h := newHouse(t)
	body := func(status, more string) string {
		return `{"processId":"p1","provider":"onfido","status":"` + status + `","createdAt":"2026-03-02T09:14:05Z"` + more + `}`
	}
	for i, step := range []struct {
		what, body, previous string
		changed              bool
		version              int
	}{
		{"the first answer is version 1", body("pending", ""), "", true, 1},
		{"the same bytes are none", body("pending", ""), "pending", false, 1},
		{"a space more is a version", body("pending", " "), "pending", true, 2},
		{"another status is a version", body("accepted", ""), "pending", true, 3},
		{"bytes that were there before, but not newest, are a version", body("pending", ""), "accepted", true, 4},
	} {
		saved, err := h.Save(t.Context(), Envelope{ProcessID: "p1", DossierID: "d1", WayIn: ByListing}, []byte(step.body), noon.Add(time.Duration(i)*time.Second))
		if err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		sum := sha256.Sum256([]byte(step.body))
		if saved.Changed != step.changed || saved.Version != step.version || saved.PreviousStatus != step.previous || saved.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %+v", step.what, saved)
		}
	}
	versions, err := h.Versions(t.Context(), "p1")
	if err != nil || len(versions) != 4 || versions[0].Version != 4 || versions[3].Version != 1 {
		t.Fatalf("versions %+v, %v", versions, err)
	}
	if got := versions[1]; got.Status != "accepted" || got.Versions != 4 || got.ReceivedAt != noon.Add(3*time.Second) || got.FetchSeq != -1 {
		t.Errorf("version 3 is %+v", got)
	}
}

func TestWhatIsOneProcessIsKeptHoweverUnknown(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		kept bool
	}{
		"a known provider and status":       {`{"processId":"p1","provider":"onfido","status":"accepted"}`, true},
		"an unknown provider and status":    {`{"status":"dancing","provider":"acme","processId":"p1","x":[1,{"y":null}]}`, true},
		"a name twice, the last one counts": {`{"processId":"p2","processId":"p1","provider":"onfido","status":"accepted"}`, true},
		"another process":                   {`{"processId":"p2","provider":"onfido","status":"accepted"}`, false},
		"names in other letters":            {`{"processid":"p1","provider":"onfido","status":"accepted"}`, false},
		"a process id that is a number":     {`{"processId":1,"provider":"onfido","status":"accepted"}`, false},
		"no provider":                       {`{"processId":"p1","status":"accepted"}`, false},
		"an empty status":                   {`{"processId":"p1","provider":"onfido","status":""}`, false},
		"an array":                          {`[{"processId":"p1","provider":"onfido","status":"accepted"}]`, false},
		"two objects":                       {`{"processId":"p1","provider":"onfido","status":"accepted"} {}`, false},
		"null":                              {`null`, false},
		"nothing":                           {``, false},
		"a page of HTML":                    {`<html>`, false},
		"an object that breaks off":         {`{"processId":"p1","provider":"onfido","status":"accepted"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, err := h.Save(t.Context(), Envelope{ProcessID: "p1", WayIn: ByEvent}, []byte(tc.body), noon)
			if tc.kept && err != nil || !tc.kept && !apperr.Is(err, apperr.Unprocessable) {
				t.Fatalf("error %v", err)
			}
			_, err = h.Head(t.Context(), "p1", 0)
			if kept := err == nil; kept != tc.kept {
				t.Errorf("kept: %t", kept)
			}
			if strings.Contains(fmt.Sprint(err), "accepted") {
				t.Error("the error repeats the body")
			}
		})
	}
}

func TestTheEnvelopeGrowsAndForgetsNothing(t *testing.T) {
	h := newHouse(t)
	body := person{id: "p1", created: noon, updated: noon}.body(t)
	save := func(e Envelope, at time.Time) {
		t.Helper()
		e.ProcessID = "p1"
		if _, err := h.Save(t.Context(), e, body, at); err != nil {
			t.Fatal(err)
		}
	}
	save(Envelope{WayIn: ByImport, ImportedBy: "olga"}, noon)
	save(Envelope{WayIn: ByListing, DossierID: "d1", ExternalReference: "order-7", LastSeenUpstream: noon.Add(time.Hour)}, noon.Add(time.Hour))
	save(Envelope{WayIn: ByRefresh, ExternalID: "x1", LastSeenUpstream: noon}, noon.Add(2*time.Hour))
	got, err := h.Head(t.Context(), "p1", 0)
	if err != nil {
		t.Fatal(err)
	}
	want := Envelope{ProcessID: "p1", DossierID: "d1", ExternalReference: "order-7", ExternalID: "x1", WayIn: ByImport, ImportedBy: "olga", LastSeenUpstream: noon.Add(time.Hour)}
	if got.Envelope != want || got.FirstSeenAt != noon || got.Versions != 1 {
		t.Errorf("got %+v", got)
	}
	if found, err := h.Search(t.Context(), Query{Term: "order-7"}); err != nil || len(found.IDs) != 1 {
		t.Errorf("by a reference that came later: %+v, %v", found, err)
	}
}

func TestManySavesAtOnceLoseNoVersion(t *testing.T) {
	h := newHouse(t)
	var savers sync.WaitGroup
	for i := range 40 {
		savers.Go(func() {
			body := fmt.Sprintf(`{"processId":"p%d","provider":"onfido","status":"pending","n":%d}`, i%4, i)
			if _, err := h.Save(t.Context(), Envelope{ProcessID: fmt.Sprintf("p%d", i%4), WayIn: ByListing}, []byte(body), noon); err != nil {
				t.Error(err)
			}
		})
	}
	savers.Wait()
	for i := range 4 {
		versions, err := h.Versions(t.Context(), fmt.Sprintf("p%d", i))
		if err != nil || len(versions) != 10 {
			t.Errorf("p%d has %d versions, %v", i, len(versions), err)
		}
	}
	h.checkMemory(t)
}

func TestSnapshotsAreNeverEdited(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{dossier: "d1"})
	if err := h.SaveMedia(t.Context(), "p01", "front", Media{"image/png", []byte("png")}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SaveUserData(t.Context(), "d1", []byte(`{}`), noon); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`UPDATE snapshot SET body = x'00'`,
		`UPDATE snapshot SET sha256 = zeroblob(32)`,
		`UPDATE snapshot SET received_at = 1`,
		`UPDATE snapshot SET fetch_seq = 9 WHERE fetch_seq = 7`,
		`UPDATE OR REPLACE snapshot SET process_id = 'p02'`,
		`DELETE FROM snapshot`,
		`INSERT OR REPLACE INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, body)
			SELECT process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, x'00' FROM snapshot`,
		`INSERT OR REPLACE INTO snapshot (rowid, process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, body)
			SELECT rowid, process_id, version + 1, sha256, received_at, provider, process_type, status, created_at, updated_at, x'00' FROM snapshot`,
		`INSERT INTO snapshot (process_id, version, sha256, received_at, provider, process_type, status, created_at, updated_at, body)
			SELECT process_id, 5, sha256, received_at, provider, process_type, status, created_at, updated_at, x'00' FROM snapshot`,
		`DELETE FROM process`,
		`UPDATE media SET body = x'00'`,
		`DELETE FROM media`,
		`UPDATE user_data SET body = x'00'`,
		`DELETE FROM user_data`,
	} {
		if statement == `UPDATE snapshot SET fetch_seq = 9 WHERE fetch_seq = 7` {
			if err := h.SetFetchRecord(t.Context(), "p01", 1, 7); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.portal.Writer.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
}

func TestAVersionHasOneRecordOfItsArrival(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{}, person{})
	unrecorded, err := h.Unrecorded(t.Context(), 10)
	if err != nil || len(unrecorded) != 2 {
		t.Fatalf("unrecorded %+v, %v", unrecorded, err)
	}
	if err := h.SetFetchRecord(t.Context(), "p01", 1, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.SetFetchRecord(t.Context(), "p01", 1, 5); !apperr.Is(err, apperr.Conflict) {
		t.Errorf("a second record: %v", err)
	}
	if err := h.SetFetchRecord(t.Context(), "p09", 1, 5); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("of an unknown process: %v", err)
	}
	if unrecorded, _ = h.Unrecorded(t.Context(), 10); len(unrecorded) != 1 || unrecorded[0].ProcessID != "p02" {
		t.Errorf("unrecorded %+v", unrecorded)
	}
	if head, _ := h.Head(t.Context(), "p01", 0); head.FetchSeq != 0 {
		t.Errorf("fetch seq %d", head.FetchSeq)
	}
}

func TestHeadsOfWhatIsNotThereAreNotFound(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{})
	for _, tc := range []struct {
		id      string
		version int
	}{{"p02", 0}, {"", 0}, {"p01", 2}, {"p01", -1}, {"p01' OR 1=1", 0}, {"\x00", 0}, {strings.Repeat("x", 1<<20), 0}} {
		if head, err := h.Head(t.Context(), tc.id, tc.version); !apperr.Is(err, apperr.NotFound) || head != (Head{}) {
			t.Errorf("%.20q version %d: %+v, %v", tc.id, tc.version, head, err)
		}
	}
	if _, err := h.Versions(t.Context(), "p02"); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("versions: %v", err)
	}
}

func TestPersonalDataNeedsAReceiptThatCoversIt(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	ids := h.save(t, person{last: "Jansen"}, person{last: "Bakker"})
	if _, err := h.Save(t.Context(), Envelope{ProcessID: "p01"}, []byte(`{"processId":"p01","provider":"onfido","status":"failed"}`), noon); err != nil {
		t.Fatal(err)
	}
	if err := h.SaveMedia(t.Context(), "p01", "front", Media{"image/png", []byte("png")}, noon); err != nil {
		t.Fatal(err)
	}
	q := Query{Status: []string{"accepted"}}
	raw, image := []string{string(evidence.Raw)}, []string{string(evidence.Image)}
	view := receipt(t, trail, audit.Event{Action: audit.ProcessView, Process: audit.Process{ID: "p01", Version: 2}})
	bytesSeen := receipt(t, trail, audit.Event{Action: audit.ProcessRaw, Process: audit.Process{ID: "p01", Version: 2}, Classes: raw})
	picture := receipt(t, trail, audit.Event{Action: audit.ProcessImage, Process: audit.Process{ID: "p01", Version: 2}, Classes: image})
	list := receipt(t, trail, audit.Event{Action: audit.ProcessSearch, Shown: ids})
	export := receipt(t, trail, audit.Event{Action: audit.ProcessExport, Query: q.Canonical()})
	other := receipt(t, trail, audit.Event{Action: audit.ProcessRaw, RequestID: "another", Process: audit.Process{ID: "p01", Version: 2}, Classes: append(raw, image...)})
	otherList := receipt(t, trail, audit.Event{Action: audit.ProcessSearch, RequestID: "another", Shown: ids})
	otherExport := receipt(t, trail, audit.Event{Action: audit.ProcessExport, RequestID: "another", Query: q.Canonical()})
	for _, tc := range []struct {
		what    string
		allowed bool
		do      func() (any, error)
	}{
		{"body of the version viewed", true, func() (any, error) { return h.Body(t.Context(), bytesSeen, "p01", 2) }},
		{"body of the newest, which is the version viewed", true, func() (any, error) { return h.Body(t.Context(), bytesSeen, "p01", 0) }},
		{"body of another version", false, func() (any, error) { return h.Body(t.Context(), bytesSeen, "p01", 1) }},
		{"body of another process", false, func() (any, error) { return h.Body(t.Context(), bytesSeen, "p02", 1) }},
		{"body by the record of a page, which does not say that raw was shown", false, func() (any, error) { return h.Body(t.Context(), view, "p01", 2) }},
		{"body by the record of an image", false, func() (any, error) { return h.Body(t.Context(), picture, "p01", 2) }},
		{"image by the record of raw bytes", false, func() (any, error) { m, err := h.Media(t.Context(), bytesSeen, "p01", "front"); return m.Body, err }},
		{"body without a record", false, func() (any, error) { return h.Body(t.Context(), audit.Receipt{}, "p01", 2) }},
		{"report of the version viewed", true, func() (any, error) { return h.Report(t.Context(), view, "p01", 2) }},
		{"report of another process", false, func() (any, error) { r, err := h.Report(t.Context(), view, "p02", 1); return r.ProcessID, err }},
		{"image of the process viewed", true, func() (any, error) { return h.Media(t.Context(), picture, "p01", "front") }},
		{"image by the record of a list", false, func() (any, error) { m, err := h.Media(t.Context(), list, "p01", "front"); return m.Body, err }},
		{"rows of the list shown", true, func() (any, error) { return h.Rows(t.Context(), list, ids[:1]) }},
		{"rows of more than the list", false, func() (any, error) { return h.Rows(t.Context(), list, append(ids, "p03")) }},
		{"rows by the record of a view", false, func() (any, error) { return h.Rows(t.Context(), view, []string{"p01"}) }},
		{"export of the query", true, func() (any, error) { return h.exported(t, export, q) }},
		{"body by the record of another request", false, func() (any, error) { return h.Body(t.Context(), other, "p01", 2) }},
		{"body within that request", true, func() (any, error) { return h.Body(audit.ForRequest(t.Context(), "another"), other, "p01", 2) }},
		{"image by the record of another request", false, func() (any, error) { m, err := h.Media(t.Context(), other, "p01", "front"); return m.Body, err }},
		{"rows by the record of another request", false, func() (any, error) { return h.Rows(t.Context(), otherList, ids[:1]) }},
		{"export by the record of another request", false, func() (any, error) { return h.exported(t, otherExport, q) }},
		{"export of another query", false, func() (any, error) { return h.exported(t, export, Query{}) }},
	} {
		got, err := tc.do()
		if tc.allowed && err != nil {
			t.Errorf("%s: %v", tc.what, err)
		}
		if text := fmt.Sprint(got); !tc.allowed && (err == nil || text != "[]" && text != "") {
			t.Errorf("%s: %v, %v", tc.what, got, err)
		}
	}
}

// exported are the cells of the lines of an export with names.
func (h *house) exported(t *testing.T, r audit.Receipt, q Query) ([][]string, error) {
	var text bytes.Buffer
	err := h.Export(t.Context(), r, q, LineForm{Shown: openly}, func(lines []byte, _ int) error { text.Write(lines); return nil })
	if err != nil {
		return nil, err
	}
	return csv.NewReader(&text).ReadAll()
}

// openly shows a value of the final result as it is.
func openly(_, value string) string { return value }

func TestBodiesComeBackByteForByte(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	body := []byte("{ \"processId\" : \"p1\",\r\n\"provider\":\"onfido\",\"status\":\"accepted\", \"n\": 1.000e2, \"s\":\"\\ud800 \xff\" }\n")
	if _, err := h.Save(t.Context(), Envelope{ProcessID: "p1"}, body, noon); err != nil {
		t.Fatal(err)
	}
	r := receipt(t, trail, audit.Event{Action: audit.ProcessRaw, Process: audit.Process{ID: "p1", Version: 1}, Classes: []string{string(evidence.Raw)}})
	got, err := h.Body(t.Context(), r, "p1", 1)
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("got %q, %v", got, err)
	}
	if head, _ := h.Head(t.Context(), "p1", 1); head.Size != int64(len(body)) {
		t.Errorf("size %d, want %d", head.Size, len(body))
	}
}

func TestWhatWasStatedIsKeptInVersionsAndJoinsTheReport(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	if _, err := h.SaveUserData(t.Context(), "d1", []byte(`{}`), noon); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("of a dossier without a process: %v", err)
	}
	if _, err := h.Save(t.Context(), Envelope{ProcessID: "onfido", DossierID: "d1", WayIn: ByListing}, renamed(t, "onfido-accepted.json", "onfido"), noon); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true} {
		body := fmt.Sprintf(`{"userData":{"firstName":"Zoë","lastName":"Stated%d"}}`, i/2)
		if changed, err := h.SaveUserData(t.Context(), "d1", []byte(body), noon); err != nil || changed != want {
			t.Fatalf("save %d: changed %t, %v", i, changed, err)
		}
	}
	r := receipt(t, trail, audit.Event{Action: audit.ProcessView, Process: audit.Process{ID: "onfido", Version: 1}})
	report, err := h.Report(t.Context(), r, "onfido", 1)
	if err != nil || report.ProcessID != "onfido" {
		t.Fatalf("report of %q, %v", report.ProcessID, err)
	}
	in, _, err := h.input(t.Context(), r, "onfido", 1)
	if err != nil || !strings.Contains(string(in.UserData), "Stated1") || in.Now != noon {
		t.Errorf("read with %q at %v, %v", in.UserData, in.Now, err)
	}
}

// renamed is a published example under an id of the test's.
func renamed(t testing.TB, name, id string) []byte {
	t.Helper()
	body := example(t, name)
	a, err := readAnswer(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(body, []byte(a.processID), []byte(id))
}

func TestAttachmentsAreKeptAsReceived(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	h.save(t, person{})
	for _, body := range []string{"one", "one", "two"} {
		if err := h.SaveMedia(t.Context(), "p01", "front", Media{"image/jpeg", []byte(body)}, noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.SaveMedia(t.Context(), "p09", "front", Media{"image/jpeg", []byte("one")}, noon); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("of a process that is not held: %v", err)
	}
	if names, err := h.HeldMedia(t.Context(), "p01"); err != nil || fmt.Sprint(names) != "[front]" {
		t.Errorf("held %v, %v", names, err)
	}
	r := receipt(t, trail, audit.Event{Action: audit.ProcessImage, Process: audit.Process{ID: "p01", Version: 1}, Classes: []string{string(evidence.Image)}})
	if m, err := h.Media(t.Context(), r, "p01", "front"); err != nil || string(m.Body) != "two" || m.ContentType != "image/jpeg" {
		t.Errorf("got %q, %v", m.Body, err)
	}
	if _, err := h.Media(t.Context(), r, "p01", "selfie"); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("an image that is not kept: %v", err)
	}
}
