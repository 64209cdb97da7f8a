package main

import (
	"archive/zip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"github.com/assure-portal/portal/internal/demo"
)

// step is something that somebody does, and what it leaves in the trail.
type step struct {
	question
	status int
	leaves []string // action and outcome
}

// reviewersDay and auditorsDay go through what these roles may do, and some of what they may not.
func reviewersDay() []step {
	form := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	return []step{
		{question{"/processes", nil}, 200, []string{"process.search ok"}},
		{question{"/purpose", form("purpose", "alert", "case", "KYC-7")}, 200, []string{"process.search ok"}},
		{question{"/processes/search", form("q", "WYXENTHRALL")}, 200, []string{"process.search ok"}},
		{question{"/processes?status=accepted", nil}, 200, []string{"process.search ok"}},
		{question{"/processes/canary-1", nil}, 200, []string{"process.view ok"}},
		{question{"/processes/canary-1/reveal", form("field", "personalIdentificationNumber", "purpose", "alert")}, 200, []string{"field.reveal ok"}},
		{question{"/processes/canary-1/reveal", form("field", "raw", "purpose", "alert")}, 200, []string{"field.reveal ok"}},
		{question{"/processes/canary-1/raw", nil}, 200, []string{"process.raw ok"}},
		{question{"/processes/canary-9", nil}, 404, []string{"process.view failed"}},
		{question{"/processes/canary-1/refresh", form()}, 409, []string{"process.refresh failed"}},
		{question{"/audit", nil}, 403, []string{"access.refused refused"}},
		{question{"/processes.csv", nil}, 403, []string{"access.refused refused"}},
		{question{"/processes/canary-1/archive", nil}, 404, []string{"process.raw failed"}},
		{question{"/processes/canary-1/changes", nil}, 200, []string{"process.view ok"}},
		{question{"/processes/canary-1/images/front", nil}, 404, []string{"process.image failed"}},
		{question{"/processes/save", form("name", "Rejected", "list", "status=rejected")}, 200, []string{"settings.changed unknown", "settings.changed ok", "process.search ok"}},
		{question{"/processes/columns", form("column", "status")}, 200, []string{"process.search ok"}},
		{question{"/audit/exports", nil}, 403, []string{"access.refused refused"}},
		{question{"/help", nil}, 200, nil},
		{question{"/completeness", nil}, 200, nil},
	}
}

func auditorsDay() []step {
	return []step{
		{question{"/processes", nil}, 200, []string{"process.search ok"}},
		{question{"/processes/canary-1", nil}, 200, []string{"process.view ok"}},
		{question{"/processes/canary-1/raw", nil}, 403, []string{"access.refused refused"}},
		{question{"/processes/canary-1/reveal", url.Values{"field": {"firstName"}, "purpose": {"audit"}}}, 403, []string{"access.refused refused"}},
		{question{"/processes.csv", nil}, 200, []string{"process.export ok", "process.export.done ok"}},
		{question{"/audit", nil}, 200, []string{"audit.view ok"}},
		{question{"/audit?process=canary-1", nil}, 200, []string{"audit.view ok"}},
		{question{"/audit/0", nil}, 200, []string{"audit.view ok"}},
		{question{"/audit/exports", nil}, 200, []string{"audit.view ok"}},
		{question{"/audit/people", nil}, 200, []string{"audit.view ok"}},
		{question{"/audit/person", nil}, 200, nil},
		{question{"/audit/statement", nil}, 200, nil},
		{question{"/audit/statement?process=canary-1+canary-2", nil}, 200, []string{"audit.view ok"}},
		{question{"/audit.csv?with=identity,detail", nil}, 200, []string{"audit.export ok", "audit.export.done ok"}},
		{question{"/audit.zip?process=canary-1&leaves=all", nil}, 200, []string{"audit.export ok", "audit.export.done ok"}},
		{question{"/audit/checkpoint", nil}, 200, nil},
		{question{"/audit/key", nil}, 200, nil},
	}
}

func TestADayLeavesExactlyTheseRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs it")
	}
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	s.serve()
	want := map[string]int{}
	for user, day := range map[string][]step{"reviewer@demo.test": reviewersDay(), "auditor@demo.test": auditorsDay()} {
		s.newClient()
		s.signIn(user)
		want[user+" sign-in ok"]++
		for _, one := range day {
			if a := s.mustAsk(one.question); a.status != one.status {
				t.Errorf("%s: %s answers %d, want %d", user, one.path, a.status, one.status)
			}
			for _, left := range one.leaves {
				want[user+" "+left]++
			}
		}
		if a := s.mustAsk(question{"/auth/logout", url.Values{}}); a.status != http.StatusOK {
			t.Errorf("%s: signing out answers %d", user, a.status)
		}
		want[user+" sign-out ok"]++
	}
	if code := s.stop(); code != 0 {
		t.Errorf("the portal ended with %d", code)
	}
	if got := s.left(); !maps.Equal(got, want) {
		t.Errorf("the trail holds\n%v\nwant\n%v", countLines(got), countLines(want))
	}
	s.allIsRecorded()
}

func countLines(counts map[string]int) (text string) {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		text += fmt.Sprintf("  %d %s\n", counts[name], name)
	}
	return text
}

// left counts the records of people, by who, action and outcome, as a bundle has them.
func (s *siege) left() map[string]int {
	s.Helper()
	path := filepath.Join(s.TempDir(), "bundle.zip")
	if code, out := s.command("audit", "export", "--out", path); code != 0 {
		s.Fatalf("audit export ended with %d: %s", code, out)
	}
	names := map[string]string{}
	for _, u := range demo.Users() {
		names[u.Subject] = u.Name
	}
	counts := map[string]int{}
	for _, leaf := range leavesOf(s.T, path) {
		if who, ok := names[leaf.Actor]; ok {
			counts[who+" "+leaf.Action+" "+leaf.Outcome]++
		}
	}
	return counts
}

type leafInBundle struct{ Actor, Action, Outcome string }

func leavesOf(t *testing.T, path string) (leaves []leafInBundle) {
	t.Helper()
	bundle, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	file, err := bundle.Open("leaves.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for d := json.NewDecoder(file); d.More(); {
		var line struct{ Leaf string }
		var leaf leafInBundle
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		text, err := base64.StdEncoding.DecodeString(line.Leaf)
		if err == nil {
			err = json.Unmarshal(text, &leaf)
		}
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf)
	}
	return leaves
}
