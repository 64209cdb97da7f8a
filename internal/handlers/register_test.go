package handlers_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/audit"
)

// multipartForm is what a browser sends for files, by field.
func multipartForm(fields ...string) (body, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		part, _ := w.CreateFormFile(fields[i], "file.csv") // writes to memory
		_, _ = part.Write([]byte(fields[i+1]))
	}
	_ = w.Close()
	return b.String(), w.FormDataContentType()
}

// upload posts a file to be checked.
func upload(user string, file []byte) ask {
	body, contentType := multipartForm("file", string(file))
	return ask{as: user, method: "POST", path: "/audit/exports", body: body, header: map[string]string{"Content-Type": contentType}}
}

var registerRows = []exchange{
	{name: "the register of exports", ask: ask{as: "auditor", path: "/audit/exports"}, status: 200,
		has:     []string{"tr[data-export][data-state=delivered]", "form[enctype='multipart/form-data'] input[type=file]", "select#t-actor option", "a[href^='/audit.csv?action=']"},
		records: []string{"audit.view ok role=auditor rows={*} page=exports"}},
	{name: "the register of one person and a time", ask: ask{as: "inspector", path: "/audit/exports?actor=nobody-here&from=2020-01-01&to=2020-01-02"}, status: 200,
		has: []string{".empty", ".chips a"}, lacks: []string{"tr[data-export]"}, records: []string{"audit.view ok role=inspector term=nobody-here actor=given from=2020-01-01 page=exports to=2020-01-02"}},
	{name: "the register knows no other filter", ask: ask{as: "auditor", path: "/audit/exports?process={paper}"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit/exports status=Bad Request"}},
	{name: "a reviewer sees no register", ask: ask{as: "reviewer", path: "/audit/exports"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit/exports"}},
	{name: "a reviewer checks no file", ask: upload("reviewer", []byte("x")), status: 403, records: []string{"access.refused refused method=POST permission=read-trail route=/audit/exports"}},
	{name: "a file that is none of ours", ask: upload("auditor", []byte("x")), status: 200, has: []string{"[data-check-result=warning]"}, lacks: []string{"[data-check-result] tr[data-export]"},
		records: []string{"audit.view ok role=auditor exports=none page=file-check sha256=2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}},
	{name: "a form without a file", ask: ask{as: "auditor", method: "POST", path: "/audit/exports", form: form("file", "x")}, status: 422, has: errorPage("422"),
		records: []string{"audit.view failed role=auditor route=/audit/exports status=Unprocessable Entity"}},
	{name: "whom the first question is about", ask: ask{as: "auditor", path: "/audit/person"}, status: 200, has: []string{"form[action='/processes/search'] input[name=q]", "form[action='/audit'] input[name=process]"}},
	{name: "the people in the trail", ask: ask{as: "auditor", path: "/audit/people"}, status: 200, has: []string{"tr[data-actor] a[href^='/audit?actor=']"}, records: []string{"audit.view ok role=auditor page=people"}},
	{name: "a reviewer sees no people", ask: ask{as: "reviewer", path: "/audit/people"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit/people"}},
	{name: "a statement is asked for first", ask: ask{as: "auditor", path: "/audit/statement"}, status: 200, has: []string{"form[action='/audit/statement'] input[name=process]"}, lacks: []string{"article"}},
	{name: "a statement of one process", ask: ask{as: "auditor", path: "/audit/statement?process={paper}&from=2020-01-01"}, status: 200, has: []string{"[data-statement='{paper}'] table"}, absent: paperPerson,
		records: []string{"audit.view ok role=auditor process=paper rows=1 from=2020-01-01 page=statement"}},
	{name: "a statement of several", ask: ask{as: "inspector", path: "/audit/statement?process={paper}+{onfido}&process={paper}"}, status: 200, has: []string{"[data-statement='{paper}']", "[data-statement='{onfido}']"},
		records: []string{"audit.view ok role=inspector rows=2 shown=2 page=statement"}},
	{name: "a statement of a process that nobody knows", ask: ask{as: "auditor", path: "/audit/statement?process=nobody-knows-it"}, status: 200, lacks: []string{"article table"},
		records: []string{"audit.view ok role=auditor process=nobody-knows-it rows=1 page=statement"}},
	{name: "a statement of a name", ask: ask{as: "auditor", path: "/audit/statement?process=Sanne%21"}, status: 400, absent: []string{"Sanne"}, records: []string{"audit.view failed role=auditor route=/audit/statement status=Bad Request"}},
	{name: "a statement of a day that is none", ask: ask{as: "auditor", path: "/audit/statement?process={paper}&from=soon"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit/statement status=Bad Request"}},
	{name: "a statement of too many", ask: ask{as: "auditor", path: "/audit/statement?process=" + manyIDs(51)}, status: 400, records: []string{"audit.view failed role=auditor route=/audit/statement status=Bad Request"}},
	{name: "a reviewer makes no statement", ask: ask{as: "reviewer", path: "/audit/statement?process={paper}"}, status: 403, records: []string{"access.refused refused method=GET permission=read-trail route=/audit/statement"}},
	{name: "who saw a process", ask: ask{as: "auditor", path: "/audit?process={paper}&action=process.view,process.search&outcome=ok"}, status: 200, has: []string{"tr[data-action='process.search']"},
		lacks: []string{"tr[data-outcome=refused]", "tr[data-action='audit.view']"}, records: []string{"audit.view ok role=auditor rows={*} action=process.view,process.search outcome=ok process={paper}"}},
	{name: "a dossier's records", ask: ask{as: "auditor", path: "/audit?dossier=no-such-dossier"}, status: 200, has: []string{".empty"}, lacks: []string{"tr[data-seq]"}, records: []string{"audit.view ok role=auditor dossier=no-such-dossier"}},
	{name: "a name in place of a dossier", ask: ask{as: "auditor", path: "/audit?dossier=Sanne+de+Wilde"}, status: 400, absent: []string{"Sanne"}, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
	{name: "several actions of which one is none", ask: ask{as: "auditor", path: "/audit?action=process.view,peek"}, status: 400, records: []string{"audit.view failed role=auditor route=/audit status=Bad Request"}},
}

func manyIDs(n int) string {
	var ids strings.Builder
	for i := range n {
		fmt.Fprintf(&ids, "+id-%d", i)
	}
	return ids.String()
}

// checked posts a file and gives what the page says of it.
func (h *house) checked(file []byte) (kind, words string, exports int) {
	h.t.Helper()
	got := h.send(upload("auditor", file))
	if got.status != http.StatusOK {
		h.t.Fatalf("status %d: %s", got.status, got.body)
	}
	sections := find(h.t, document(h.t, got.body), "[data-check-result]")
	if len(sections) != 1 {
		h.t.Fatalf("%d results", len(sections))
	}
	sum := sha256.Sum256(file)
	if len(got.records) != 1 || !strings.Contains(got.records[0], "sha256="+hex.EncodeToString(sum[:])) {
		h.t.Errorf("records %q", got.records)
	}
	return attribute(sections[0], "data-check-result"), text(sections[0]), len(find(h.t, sections[0], "tr[data-export]"))
}

func TestAFileOfTheRegisterIsKnownAgain(t *testing.T) {
	h := build(t).furnish()
	for _, path := range []string{"/processes.csv?status=accepted", "/audit.csv", "/audit.zip"} {
		file := []byte(h.send(ask{as: "auditor", path: path}).body)
		if kind, words, n := h.checked(file); kind != "good" || n != 1 || !strings.Contains(words, "delivered whole") {
			t.Errorf("%s: %s, %d exports: %s", path, kind, n, words)
		}
		if kind, words, n := h.checked(append(file, ' ')); kind != "warning" || n != 0 || !strings.Contains(words, "none of ours") {
			t.Errorf("%s with a byte more: %s, %d exports: %s", path, kind, n, words)
		}
	}
	again := h.send(ask{as: "auditor", path: "/processes.csv?status=accepted"}).body
	if kind, words, n := h.checked([]byte(again)); kind != "good" || n != 2 || !strings.Contains(words, "2 exports") {
		t.Errorf("taken twice: %s, %d exports: %s", kind, n, words)
	}
}

func TestTheRegisterListsNoExportThatNeverBegan(t *testing.T) {
	h := build(t).furnish()
	listed := func() int {
		return len(find(t, document(t, h.send(ask{as: "auditor", path: "/audit/exports"}).body), "tr[data-export]"))
	}
	h.send(ask{as: "auditor", path: "/audit.csv"})
	before := listed()
	for _, path := range []string{"/processes.csv?delimiter=x", "/audit.csv?with=x"} {
		if got := h.send(ask{as: "auditor", path: path}); got.status != http.StatusBadRequest || len(got.records) != 1 || !strings.Contains(got.records[0], ".export failed") {
			t.Fatalf("%s: status %d, records %q", path, got.status, got.records)
		}
	}
	if after := listed(); before == 0 || after != before {
		t.Errorf("%d exports before, %d after", before, after)
	}
}

// keeper is a client that remembers what came before it went away.
type keeper struct {
	leaver
	got *bytes.Buffer
}

func (k *keeper) Write(p []byte) (int, error) {
	n, err := k.leaver.Write(p)
	k.got.Write(p[:n])
	return n, err
}

func TestAFileThatBrokeOffIsToldToBeOne(t *testing.T) {
	h := build(t).furnish()
	cookies := h.as("auditor")
	for _, path := range []string{"/audit.csv", "/processes.csv"} {
		var sent bytes.Buffer
		breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.handler.ServeHTTP(&keeper{leaver{w, 500}, &sent}, r)
		}))
		r := h.request(ask{path: path}, cookies)
		r.URL.Host = strings.TrimPrefix(breaking.URL, "http://")
		if response, err := breaking.Client().Do(r); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		breaking.Close()
		page := document(t, h.send(ask{as: "auditor", path: "/audit/exports"}).body)
		first := find(t, page, "tr[data-export]")[0]
		if attribute(first, "data-state") != "broken" {
			t.Errorf("%s: the register says %q", path, text(first))
		}
		if kind, words, n := h.checked(sent.Bytes()); kind != "bad" || n == 0 || !strings.Contains(words, "broken off") {
			t.Errorf("%s: %s, %d exports: %s", path, kind, n, words)
		}
	}
}

func TestAFormWithOtherThanOneFileIsRefused(t *testing.T) {
	h := build(t)
	for name, fields := range map[string][]string{"another field": {"other", "x"}, "two files": {"file", "x", "file", "y"}, "none": nil} {
		body, contentType := multipartForm(fields...)
		got := h.send(ask{as: "auditor", method: "POST", path: "/audit/exports", body: body, header: map[string]string{"Content-Type": contentType}})
		if got.status != http.StatusUnprocessableEntity || len(got.records) != 1 || !strings.HasPrefix(got.records[0], "audit.view failed") {
			t.Errorf("%s: %d, %q", name, got.status, got.records)
		}
	}
	body, contentType := multipartForm("file", "only half of this arrives")
	got := h.send(ask{as: "auditor", method: "POST", path: "/audit/exports", body: body[:len(body)/2], header: map[string]string{"Content-Type": contentType}})
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(text(document(t, got.body)), "nothing was compared") {
		t.Errorf("half a file: %d", got.status)
	}
}

// The statement goes to the person whom the data is about: nothing in it names a colleague.
func TestAStatementNamesNobodyOfTheStaff(t *testing.T) {
	h := build(t).furnish()
	h.send(ask{as: "both", method: "POST", path: "/purpose", form: form("purpose", "alert", "case", "C-secret")})
	for _, a := range []ask{{as: "both", path: "/processes/{paper}"}, {as: "both", path: "/processes"}, {as: "reviewer", path: "/processes/{paper}/images/front"},
		{as: "inspector", method: "POST", path: "/processes/{paper}/reveal", form: form("field", "lastName", "purpose", "audit", "because", "Mira asked me")},
		{as: "auditor", path: "/processes.csv"}, {as: "auditor", path: "/audit.csv?actor=somebody"}, {as: "auditor", path: "/audit.csv"}} {
		if got := h.send(a); got.status != http.StatusOK {
			t.Fatalf("%s: %d", a.path, got.status)
		}
	}
	page := document(t, h.send(ask{as: "auditor", path: "/audit/statement?process={paper}"}).body)
	statement := find(t, page, "article.statement")[0]
	said := text(statement)
	head, err := h.store.Head(t.Context(), paper, 0)
	h.must(err)
	for _, want := range []string{paper, head.DossierID, "Opened 1 time", "Revealed 1 time", "lastName", "Images and video 1 time", "front", "Listed 1 time", "Exported 1 time", "Exported with the trail 1 time", "Alert", "Audit"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	everybody := []string{"demo.test", "C-secret", "Mira", "127.0.0.1"}
	for _, r := range h.read(0) {
		everybody = append(everybody, r.Actor, r.ActorName, r.Session)
	}
	for _, name := range everybody {
		if name != "" && name != audit.System.Subject && strings.Contains(said, name) {
			t.Errorf("it names %q: %s", name, said)
		}
	}
	if printed := find(t, page, ".printed"); len(printed) > 0 {
		t.Errorf("on paper stands %q", text(printed...))
	}
}

func TestAStatementOfADossierCoversItsProcesses(t *testing.T) {
	h := build(t).furnish()
	head, err := h.store.Head(t.Context(), paper, 0)
	h.must(err)
	h.send(ask{as: "reviewer", path: "/processes/{paper}"})
	got := h.send(ask{as: "auditor", path: "/audit/statement?dossier=" + head.DossierID})
	if n := len(find(t, document(t, got.body), "[data-statement='"+paper+"'] table")); n == 0 || got.status != http.StatusOK {
		t.Errorf("%d, %d tables", got.status, n)
	}
	if len(got.records) != 1 || got.records[0] != "audit.view ok role=auditor process=paper rows=1 dossiers="+head.DossierID+" page=statement" {
		t.Errorf("records %q", got.records)
	}
	if unknown := h.send(ask{as: "auditor", path: "/audit/statement?dossier=none"}); unknown.status != http.StatusOK || !strings.Contains(unknown.body, "knows no process") {
		t.Errorf("of an unknown dossier: %d", unknown.status)
	}
}
