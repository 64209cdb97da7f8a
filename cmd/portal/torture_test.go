package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/demo"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// What is in the files torture_*_test.go does to a running portal what machines do to programs, and asks one question
// after each fault: has every answer that showed somebody a record in the trail that is there now?
//
// PORTAL_TORTURE=full runs every part at its whole length, as make torture does.
func wholeLength() bool { return os.Getenv("PORTAL_TORTURE") == "full" }

// times is how often a part is repeated.
func times(usually, atWholeLength int) int {
	if wholeLength() {
		return atWholeLength
	}
	return usually
}

// onlyAtWholeLength skips what needs root, tools or minutes, and says so.
func onlyAtWholeLength(t *testing.T, tools ...string) {
	t.Helper()
	if !wholeLength() {
		t.Skip("make torture runs it")
	}
	for _, tool := range tools {
		if tool == "root" && os.Geteuid() != 0 {
			t.Skip("needs root")
		}
		if _, err := exec.LookPath(tool); tool != "root" && err != nil {
			t.Skipf("needs %s", tool)
		}
	}
}

// siege is a portal that serves, people who are invented and whose names stand nowhere else, and a client that remembers
// who it was shown.
type siege struct {
	*testing.T
	program string // the executable; it is called portal whatever its path
	env     []string
	data    string
	keys    string
	base    string
	vkey    string
	people  map[string]string // last name -> process id
	client  *http.Client
	seen    *ledger
	running *exec.Cmd
	log     *os.File
}

// besiege prepares everything but does not start the portal. Data and keys are directories.
func besiege(t *testing.T, program, data, keys string) *siege {
	t.Helper()
	s := &siege{T: t, program: program, data: data, keys: keys, seen: &ledger{}, people: map[string]string{}}
	listen := freeAddress(t)
	s.base = "http://" + listen
	s.env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir(), "PORTAL_LISTEN=" + listen, "PORTAL_BASE_URL=" + s.base,
		"PORTAL_DATA_DIR=" + data, "PORTAL_AUDIT_KEY_FILE=" + filepath.Join(keys, "key"), "PORTAL_AUDIT_ANCHOR=" + filepath.Join(keys, "anchor"),
		"PORTAL_OIDC_ISSUER=" + identityProvider(t, s.base), "PORTAL_OIDC_CLIENT_ID=portal", "PORTAL_OIDC_CLIENT_SECRET=secret",
		"PORTAL_ROLE_MAP=reviewer=reviewer,auditor=auditor,inspector=inspector,admin=admin", "PORTAL_MAX_OPENS_PER_MINUTE=6000",
		"PORTAL_ASSURE_URL=http://" + freeAddress(t), "PORTAL_ASSURE_TOKEN_URL=http://" + freeAddress(t), "PORTAL_ASSURE_CLIENT_ID=sim",
		"PORTAL_ASSURE_CLIENT_SECRET=sim", "PORTAL_KEEP_IMAGES=yes"}
	var err error
	if s.log, err = os.Create(filepath.Join(t.TempDir(), "log")); err != nil {
		t.Fatal(err)
	}
	code, out := s.command("audit", "init", "--origin", "portal.test/trail", "--key-out", filepath.Join(keys, "key"))
	if code != 0 {
		t.Fatalf("audit init ended with %d: %s", code, out)
	}
	s.vkey = strings.Fields(out)[0]
	s.invent()
	s.newClient()
	t.Cleanup(s.end)
	return s
}

// identityProvider is the demo's, in this process, so that it lives on when the portal is killed.
func identityProvider(t *testing.T, portal string) string {
	t.Helper()
	var provider http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	var err error
	provider, err = demo.NewProvider(demo.ProviderOptions{Issuer: server.URL, ClientID: "portal", ClientSecret: "secret", RedirectURI: portal + callback,
		AfterLogout: portal, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return server.URL
}

// invent imports people whose names are canaries: nobody else is called so.
func (s *siege) invent() {
	s.Helper()
	sample, err := os.ReadFile("../../internal/assure/testdata/onfido-accepted.json")
	if err != nil {
		s.Fatal(err)
	}
	dir := s.TempDir()
	for i, name := range []string{"QUAZZELVOORT", "WYXENTHRALL", "ZORBLATTIN"} {
		id := fmt.Sprintf("canary-%d", i)
		s.people[name] = id
		body := strings.NewReplacer("HAUGLAND BREKKE", name, "HAUGLAND<BREKKE", name, "f07bbd48-bd5b-560e-ac30-52edfd267d9b", id).Replace(string(sample))
		if err := os.WriteFile(filepath.Join(dir, id+".json"), []byte(body), 0o600); err != nil {
			s.Fatal(err)
		}
	}
	if code, out := s.command("import", dir); code != 0 {
		s.Fatalf("import ended with %d: %s", code, out)
	}
}

func (s *siege) newClient() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	s.client = &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	s.Cleanup(s.client.CloseIdleConnections)
}

// command runs a portal command to its end.
func (s *siege) command(args ...string) (code int, out string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := s.portal(ctx, args...)
	b, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		s.Fatalf("portal %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}

func (s *siege) portal(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Args[0], cmd.Env = "portal", s.env
	return cmd
}

// begin starts the portal without waiting for it.
func (s *siege) begin() {
	s.Helper()
	s.running = s.portal(context.Background(), "serve")
	s.running.Stderr = s.log
	if err := s.running.Start(); err != nil {
		s.Fatal(err)
	}
}

// serve starts the portal and waits until pages can be shown.
func (s *siege) serve() (took time.Duration) {
	s.Helper()
	began := time.Now()
	s.begin()
	s.eventually("the portal is ready", patience, s.ready)
	return time.Since(began)
}

func (s *siege) ready() bool {
	_, ok := fetch(s.base + "/readyz")
	return ok
}

func (s *siege) eventually(what string, within time.Duration, met func() bool) {
	s.Helper()
	for deadline := time.Now().Add(within); !met(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("not within %v: %s", within, what)
		}
	}
}

func (s *siege) signal(sig syscall.Signal) {
	s.Helper()
	if err := s.running.Process.Signal(sig); err != nil {
		s.Fatal(err)
	}
}

// kill ends the portal without a warning.
func (s *siege) kill() {
	s.Helper()
	s.signal(syscall.SIGKILL)
	s.reap()
}

// stop ends the portal as a service manager does.
func (s *siege) stop() int {
	s.Helper()
	s.signal(syscall.SIGTERM)
	return s.reap()
}

func (s *siege) reap() int {
	_ = s.running.Wait() // the exit code says it
	code := s.running.ProcessState.ExitCode()
	s.running = nil
	s.client.CloseIdleConnections()
	return code
}

func (s *siege) end() {
	if s.running != nil {
		_ = s.running.Process.Kill()
		_ = s.running.Wait()
	}
	if s.Failed() {
		text, _ := os.ReadFile(s.log.Name())
		s.Logf("the portal's log ends with:\n%s", text[max(0, len(text)-4000):])
	}
	s.log.Close()
}

var signInForm = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes the way of a browser.
func (s *siege) signIn(user string) {
	s.Helper()
	res, err := s.client.Get(s.base + "/auth/login")
	if err != nil {
		s.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	id := signInForm.FindSubmatch(body)
	if err != nil || id == nil {
		s.Fatalf("the identity provider shows no form: %v", err)
	}
	provider := res.Request.URL.Scheme + "://" + res.Request.URL.Host
	req, err := http.NewRequest(http.MethodPost, provider+"/sign-in", strings.NewReader(url.Values{"id": {string(id[1])}, "username": {user}}.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", provider)
	if res, err = s.client.Do(req); err != nil {
		s.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.Fatalf("%s is not signed in: %s", user, res.Status)
	}
}

// question is a request to the portal. A POST sends the form.
type question struct {
	path string
	form url.Values
}

func opens(id string) question { return question{path: "/processes/" + id} }

// answer is what a client received of one response, whole or not.
type answer struct {
	status  int
	request string
	body    string
	took    time.Duration
}

// ask sends one request and notes whom the answer showed, also where it broke off in the middle. A redirection is
// followed by a request of its own, with an id of its own.
func (s *siege) ask(q question) (a answer, err error) {
	method, body := http.MethodGet, io.Reader(nil)
	if q.form != nil {
		method, body = http.MethodPost, strings.NewReader(q.form.Encode())
	}
	req, err := http.NewRequest(method, s.base+q.path, body)
	if err != nil {
		return a, err
	}
	if q.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", s.base)
	}
	began := time.Now()
	res, err := s.client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	a = answer{status: res.StatusCode, request: res.Header.Get("X-Request-Id"), body: string(text), took: time.Since(began)}
	s.seen.note(a, res.Request.URL.Path, s.shows(a.body))
	return a, err
}

// shows gives the processes of the people whose names stand in a text.
func (s *siege) shows(text string) (ids []string) {
	for name, id := range s.people {
		if strings.Contains(text, name) {
			ids = append(ids, id)
		}
	}
	return ids
}

// mustAsk is ask where the portal has to answer.
func (s *siege) mustAsk(q question) answer {
	s.Helper()
	a, err := s.ask(q)
	if err != nil {
		s.Fatalf("%s: %v", q.path, err)
	}
	return a
}

// refuses reports an error unless the portal shows nothing of anybody, and says so in time.
func (s *siege) refuses(q question) {
	s.Helper()
	a := s.mustAsk(q)
	if a.status != http.StatusServiceUnavailable || len(s.shows(a.body)) > 0 || a.took > 2500*time.Millisecond {
		s.Errorf("%s: status %d after %v, shows %q", q.path, a.status, a.took, s.shows(a.body))
	}
}

// sighting is an answer that showed somebody.
type sighting struct {
	request, path string
	people        []string // process ids
}

// ledger is what clients saw. Safe for concurrent use.
type ledger struct {
	mu    sync.Mutex
	all   []sighting
	kinds map[string]int // by path, ids left out
}

func (l *ledger) note(a answer, path string, people []string) {
	if len(people) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, sighting{a.request, path, people})
	if l.kinds == nil {
		l.kinds = map[string]int{}
	}
	l.kinds[kindOf(path)]++
}

func kindOf(path string) string {
	if parts := strings.Split(path, "/"); len(parts) > 2 {
		parts[2] = "*"
		return strings.Join(parts, "/")
	}
	return path
}

func (l *ledger) sightings() []sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var words []string
	for _, kind := range slices.Sorted(maps.Keys(l.kinds)) {
		words = append(words, fmt.Sprintf("%s %d", kind, l.kinds[kind]))
	}
	return fmt.Sprintf("%d answers that showed somebody (%s)", len(l.all), strings.Join(words, ", "))
}

// record is what the oracle needs of a record.
type record struct {
	process string
	shown   []string
	list    bool // shows whatever its request asked for

	recovered bool // the first one after a fault
}

func (r record) covers(id string) bool {
	return r.process == id || slices.Contains(r.shown, id) || r.list && r.shown == nil
}

// records reads a trail's records by the id of their request, from a number on.
func (s *siege) records(file string, from int64) map[string][]record {
	s.Helper()
	db, err := sqlitedb.OpenReadOnly(s.Context(), file)
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close()
	byRequest := map[string][]record{}
	const query = `SELECT e.leaf, coalesce(d.body, 'null') FROM entry e LEFT JOIN detail d ON d.seq = e.seq AND d.part = 'shown' WHERE e.seq >= ?`
	rows, err := db.Reader.QueryContext(s.Context(), query, from)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text, list []byte
		if err := rows.Scan(&text, &list); err != nil {
			s.Fatal(err)
		}
		var leaf struct {
			Action, Request string
			Process         struct{ ID string }
			Facts           struct{ Because string }
		}
		var shown struct{ Shown []string }
		if err := errors.Join(json.Unmarshal(text, &leaf), json.Unmarshal(list, &shown)); err != nil {
			s.Fatal(err)
		}
		lists := slices.Contains([]string{"process.export", "audit.view", "audit.export"}, leaf.Action)
		byRequest[leaf.Request] = append(byRequest[leaf.Request], record{leaf.Process.ID, shown.Shown, lists, leaf.Facts.Because == "recovered"})
	}
	if err := rows.Err(); err != nil {
		s.Fatal(err)
	}
	return byRequest
}

// unrecorded gives the sightings without a record that covers each person shown.
func (s *siege) unrecorded(file string, from int64, seen []sighting) (missing []sighting) {
	s.Helper()
	records := s.records(file, from)
	for _, one := range seen {
		for _, id := range one.people {
			if !slices.ContainsFunc(records[one.request], func(r record) bool { return r.covers(id) }) {
				missing = append(missing, one)
				break
			}
		}
	}
	return missing
}

func (s *siege) trail() string { return filepath.Join(s.data, "audit.db") }

// size counts the trail's records.
func (s *siege) size(file string) (n int64) {
	s.Helper()
	db, err := sqlitedb.OpenReadOnly(s.Context(), file)
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close()
	if err := db.Reader.QueryRowContext(s.Context(), `SELECT coalesce(max(seq) + 1, 0) FROM entry`).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

// verify runs the verifier on a trail, against an anchor.
func (s *siege) verify(file, anchor string) error {
	if code, out := s.command("audit", "verify", "--key", s.vkey, "--against", anchor, file); code != 0 {
		return fmt.Errorf("the verifier ended with %d: %s", code, out)
	}
	return nil
}

// allIsRecorded verifies the trail as it stands and looks for every answer so far.
func (s *siege) allIsRecorded() {
	s.Helper()
	if err := s.verify(s.trail(), filepath.Join(s.keys, "anchor")); err != nil {
		s.Error(err)
	}
	if missing := s.unrecorded(s.trail(), 0, s.seen.sightings()); len(missing) > 0 {
		s.Errorf("%d answers have no record, the first is %+v", len(missing), missing[0])
	}
}

// questions are the ways in which a reviewer who is also an auditor is shown people.
func (s *siege) questions() []question {
	name, id := "", ""
	for name, id = range s.people {
		break
	}
	return []question{opens(id), opens("canary-0"), opens("canary-1"), opens("canary-2"), {path: "/processes"}, {path: "/processes/search", form: url.Values{"q": {name}}},
		{path: "/processes/" + id + "/reveal", form: url.Values{"field": {"personalIdentificationNumber"}, "purpose": {"alert"}}},
		{path: "/processes/" + id + "/raw"}, {path: "/processes.csv?with=identity"}, {path: "/audit"}, {path: "/audit.csv?with=detail&action=process.search"}}
}

// mayOpenRaw gives the purpose without which raw bytes are not shown.
func (s *siege) mayOpenRaw() {
	s.Helper()
	for _, id := range s.people {
		if a := s.mustAsk(question{path: "/processes/" + id + "/reveal", form: url.Values{"field": {"raw"}, "purpose": {"alert"}}}); a.status != http.StatusOK {
			s.Fatalf("a purpose for raw: status %d", a.status)
		}
	}
}

// load asks with some clients at once until the function that it gives is called, which waits for them.
func (s *siege) load(clients int) (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				questions := s.questions()
				if _, err := s.ask(questions[rand.IntN(len(questions))]); err != nil {
					time.Sleep(time.Millisecond) // nobody listens at the moment
				}
			}
		})
	}
	return func() { close(done); all.Wait() }
}

// portalProgram is this test binary, which is the portal where it is called so.
func portalProgram(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// between is a random time.
func between(least, most time.Duration) time.Duration {
	return least + rand.N(most-least)
}
