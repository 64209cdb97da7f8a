package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/evidence"
)

// personalNames are the names of all personal values in the complete answers of every provider, by class: written from the contract's
// masking table, and not from the portal's own.
var personalNames = map[evidence.Class][]string{
	evidence.Identity: strings.Fields(`firstName firstname given_name lastName lastname family_name lastNameSecondLine alternativeFirstName alternativeLastName
		alternativePrimaryName alternativeSecondaryName aliasName commonName name nameAtBirth spouseName widowName consumer.legallastname mrzFirstName
		mrzLastName dateOfBirth birthdate consumer.dateofbirth dateOfIssue dateOfExpiry obtainmentDate expiryDate placeOfBirth birthPlace address
		addressLine1 addressLine2 street street_address city locality region email mobile phone phone_number cell telephone profession
		issuingAuthority authority issuingPlace rawLicenceCategory predictedAge`),
	evidence.DocumentNumber: strings.Fields("documentNumber idNumber mrz mrzLine1 mrzLine2"),
	evidence.PersonalNumber: strings.Fields(`personalIdentificationNumber personalNumber qrcode.personal_number signicat.national_id taxNumber
		socialSecurityNumber healthNumber iban sub`),
}

// notPersonal are the answers to checks that stand under such names.
var notPersonal = strings.Fields("FOUND FULL_MATCH VALID MISSING clear")

// providerCanaries are the personal values of one answer by class.
type providerCanaries map[evidence.Class]map[string]bool

// shortestCanary is the length from which a value stands nowhere by chance.
const shortestCanary = 5

func (c providerCanaries) gather(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			c.gather(key, child)
		}
	case []any:
		for _, child := range v {
			c.gather(name, child)
		}
	case string:
		for class, names := range personalNames {
			ofACheck := name == "name" && strings.Count(v, " ") < 2 // a feature or a check has a name, too
			if slices.Contains(names, name) && len(v) >= shortestCanary && !slices.Contains(notPersonal, v) && !ofACheck {
				c[class][v] = true
			}
		}
	}
}

func canariesIn(t *testing.T, body []byte) providerCanaries {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	c := providerCanaries{evidence.Identity: {}, evidence.DocumentNumber: {}, evidence.PersonalNumber: {}}
	c.gather("", answer)
	return c
}

// closedTo are the canaries that somebody with these open classes may not see, unless they are part of one that is open.
func (c providerCanaries) closedTo(open []evidence.Class) (closed []string) {
	var shown strings.Builder
	for _, class := range open {
		for value := range c[class] {
			shown.WriteString(value + "\n")
		}
	}
	for class, values := range c {
		for value := range values {
			if !slices.Contains(open, class) && !strings.Contains(shown.String(), value) {
				closed = append(closed, value)
			}
		}
	}
	return closed
}

func holds(body, value string) bool {
	return strings.Contains(body, value) || strings.Contains(body, html.EscapeString(value))
}

// completeAnswers are the complete answers of every provider and spelling, each a process of its own, and one whose claims came as a token.
func completeAnswers(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../evidence/testdata/complete/*.json")
	if err != nil || len(files) != 13 {
		t.Fatalf("%d complete answers, want 13: %v", len(files), err)
	}
	all := map[string][]byte{}
	for i, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		all[name] = bytes.Replace(body, []byte("5182bb7e-a82f-597d-bb1d-fa09d02146b0"), fmt.Appendf(nil, "5182bb7e-a82f-597d-bb1d-fa09d0214%03d", i), 1)
		if name == "connect" {
			all["connect.token"] = withToken(t, bytes.Replace(all[name], fmt.Appendf(nil, "4%03d", i), []byte("4999"), 1))
		}
	}
	return all
}

// withToken has the claims of userInfo as a token whose signature nobody can verify.
func withToken(t *testing.T, body []byte) []byte {
	t.Helper()
	var answer map[string]json.RawMessage
	var detail map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer["providerSpecific"], &detail); err != nil {
		t.Fatal(err)
	}
	detail["userInfo"] = fmt.Appendf(nil, "%q", "eyJhbGciOiJub25lIn0."+base64.RawURLEncoding.EncodeToString(detail["userInfo"])+".c2lnbmVk")
	answer["providerSpecific"], _ = json.Marshal(detail)
	whole, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// completeHouse holds every complete answer in two versions: the first without a final result, so that its fields came later.
func completeHouse(t *testing.T, all map[string][]byte) *house {
	t.Helper()
	h := build(t)
	for i, name := range slices.Sorted(maps.Keys(all)) {
		var answer map[string]json.RawMessage
		var id string
		h.must(json.Unmarshal(all[name], &answer))
		h.must(json.Unmarshal(answer["processId"], &id))
		delete(answer, "finalResult")
		first, err := json.Marshal(answer)
		h.must(err)
		dossier := fmt.Sprintf("dossier-%02d", i)
		h.keep(first, dossier)
		h.keep(all[name], dossier)
		h.names[name] = id
	}
	return h
}

// What stands in an answer of any provider is in the bytes for whom it is open, and for nobody else, on every page and export.
func TestZ03_NoProvidersAnswerShowsMoreThanTheRoleMaySee(t *testing.T) {
	all := completeAnswers(t)
	h := completeHouse(t, all)
	for name, body := range all {
		canaries := canariesIn(t, body)
		for user, open := range openTo {
			closed := canaries.closedTo(open)
			for _, a := range []ask{
				{path: "/processes/{" + name + "}"}, {path: "/processes/{" + name + "}", header: htmx}, {path: "/processes/{" + name + "}?version=1"},
				{path: "/processes/{" + name + "}/changes?since=1&version=2"}, {path: "/processes/{" + name + "}/raw"},
				{path: "/processes/{" + name + "}/reveal", method: "POST", form: form("field", "similarityScore", "purpose", "audit")},
				{path: "/processes/{" + name + "}/reveal", method: "POST", form: form("field", "lastName", "purpose", "curiosity")},
			} {
				a.as = user
				got := h.send(a)
				for _, value := range closed {
					if holds(got.body, value) {
						t.Errorf("%s: %s %s shows %q to the %s", name, a.method, a.path, value, user)
					}
				}
			}
			h.showsAll(t, name, user, canaries, open)
		}
	}
}

// showsAll finds every open canary on the page, so that what is closed is not just left out for everybody. The token is one string.
func (h *house) showsAll(t *testing.T, name, user string, canaries providerCanaries, open []evidence.Class) {
	t.Helper()
	page := h.send(ask{as: user, path: "/processes/{" + name + "}"}).body
	for _, class := range open {
		for value := range canaries[class] {
			if name != "connect.token" && !holds(page, value) {
				t.Errorf("%s: the %s does not see %q of class %s", name, user, value, class)
			}
		}
	}
}

func TestZ03_NoListOrExportShowsMoreOfAnyProvidersAnswer(t *testing.T) {
	all := completeAnswers(t)
	h := completeHouse(t, all)
	for user, open := range openTo {
		for _, path := range []string{"/processes", "/processes?sort=attention", "/processes.csv", "/processes.csv?with=identity", "/completeness.csv", "/audit", "/admin"} {
			got := h.send(ask{as: user, path: path})
			for name, body := range all {
				for _, value := range canariesIn(t, body).closedTo(open) {
					if holds(got.body, value) {
						t.Errorf("%s shows %q of %s to the %s", path, value, name, user)
					}
				}
			}
		}
	}
}

// The trail holds who saw what, and never what it was: nothing of any answer is in an auditor's bundle or CSV, whatever was revealed before.
func TestZ03_TheTrailsExportsHoldNothingOfAnyAnswer(t *testing.T) {
	all := completeAnswers(t)
	h := completeHouse(t, all)
	for name := range all {
		h.send(ask{as: "reviewer", path: "/processes/{" + name + "}"})
		for _, field := range []string{"personalIdentificationNumber", "lastName", "/providerSpecific/userInfo", "raw"} {
			h.send(ask{as: "inspector", method: "POST", path: "/processes/{" + name + "}/reveal", form: form("field", field, "purpose", "audit")})
		}
		h.send(ask{as: "inspector", path: "/processes/{" + name + "}/raw"})
	}
	exports := map[string]string{}
	for _, query := range []string{"", "?leaves=all", "?leaves=all&with=identity,detail"} {
		exports["/audit.csv"+strings.Replace(query, "leaves=all", "from=2020-01-01", 1)] = ""
		for file, text := range h.unpacked(t, "/audit.zip"+query) {
			exports["/audit.zip"+query+" "+file] = text
		}
	}
	for where, text := range exports {
		if text == "" {
			text = h.send(ask{as: "auditor", path: where}).body
		}
		if strings.HasSuffix(where, "leaves=all leaves.jsonl") && !strings.Contains(text, "field.reveal") {
			t.Errorf("%s was not unpacked", where)
		}
		for name, body := range all {
			for _, value := range canariesIn(t, body).closedTo(nil) {
				if holds(text, value) {
					t.Errorf("%s holds %q of %s", where, value, name)
				}
			}
		}
	}
}

// unpacked are the files of a bundle, the leaves decoded.
func (h *house) unpacked(t *testing.T, path string) map[string]string {
	t.Helper()
	got := h.send(ask{as: "auditor", path: path})
	bundle, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatalf("%s: status %d: %v", path, got.status, err)
	}
	files := map[string]string{}
	for _, f := range bundle.File {
		r, err := f.Open()
		h.must(err)
		content, err := io.ReadAll(r)
		h.must(err)
		h.must(r.Close())
		files[f.Name] = string(content)
		if f.Name == "leaves.jsonl" {
			files[f.Name] += decoded(t, content)
		}
	}
	return files
}

// decoded is everything in a file of leaves that is base64, whatever its name.
func decoded(t *testing.T, lines []byte) string {
	t.Helper()
	var out strings.Builder
	for line := range bytes.Lines(lines) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(line, &members); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, m := range members {
			var text string
			if json.Unmarshal(m, &text) == nil {
				if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
					out.Write(plain)
				}
			}
		}
	}
	return out.String()
}

// The complete answers and others as providers send them have every leaf on their page, open or masked by its class.
func TestEveryLeafOfAnswersThatAreNoSampleIsOnItsPage(t *testing.T) {
	all := completeAnswers(t)
	files, err := filepath.Glob("../evidence/testdata/sent/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no answers", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = body
	}
	h := completeHouse(t, all)
	for name, body := range all {
		report := evidence.Read(evidence.Input{Body: body, Now: h.clock.Now()})
		for _, user := range []string{"reviewer", "auditor"} {
			t.Run(name+" as "+user, func(t *testing.T) {
				h.t = t
				got := h.send(ask{as: user, path: "/processes/{" + name + "}"})
				checkLeaves(t, document(t, got.body), report, openTo[user])
				checkBytes(t, got.body, report, openTo[user])
			})
		}
	}
}
