package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
)

// steer asks something of a simulator that is another process, as its client may.
func steer(t *testing.T, simulator []string, method, path, body string) []byte {
	t.Helper()
	base := strings.TrimSuffix(address(t, simulator, "assure"), "/assure")
	req, err := http.NewRequest(method, base+"/simulator/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("sim", "sim")
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(res.Body); err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, answer.String(), err)
	}
	return answer.Bytes()
}

// asked counts the requests for processes so far.
func asked(t *testing.T, simulator []string) int {
	t.Helper()
	var counts map[string]int
	if err := json.Unmarshal(steer(t, simulator, http.MethodGet, "requests", ""), &counts); err != nil {
		t.Fatal(err)
	}
	return counts["process"]
}

// answers writes so many Get process answers to a directory, a minute apart.
func answers(t *testing.T, many int) string {
	t.Helper()
	dir, begin := t.TempDir(), time.Now().UTC().Add(-48*time.Hour)
	for i := range many {
		at := begin.Add(-time.Duration(i) * time.Minute).Format(time.RFC3339)
		body := fmt.Appendf(nil, `{"processId":"p-%04d","provider":"onfido","processType":"document","status":"accepted","createdAt":%q,"updatedAt":%q}`, i, at, at)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.json", i)), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ready makes the trail of a deployment.
func (d deployment) ready(t *testing.T) {
	t.Helper()
	if code := start(t, d.env, "audit", "init", "--origin", "portal.test/trail", "--key-out", d.key).end(); code != 0 {
		t.Fatalf("audit init ended with %d", code)
	}
}

func (d deployment) setting(name string) string {
	for _, e := range d.env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

func TestAFirstSynchronisationThatIsKilledAndStoppedGoesOnWhereItWas(t *testing.T) {
	const many, inFlight = 240, 8
	sim := start(t, nil, "simulate", "--listen", "127.0.0.1:0", "--from", answers(t, many))
	lines := sim.until("ready")
	d := deploy(t, lines)
	d.ready(t)
	ends := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGKILL}
	for i, end := range ends {
		p := start(t, d.env, "sync")
		enough := (i + 1) * many / (len(ends) + 1)
		p.eventually(fmt.Sprintf("%d processes were asked for", enough), func() bool { return asked(t, lines) >= enough })
		if err := p.cmd.Process.Signal(end); err != nil {
			t.Fatal(err)
		}
		if code := p.end(); end == syscall.SIGTERM && code == 0 {
			t.Error("a synchronisation that was stopped before its end says that it came to it")
		}
	}
	last := start(t, d.env, "sync")
	if code := last.end(); code != 0 {
		t.Fatalf("the last run ended with %d: %s", code, last.log)
	}
	if n := asked(t, lines); n < many || n > many+len(ends)*inFlight {
		t.Errorf("%d requests for %d processes: more than what was under way at each end was repeated", n, many)
	}
	if !strings.Contains(last.log.String(), " of ") || !strings.Contains(last.log.String(), "left") {
		t.Errorf("the last run told no progress: %s", last.log)
	}
	assertHeldAndRecordedOnce(t, d, many)
	if out := start(t, d.env, "sync").until(fmt.Sprintf("listed %d fetched 0 changed 0 failed 0", many)); len(out) != 0 {
		t.Errorf("a run with nothing to do says %q first", out)
	}
}

// assertHeldAndRecordedOnce opens the files that commands have left.
func assertHeldAndRecordedOnce(t *testing.T, d deployment, many int) {
	t.Helper()
	data := d.setting("PORTAL_DATA_DIR")
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: filepath.Join(data, "portal.db"), Migrations: sqlitedb.Migrations("portal")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	held, err := store.Open(t.Context(), db, data, now)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	fresh, err := held.Freshness(t.Context())
	if err != nil || fresh.Processes != many || fresh.NotYetFetched != 0 {
		t.Errorf("held: %+v, %v", fresh, err)
	}
	trail, err := audit.Open(t.Context(), audit.Options{Path: filepath.Join(data, "audit.db"), KeyFile: d.key, AnchorFile: d.setting("PORTAL_AUDIT_ANCHOR"), Build: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close(t.Context())
	page, err := trail.Find(t.Context(), audit.Filter{Action: string(audit.ProcessFetch)}, 10*many)
	if err != nil || len(page.Seqs) != many {
		t.Errorf("%d arrivals are recorded of %d, %v", len(page.Seqs), many, err)
	}
}

func TestServeBearsTheFaultsOfASimulatorThatIsAnotherProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the second listing, half a minute")
	}
	const many = 30
	sim := start(t, nil, "simulate", "--listen", "127.0.0.1:0", "--from", answers(t, many))
	lines := sim.until("ready")
	d := deploy(t, lines)
	d.ready(t)
	steer(t, lines, http.MethodPost, "faults", `{"class":"process","sort":"other-id","times":-1}`)
	serve := start(t, d.env, "serve")
	told := func(name string) float64 { return metricOf(d.metricsPage, name) }
	serve.eventually("answers about other processes are refused", func() bool { return told(`portal_sync_failed_reads_total{kind="another-process"}`) >= many })
	if held, refused := told("portal_processes_held"), told(`portal_sync_backlog{what="refused"}`); held != 0 || refused == 0 {
		t.Errorf("%v processes are held, %v answers are kept aside", held, refused)
	}
	steer(t, lines, http.MethodDelete, "faults", "")
	steer(t, lines, http.MethodPost, "faults", `{"class":"process","sort":"reset","times":5}`)
	steer(t, lines, http.MethodDelete, "tokens", "")
	serve.eventually("all processes are held, with what belongs to them", func() bool {
		return told("portal_processes_held") == many && told(`portal_sync_backlog{what="owed"}`) == 0
	})
	if refused := told(`portal_sync_backlog{what="refused"}`); refused != 0 {
		t.Errorf("%v answers are still kept aside", refused)
	}
	if code := serve.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	assertHeldOnce(t, d, many)
}

// assertHeldOnce is assertHeldAndRecordedOnce but for what was refused and recorded on the way.
func assertHeldOnce(t *testing.T, d deployment, many int) {
	t.Helper()
	out := start(t, d.env, "audit", "verify", filepath.Join(d.setting("PORTAL_DATA_DIR"), "audit.db"))
	if code := out.end(); code != 0 {
		t.Errorf("the trail: exit %d", code)
	}
	once := start(t, d.env, "sync")
	once.until(fmt.Sprintf("listed %d fetched 0 changed 0 failed 0", many))
	if code := once.end(); code != 0 {
		t.Errorf("sync ended with %d", code)
	}
}

// metricOf reads one number of a metrics page; -1 while there is none.
func metricOf(page, name string) float64 {
	text, _ := fetch(page)
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			if value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64); err == nil {
				return value
			}
		}
	}
	return -1
}
