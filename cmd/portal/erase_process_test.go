package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// canaries stand nowhere but in the answers about the process that is erased.
var canaries = []string{"Vantongerloo", "NX4B70K12", "CASE-4711", "1977-07-19"}

// upstream writes what Assure knows: a process that is going to be erased, as of a time, and another.
func upstream(t *testing.T, dir string, updated time.Time) {
	t.Helper()
	created := updated.Add(-time.Hour).UTC().Format(time.RFC3339)
	for name, body := range map[string]string{
		"p-1": fmt.Sprintf(`{"processId":"p-1","provider":"onfido","processType":"document","status":"accepted","createdAt":%q,"updatedAt":%q,
			"finalResult":{"firstName":"Sanne","lastName":"Vantongerloo","dateOfBirth":"1977-07-19","documentNumber":"NX4B70K12"},"providerSpecific":{"note":"CASE-4711"}}`,
			created, updated.UTC().Format(time.RFC3339)),
		"p-2": fmt.Sprintf(`{"processId":"p-2","provider":"onfido","processType":"document","status":"accepted","createdAt":%q,"updatedAt":%q,
			"finalResult":{"firstName":"Joris","lastName":"Bakker"}}`, created, created),
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".json"), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// holding gives the files below a directory that hold one of some words, in any case.
func holding(t *testing.T, dir string, words ...string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		lower := bytes.ToLower(content)
		if slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(lower, bytes.ToLower([]byte(w))) }) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWhatWasErasedComesBackByNoWay(t *testing.T) {
	answers, listen := t.TempDir(), freeAddress(t)
	upstream(t, answers, time.Now().Add(-time.Hour))
	sim := start(t, nil, "simulate", "--listen", listen, "--from", answers)
	d := deploy(t, sim.until("ready"))
	d.ready(t)
	run := func(want int, args ...string) {
		t.Helper()
		if code := start(t, d.env, args...).end(); code != want {
			t.Fatalf("portal %v ended with %d, want %d", args, code, want)
		}
	}
	data := d.setting("PORTAL_DATA_DIR")
	clean := func(after string) {
		t.Helper()
		if files := holding(t, data, canaries...); len(files) > 0 {
			t.Errorf("after %s they stand in %q", after, files)
		}
		if len(holding(t, data, "Bakker")) == 0 {
			t.Errorf("after %s somebody else is gone, too", after)
		}
	}
	run(0, "sync")
	for _, canary := range canaries {
		if len(holding(t, data, canary)) == 0 {
			t.Fatalf("%s was never there to be erased", canary)
		}
	}
	run(0, "erase", "--process", "p-1", "--basis", "GDPR art. 17", "--requested-by", "Ada Example", "--approved-by", "Bo Example")
	clean("the erasure")
	run(0, "sync")
	clean("the next synchronisation")
	sim.stop()
	upstream(t, answers, time.Now()) // Assure's answer changes: it is listed as news
	sim = start(t, nil, "simulate", "--listen", listen, "--from", answers)
	sim.until("ready")
	run(0, "sync", "--since", time.Now().Add(-48*time.Hour).UTC().Format(time.RFC3339))
	clean("one in which the process is news")
	run(1, "import", answers)
	clean("an import of the same answers")
	run(1, "import", "--dossier", "d-1", answers)
	clean("an import under a dossier")
	began := float64(time.Now().Unix())
	serve := start(t, d.env, "serve")
	serve.eventually("serve has synchronised", func() bool { return metricOf(d.metricsPage, "portal_sync_last_end_timestamp_seconds") >= began })
	if held := metricOf(d.metricsPage, "portal_processes_held"); held != 1 {
		t.Errorf("%v processes are held, want one", held)
	}
	if code := serve.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	clean("a portal that served")
	run(0, "reindex")
	clean("an index that was made anew")
	run(0, "audit", "verify", filepath.Join(data, "audit.db"))
}

// What colleagues typed about somebody stands beside the answer: as a term in the trail and among the posted searches, as a case.
func TestWhatWasTypedAboutAPersonGoesWithTheErasure(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs it")
	}
	const name, id = "QUAZZELVOORT", "canary-0"
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	for _, q := range []question{
		{path: "/processes/search", form: url.Values{"q": {name}}},
		{path: "/purpose", form: url.Values{"purpose": {"alert"}, "case": {name + "-7"}, "return": {"/processes/" + id}}},
		{path: "/processes/" + id + "/reveal", form: url.Values{"field": {"personalIdentificationNumber"}, "purpose": {"alert"}}},
		{path: "/purpose", form: url.Values{"purpose": {"alert"}, "case": {"another"}, "return": {"/processes/" + id}}},
	} {
		if a := s.mustAsk(q); a.status != http.StatusOK {
			t.Fatalf("%s answers %d", q.path, a.status)
		}
	}
	if code := s.stop(); code != 0 {
		t.Fatalf("the portal ended with %d", code)
	}
	if held := holding(t, s.data, name+"-7"); len(held) == 0 {
		t.Fatal("the case was never there to be erased")
	}
	if code, out := s.command("erase", "--process", id, "--basis", "GDPR art. 17", "--requested-by", "Ada Example", "--approved-by", "Bo Example"); code != 0 {
		t.Fatalf("erase ended with %d: %s", code, out)
	}
	if held := holding(t, s.data, name); len(held) > 0 {
		t.Errorf("%s still stands in %q", name, held)
	}
	if err := s.verify(s.trail(), filepath.Join(s.keys, "anchor")); err != nil {
		t.Error(err)
	}
}
