package handlers_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/evidence"
)

// processColumns are the contract's, letter by letter.
const processColumns = "process_id,dossier_id,external_reference,external_id,provider,process_type,status,created_at,updated_at,first_seen_at,fetched_at," +
	"last_seen_upstream,way_in,fetch_seq,version,sha256,mapping_version,has_final_result,firstName,lastName,lastNameSecondLine,dateOfBirth,placeOfBirth,gender," +
	"nationality,documentType,documentNumber,issuingCountry,dateOfIssue,dateOfExpiry,personalIdentificationNumber,similarityScore,livenessDetected," +
	"fields_same,fields_equivalent,fields_differs,fields_unsourced,fields_absent,fields_single,findings"

// rowsOf parses a CSV answer and checks its form: BOM, CRLF, RFC 4180.
func rowsOf(t *testing.T, body string, comma rune) []map[string]string {
	t.Helper()
	plain, found := strings.CutPrefix(body, "\uFEFF")
	if !found || strings.Count(plain, "\r\n") != strings.Count(plain, "\n") || !strings.HasSuffix(plain, "\r\n") {
		t.Errorf("BOM %v; not every line ends with CRLF", found)
	}
	r := csv.NewReader(strings.NewReader(plain))
	r.Comma = comma
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%d lines, %v", len(all), err)
	}
	if got := strings.Join(all[0], ","); got != processColumns {
		t.Errorf("header\n%s, want\n%s", got, processColumns)
	}
	var rows []map[string]string
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestProcessesAsCSV(t *testing.T) {
	h := build(t).furnish()
	got := h.send(ask{as: "auditor", path: "/processes.csv"})
	if got.header.Get("Content-Type") != "text/csv; charset=utf-8" || got.header.Get("Content-Disposition") != `attachment; filename="processes.csv"` {
		t.Errorf("headers %v", got.header)
	}
	rows := rowsOf(t, got.body, ',')
	if len(rows) != len(samples(t)) {
		t.Errorf("%d rows of %d processes", len(rows), len(samples(t)))
	}
	for i := 1; i < len(rows); i++ {
		before, after := rows[i-1]["created_at"]+rows[i-1]["process_id"], rows[i]["created_at"]+rows[i]["process_id"]
		if before < after {
			t.Errorf("row %d is not in order: %s before %s", i, before, after)
		}
	}
	row := rows[slices.IndexFunc(rows, func(r map[string]string) bool { return r["process_id"] == paper })]
	want := map[string]string{"provider": "signicatpaper", "status": "accepted", "created_at": "2026-03-02T09:14:05.000Z", "updated_at": "2026-03-02T09:16:41.000Z",
		"way_in": "listing", "fetch_seq": "", "version": "1", "has_final_result": "true", "firstName": evidence.Mask("Sanne Marije"), "lastName": evidence.Mask("de Wilde"),
		"dateOfBirth": evidence.Mask("1989-07-30"), "documentNumber": evidence.Mask("NX4B70K12"), "nationality": "NLD", "documentType": "passport", "external_reference": "customer-8371"}
	for name, value := range want {
		if row[name] != value {
			t.Errorf("%s is %q, want %q", name, row[name], value)
		}
	}
	hand := rows[slices.IndexFunc(rows, func(r map[string]string) bool { return r["dossier_id"] == "" })]
	if !strings.HasPrefix(hand["way_in"], "imported by hand by operator ") {
		t.Errorf("way_in of an import is %q", hand["way_in"])
	}
}

func TestCellsHoldWhatThePageWouldShow(t *testing.T) {
	h := canaryHouse(t)
	for _, row := range []struct{ as, query, first, number, personal string }{
		{"auditor", "", "•••••••••ek", "•••••••13", "••••••••••89"},
		{"auditor", "?with=identity", "•••••••••ek", "•••••••13", "••••••••••89"},
		{"inspector", "?with=identity", "•••••••••ek", "•••••••13", "••••••••••89"},
		{"both", "", "•••••••••ek", "•••••••13", "••••••••••89"},
		{"both", "?with=identity", "Zaphirellek", "XK84QZ913", "••••••••••89"},
	} {
		got := rowsOf(t, h.send(ask{as: row.as, path: "/processes.csv" + row.query}).body, ',')[0]
		if got["firstName"] != row.first || got["documentNumber"] != row.number || got["personalIdentificationNumber"] != row.personal {
			t.Errorf("%s%s: %q %q %q", row.as, row.query, got["firstName"], got["documentNumber"], got["personalIdentificationNumber"])
		}
	}
}

// Wherever in the pages of the list one stands, the export holds every row.
func TestAnExportHoldsEveryRowWhateverThePage(t *testing.T) {
	h := build(t).furnish()
	next := find(t, document(t, h.send(ask{as: "both", path: "/processes"}).body), "a[rel=next]")
	if len(next) != 1 {
		t.Fatal("there is no second page")
	}
	_, query, _ := strings.Cut(attribute(next[0], "href"), "?")
	if rows := rowsOf(t, h.send(ask{as: "both", path: "/processes.csv?" + query}).body, ','); len(rows) != len(samples(t)) {
		t.Errorf("%d rows", len(rows))
	}
}

func TestADelimiterOfTheReadersChoice(t *testing.T) {
	h := canaryHouse(t)
	if rows := rowsOf(t, h.send(ask{as: "auditor", path: "/processes.csv?delimiter=;"}).body, ';'); len(rows) != 1 || rows[0]["process_id"] != canaryID {
		t.Errorf("rows %v", rows)
	}
}

// A spreadsheet must not run what somebody wrote on a document.
func TestACellIsNoFormula(t *testing.T) {
	h := build(t)
	for i, value := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"} {
		body := fmt.Appendf(nil, `{"processId":"formula-%d","provider":%q,"status":"accepted","createdAt":"2026-03-05T09:14:0%dZ","finalResult":{"documentType":%q}}`, i, value, i, value)
		h.keep(body, "")
	}
	rows := rowsOf(t, h.send(ask{as: "auditor", path: "/processes.csv"}).body, ',')
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		for name, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s of %s is %q", name, row["process_id"], cell)
			}
		}
		if !strings.HasPrefix(row["documentType"], "'") {
			t.Errorf("documentType is %q", row["documentType"])
		}
	}
}

// leaver is a client that goes away after some bytes.
type leaver struct {
	http.ResponseWriter
	left int
}

func (l *leaver) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("the client has gone")
	}
	return l.ResponseWriter.Write(p)
}

func (l *leaver) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func TestAnExportThatBreaksOffIsNeverWholeAndIsRecordedAsFailed(t *testing.T) {
	h := build(t).furnish()
	cookies := h.as("auditor")
	for path, done := range map[string]string{"/processes.csv": "process.export.done failed role=auditor rows={*} export={*} sha256={*}", "/audit.csv": "audit.export.done failed role=auditor{*}", "/audit.zip": "audit.export.done failed role=auditor{*}"} {
		t.Run(path, func(t *testing.T) {
			h.t = t
			breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(&leaver{w, 100}, r) }))
			defer breaking.Close()
			before := h.trail.State().Size
			r := h.request(ask{path: path}, cookies)
			r.URL.Host = strings.TrimPrefix(breaking.URL, "http://")
			response, err := breaking.Client().Do(r)
			if err == nil {
				var rest bytes.Buffer
				_, err = rest.ReadFrom(response.Body)
				response.Body.Close()
			}
			if err == nil {
				t.Error("the connection ended politely")
			}
			records := h.recordsFrom(before)
			if len(records) != 2 || !matches(records[1], done) {
				t.Errorf("records %q", records)
			}
		})
	}
}

func TestCompletenessAsCSV(t *testing.T) {
	h := build(t).furnish()
	h.must(h.store.SetUpstreamCount(t.Context(), h.clock.Now().Format("2006-01-02"), "accepted", 3))
	got := h.send(ask{as: "admin", path: "/completeness.csv"})
	lines := strings.Split(got.body, "\r\n")
	if lines[0] != "\uFEFFday,status,upstream,held,refused,missing,erased,imported,gone,unlisted,why" ||
		!slices.Contains(lines, h.clock.Now().Format("2006-01-02")+",accepted,3,0,0,3,0,0,0,0,3 processes at Assure that the portal does not hold yet") {
		t.Errorf("%q", got.body)
	}
}

// TestKeptLinesAreTheCellsOfAPage asks for the same rows as they are kept and as they are made cell by cell.
func TestKeptLinesAreTheCellsOfAPage(t *testing.T) {
	h := build(t).furnish()
	kept := rowsOf(t, h.send(ask{as: "auditor", path: "/processes.csv"}).body, ',')
	made := rowsOf(t, h.send(ask{as: "auditor", path: "/processes.csv?with=identity"}).body, ',') // an auditor sees no more
	semicolons := rowsOf(t, h.send(ask{as: "auditor", path: "/processes.csv?delimiter=;"}).body, ';')
	if len(kept) < 10 || fmt.Sprint(kept) != fmt.Sprint(made) || fmt.Sprint(kept) != fmt.Sprint(semicolons) {
		t.Errorf("kept\n%v\nmade\n%v\nwith semicolons\n%v", kept, made, semicolons)
	}
}

// watcher looks at something whenever bytes are sent to a client.
type watcher struct {
	http.ResponseWriter
	look func()
}

func (w *watcher) Write(p []byte) (int, error) {
	w.look()
	return w.ResponseWriter.Write(p)
}

func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestTheRegisterTellsHowFarAnExportIs(t *testing.T) {
	h := build(t).furnish()
	register := func() string {
		row := find(t, document(t, h.send(ask{as: "auditor", path: "/audit/exports"}).body), "table tbody tr")
		if len(row) == 0 {
			return "no row"
		}
		return text(row[0])
	}
	var during []string
	r := h.request(ask{path: "/processes.csv"}, h.as("auditor"))
	h.handler.ServeHTTP(&watcher{httptest.NewRecorder(), func() {
		if len(during) == 0 {
			during = append(during, register(), h.send(ask{as: "auditor", path: "/processes.csv/progress"}).body)
			if other := h.send(ask{as: "both", path: "/processes.csv/progress"}); other.status != http.StatusNoContent {
				t.Errorf("somebody else is told %q", other.body)
			}
		}
	}}, r)
	want := fmt.Sprintf("%d so far", len(samples(t)))
	if len(during) != 2 || !strings.Contains(during[0], want) || !strings.Contains(during[0], "under way") {
		t.Fatalf("while it is under way the register says %q, not %q", during, want)
	}
	if want := fmt.Sprintf("Export: %d rows so far", len(samples(t))); during[1] != want {
		t.Errorf("meanwhile the page is told %q, not %q", during[1], want)
	}
	if after := register(); strings.Contains(after, "so far") || !strings.Contains(after, "delivered whole") {
		t.Errorf("after it the register says %q", after)
	}
}

// Without scripts the page that starts an export leads to the register, if its reader may see that.
func TestThePageOfAnExportLeadsToTheRegister(t *testing.T) {
	h := build(t).furnish()
	for as, links := range map[string]int{"auditor": 1, "reviewer": 0} {
		page := document(t, h.send(ask{as: as, path: "/processes"}).body)
		if n := len(find(t, page, ".exports a[href='/audit/exports']")); n != links {
			t.Errorf("%s has %d links", as, n)
		}
		if n := len(find(t, page, "[data-export-progress][role=status]")); n != links {
			t.Errorf("%s has %d places for the progress", as, n)
		}
	}
}
