package handlers_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// The benchmarks of this file measure what the trail costs a page, and its CSV, each beside what it is compared with, in
// turns in one run. They print limit and ratio and judge nothing.

// once runs a benchmark's work a single time, whatever -benchtime says.
func once(b *testing.B, work func()) {
	done := false
	for b.Loop() {
		if !done {
			work()
		}
		done = true
	}
	b.ReportMetric(0, "ns/op")
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkAuditedPages is how many pages a second 64 clients get, against the same pages without a record.
func BenchmarkAuditedPages(b *testing.B) {
	h := build(b, func(o *handlers.Options) { o.MaxOpens = 1 << 30 }).furnish()
	h.must(h.handler.AddUnaudited())
	sessions := make([][]*http.Cookie, 4) // of one session the portal answers 32 requests at a time
	for i := range sessions {
		sessions[i], _, _ = h.signIn("reviewer")
	}
	for _, page := range []struct {
		name, path string
		least      float64
	}{{"process", "/processes/" + onfido, 0.6}, {"search", "/processes", 0.75}} {
		b.Run(page.name, func(b *testing.B) {
			var audited, bare, ratios []float64
			once(b, func() {
				for range 5 {
					bare = append(bare, h.rate(b, sessions, "/unaudited"+page.path))
					audited = append(audited, h.rate(b, sessions, page.path))
					ratios = append(ratios, audited[len(audited)-1]/bare[len(bare)-1])
				}
			})
			b.ReportMetric(middle(audited), "audited/s")
			b.ReportMetric(middle(bare), "unaudited/s")
			b.ReportMetric(middle(ratios), "ratio")
			b.ReportMetric(page.least, "least")
		})
	}
}

// rate is how many answers a second 64 clients get.
func (h *house) rate(b *testing.B, sessions [][]*http.Cookie, path string) float64 {
	const clients, round = 64, 1500 * time.Millisecond
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var answers atomic.Int64
	var all gosync.WaitGroup
	began := time.Now()
	for i := range clients {
		all.Go(func() {
			for time.Since(began) < round {
				answer, err := client.Do(h.request(ask{path: path}, sessions[i%len(sessions)]))
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, answer.Body)
				if answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
					b.Errorf("%s: %s, %v", path, answer.Status, err)
					return
				}
				answers.Add(1)
			}
		})
	}
	all.Wait()
	return float64(answers.Load()) / time.Since(began).Seconds()
}

// BenchmarkTrailCSV is how many rows a second a reader of /audit.csv gets, against `sqlite3 -csv` with a table of the same
// rows, and how much memory the process takes for it, the reader's included. PORTAL_BENCH_RECORDS is how many rows there are.
func BenchmarkTrailCSV(b *testing.B) {
	sqlite3, err := exec.LookPath("sqlite3")
	if err != nil {
		b.Skip("no sqlite3 to compare with")
	}
	h := build(b)
	rows := h.fillTrail(b)
	var text bytes.Buffer
	h.download(b, &text)
	file := importCSV(b, sqlite3, text.Bytes())
	text = bytes.Buffer{}
	var ours, theirs, ratios []float64
	var grown int64
	once(b, func() {
		for range 7 {
			began := time.Now()
			cmd := exec.CommandContext(b.Context(), sqlite3, "-csv", file, "SELECT * FROM rows")
			cmd.Stdout = counter{new(int64)} // a pipe, as for the portal a socket
			h.must(cmd.Run())
			theirs = append(theirs, float64(rows)/time.Since(began).Seconds())
			before := resident(b, true)
			began = time.Now()
			h.download(b, counter{new(int64)})
			ours = append(ours, float64(rows)/time.Since(began).Seconds())
			grown = max(grown, resident(b, false)-before)
			ratios = append(ratios, ours[len(ours)-1]/theirs[len(theirs)-1])
		}
	})
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(middle(ours), "rows/s")
	b.ReportMetric(middle(theirs), "sqlite3-rows/s")
	b.ReportMetric(middle(ratios), "ratio")
	b.ReportMetric(1.5, "least")
	b.ReportMetric(float64(grown)/(1<<20), "grown-MiB")
	b.ReportMetric(32, "limit-MiB")
}

// counter counts what is written.
type counter struct{ n *int64 }

func (c counter) Write(p []byte) (int, error) { *c.n += int64(len(p)); return len(p), nil }

// fillTrail appends records and waits until the trail has made what it makes of them by itself.
func (h *house) fillTrail(b *testing.B) (rows int64) {
	n, err := strconv.ParseInt(os.Getenv("PORTAL_BENCH_RECORDS"), 10, 64)
	if err != nil {
		n = 50_000
	}
	var next atomic.Int64
	var all gosync.WaitGroup
	for range 128 {
		all.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				_, err := h.trail.Append(b.Context(), audit.Event{Action: audit.ProcessView, Outcome: audit.OK, RequestID: fmt.Sprint("r-", i), Purpose: "onboarding",
					Actor:   audit.Actor{Issuer: "https://id.test", Subject: "subject-1", Name: "Ada Example", Role: "reviewer", Session: "s-1", Address: "192.0.2.1"},
					Process: audit.Process{ID: onfido, DossierID: paper, Version: 1, SHA256: strings.Repeat("ab", 32), MappingVersion: 1}, Classes: []string{"identity"}})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	db, err := sqlitedb.OpenReadOnly(b.Context(), h.trailFile)
	h.must(err)
	defer db.Close()
	for kept := int64(-1); kept < n/1024; time.Sleep(100 * time.Millisecond) {
		h.must(db.Reader.QueryRow("SELECT count(*) FROM line_block").Scan(&kept))
	}
	return h.trail.State().Size
}

func (h *house) download(b *testing.B, into io.Writer) {
	answer, err := http.DefaultClient.Do(h.request(ask{path: "/audit.csv"}, h.as("auditor")))
	h.must(err)
	defer answer.Body.Close()
	if _, err := io.Copy(into, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s, %v", answer.Status, err)
	}
}

// importCSV makes a table of the rows, as sqlite3 itself does.
func importCSV(b *testing.B, sqlite3 string, text []byte) (file string) {
	b.Helper()
	from := filepath.Join(b.TempDir(), "rows.csv")
	file = filepath.Join(b.TempDir(), "rows.db")
	if err := os.WriteFile(from, bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.CommandContext(b.Context(), sqlite3, file, ".mode csv", ".import "+from+" rows").CombinedOutput(); err != nil {
		b.Fatalf("%s: %v", out, err)
	}
	return file
}

// resident is the resident memory of this process in bytes, or its peak since it was reset; see proc_pid_status(5).
func resident(b *testing.B, reset bool) (size int64) {
	b.Helper()
	field := "VmHWM:"
	if reset {
		field = "VmRSS:"
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
			b.Fatal(err)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, field); ok {
			fmt.Sscan(value, &size)
		}
	}
	return size << 10
}
