package handlers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/demo"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/sqlitedb"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/sync"
)

// Processes of the published samples, and what they are here for.
const (
	paper     = "83713340-e337-5ba9-9212-71e4c2f5257a" // accepted, with images in the simulator
	onfido    = "f07bbd48-bd5b-560e-ac30-52edfd267d9b" // accepted, has two versions here
	unknownID = "00000000-0000-4000-8000-000000000000"
)

// house is a whole portal with everything around it: real trail, store, sign-in, simulator, HTTP. Its clock stands still between sign-ins.
type house struct {
	t         testing.TB
	clock     *clock
	dir       string
	trailFile string
	trail     *audit.Trail
	store     *store.Store
	db        *sqlitedb.DB
	auth      *auth.Service
	sim       *assuretest.Simulator
	sync      *sync.Runner
	handler   *handlers.Server
	portal    *httptest.Server
	log       *lockedBuffer
	sessions  map[string][]*http.Cookie // by user, without "@demo.test"
	names     map[string]string         // what stands in braces in paths and records
	signInAs  func(*auth.Options)       // alters the sign-in's options before it starts
	end       func()                    // closes what must be closed in order, once
}

// clock is the time of the whole house.
type clock struct {
	mu  gosync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// catchUp moves the clock to the present: the identity provider's tokens bear the system's time.
func (c *clock) catchUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.Now().UTC().Truncate(time.Millisecond)
}

// add lets time pass.
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// lockedBuffer takes the log of several goroutines.
type lockedBuffer struct {
	mu gosync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// purposes of the house; the first is every session's at its start.
var purposes = []string{"onboarding", "alert", "audit"}

// build opens a house without processes. change alters the portal's options before it starts. Houses share nothing, so
// their tests run beside each other.
func build(t testing.TB, change ...func(*handlers.Options)) *house {
	t.Helper()
	return buildWith(t, func(*auth.Options) {}, change...)
}

// buildWith is build with a change of the sign-in's options too.
func buildWith(t testing.TB, signIn func(*auth.Options), change ...func(*handlers.Options)) *house {
	t.Helper()
	if t, ok := t.(*testing.T); ok {
		t.Parallel()
	}
	h := &house{t: t, signInAs: signIn, clock: &clock{now: time.Now().UTC().Truncate(time.Millisecond)}, dir: t.TempDir(), log: &lockedBuffer{},
		sessions: map[string][]*http.Cookie{}, names: map[string]string{"paper": paper, "onfido": onfido, "unknown": unknownID}}
	h.openFiles()
	h.sim = assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: "sim", Now: h.clock.Now})
	upstream := httptest.NewServer(h.sim.Handler())
	client, err := assure.NewClient(assure.Options{BaseURL: upstream.URL + "/assure", TokenURL: upstream.URL + "/auth/open/connect/token",
		ClientID: "sim", ClientSecret: "sim", Now: h.clock.Now, Timeout: 2 * time.Second})
	h.must(err)
	h.portal = httptest.NewUnstartedServer(nil)
	h.portal.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(h.log, nil).WithGroup("server"), slog.LevelWarn)
	base := "http://" + h.portal.Listener.Addr().String()
	provider := h.signInWith(base)
	logger := slog.New(slog.NewTextHandler(h.log, nil))
	h.sync = sync.New(sync.Options{Client: client, Store: h.store, Trail: h.trail, Now: h.clock.Now, Log: logger, Every: time.Minute})
	o := handlers.Options{Store: h.store, Trail: h.trail, Auth: h.auth, Sync: h.sync, Assure: client, Now: h.clock.Now, Log: logger,
		BaseURL: base, Build: "test", EventsSecret: "made-up events secret", EventsHeader: "X-Signicat-Signature",
		Settings: [][2]string{{"PORTAL_BASE_URL", base}}}
	for _, c := range change {
		c(&o)
	}
	h.handler, err = handlers.New(o)
	h.must(err)
	h.portal.Config.Handler, h.portal.Config.ConnState = h.handler, h.handler.TrackConnection
	h.portal.Start()
	h.end = gosync.OnceFunc(func() {
		h.portal.Close()
		provider.Close()
		client.Close()
		upstream.Close()
		if err := errors.Join(h.store.Close(), h.db.Close()); err != nil {
			t.Error(err)
		}
		_ = h.trail.Close(t.Context()) // some tests take its file away
	})
	t.Cleanup(h.end)
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// openFiles makes a trail and a store in the house's directory.
func (h *house) openFiles() {
	h.t.Helper()
	ctx, keys := h.t.Context(), h.t.TempDir()
	h.trailFile = filepath.Join(h.dir, "audit.db")
	_, err := audit.Init(ctx, h.trailFile, "portal.example/test", filepath.Join(keys, "key"), h.clock.Now())
	h.must(err)
	h.trail, err = audit.Open(ctx, audit.Options{Path: h.trailFile, KeyFile: filepath.Join(keys, "key"), AnchorFile: filepath.Join(keys, "anchor"),
		Build: "test", Now: h.clock.Now})
	h.must(err)
	h.db, err = sqlitedb.Open(ctx, sqlitedb.Options{Path: filepath.Join(h.dir, "portal.db"), Create: true, Migrations: sqlitedb.Migrations("portal")})
	h.must(err)
	h.store, err = store.Open(ctx, h.db, h.dir, h.clock.Now)
	h.must(err)
}

// signInWith starts the demo's identity provider and the portal's sign-in against it.
func (h *house) signInWith(base string) *httptest.Server {
	h.t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	provider, err := demo.NewProvider(demo.ProviderOptions{Issuer: issuer, ClientID: "portal", ClientSecret: "made-up secret",
		RedirectURI: base + "/auth/callback", AfterLogout: base, Now: h.clock.Now})
	h.must(err)
	server.Config.Handler = provider
	server.Start()
	o := auth.Options{DB: h.db, Trail: h.trail, Issuer: issuer, ClientID: "portal", ClientSecret: "made-up secret", BaseURL: base,
		RoleClaim: "groups", RoleMap: map[string]auth.Role{"reviewer": auth.Reviewer, "auditor": auth.Auditor, "inspector": auth.Inspector, "admin": auth.Admin},
		Idle: 15 * time.Minute, Max: 8 * time.Hour, Purposes: purposes, Now: h.clock.Now}
	h.signInAs(&o)
	h.auth, err = auth.New(o)
	h.must(err)
	return server
}

// keep puts a body into store and simulator, as if it had come in by listing. Without a dossier it came in by hand.
func (h *house) keep(body []byte, dossier string) {
	h.t.Helper()
	var p struct{ ProcessID string }
	h.must(json.Unmarshal(body, &p))
	e := store.Envelope{ProcessID: p.ProcessID, DossierID: dossier, ExternalReference: "customer-" + p.ProcessID[:4], WayIn: store.ByListing, LastSeenUpstream: h.clock.Now()}
	if dossier == "" {
		e.WayIn, e.ImportedBy, e.LastSeenUpstream = store.ByImport, "operator", time.Time{}
	}
	_, err := h.store.Save(h.t.Context(), e, body, h.clock.Now())
	h.must(err)
	if dossier != "" && !strings.Contains(h.simulated(), p.ProcessID) {
		h.must(h.sim.Add(assuretest.Entry{DossierID: dossier, Body: body, Images: pictures()}))
		h.names["simulated"] += p.ProcessID + " "
	}
}

// pictures are drawn once: drawing them for each process of each test takes longer than all that the tests do with them.
var pictures = gosync.OnceValue(func() map[string]assuretest.Media {
	images := map[string]assuretest.Media{}
	for _, d := range []assure.Depiction{assure.Front, assure.Back, assure.Selfie} {
		images[string(d)] = assuretest.Media{ContentType: "image/png", Body: assuretest.PlaceholderImage(string(d), 1)}
	}
	return images
})

func (h *house) simulated() string { return h.names["simulated"] }

// samples are the published Get process answers, by file name.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../assure/testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no sample answers", err)
	}
	bodies := map[string][]byte{}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(f); !strings.HasPrefix(name, "api-") {
			bodies[strings.TrimSuffix(name, ".json")] = body
		}
	}
	return bodies
}

// furnish keeps all samples, and a second version of one.
func (h *house) furnish() *house {
	h.t.Helper()
	all := samples(h.t)
	for i, name := range slices.Sorted(maps.Keys(all)) {
		dossier := fmt.Sprintf("dossier-%02d", i)
		if name == "facetec-rejected" {
			dossier = "" // imported by hand
		}
		h.keep(all[name], dossier)
		var p struct{ ProcessID string }
		h.must(json.Unmarshal(all[name], &p))
		h.names[name] = p.ProcessID
	}
	head, err := h.store.Head(h.t.Context(), onfido, 0)
	h.must(err)
	h.keep(bytes.Replace(all["onfido-accepted"], []byte("{"), []byte("{\n"), 1), head.DossierID)
	return h
}

// as signs somebody in once and gives the cookies.
func (h *house) as(user string) []*http.Cookie {
	h.t.Helper()
	if user == "" || h.sessions[user] != nil {
		return h.sessions[user]
	}
	cookies, status, body := h.signIn(user)
	if status != http.StatusOK {
		h.t.Fatalf("sign-in of %s answered %d: %s", user, status, body)
	}
	h.sessions[user] = cookies
	return cookies
}

// signIn goes the whole way that a browser goes, and gives the cookies that the portal set at its end.
func (h *house) signIn(user string) (cookies []*http.Cookie, status int, body string) {
	h.t.Helper()
	return h.signInFrom("/auth/login", user)
}

func (h *house) signInFrom(path, user string) (cookies []*http.Cookie, status int, body string) {
	h.t.Helper()
	browser := h.browser()
	status, body = h.signInWithBrowser(browser, path, user)
	return h.cookies(browser), status, body
}

// browser keeps cookies and follows redirects.
func (h *house) browser() *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &http.Client{Jar: jar}
}

// cookies are those of the portal in a browser; ports share a host's cookies.
func (h *house) cookies(browser *http.Client) []*http.Cookie {
	h.t.Helper()
	home, err := url.Parse(h.portal.URL)
	h.must(err)
	return slices.DeleteFunc(browser.Jar.Cookies(home), func(c *http.Cookie) bool { return !strings.HasPrefix(c.Name, "portal_") })
}

// signInWithBrowser opens an address of the portal and fills in the form of the identity provider to which it leads.
func (h *house) signInWithBrowser(browser *http.Client, path, user string) (status int, body string) {
	h.t.Helper()
	h.clock.catchUp()
	page, err := browser.Get(h.portal.URL + path)
	h.must(err)
	form, err := html.Parse(page.Body)
	page.Body.Close()
	h.must(err)
	values := url.Values{"username": {user + "@demo.test"}}
	for _, n := range cascadia.QueryAll(form, cascadia.MustCompile("form input[type=hidden]")) {
		values.Set(attribute(n, "name"), attribute(n, "value"))
	}
	action := ""
	if n := cascadia.Query(form, cascadia.MustCompile("form")); n != nil {
		action = attribute(n, "action")
	}
	to, err := page.Request.URL.Parse(action)
	h.must(err)
	answer, err := browser.PostForm(to.String(), values)
	h.must(err)
	return read(h.t, answer)
}

// read gives the answer's status and body.
func read(t testing.TB, answer *http.Response) (status int, body string) {
	t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// ask is one request.
type ask struct {
	as, method, path string // who, in words of the demo; method empty: GET
	form             url.Values
	body             string // instead of a form
	header           map[string]string
}

// answer is what came of it.
type answer struct {
	status  int
	header  http.Header
	body    string
	err     error    // the connection broke off
	records []string // left by the request, in order
}

// send makes a request as the portal's own pages do and collects the records that it left.
func (h *house) send(a ask) answer {
	h.t.Helper()
	cookies := h.as(a.as)
	before := h.trail.State().Size
	got := h.exchange(a, cookies)
	got.records = h.recordsFrom(before)
	return got
}

func (h *house) exchange(a ask, cookies []*http.Cookie) answer {
	h.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(h.request(a, cookies))
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: string(body), err: err}
}

func (h *house) request(a ask, cookies []*http.Cookie) *http.Request {
	h.t.Helper()
	method, body := a.method, a.body
	if method == "" {
		method = http.MethodGet
	}
	if a.form != nil {
		filled := url.Values{}
		for name, values := range a.form {
			for _, v := range values {
				filled.Add(name, h.fill(v))
			}
		}
		body = filled.Encode()
	}
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.portal.URL+h.fill(a.path), strings.NewReader(body))
	h.must(err)
	if method != http.MethodGet {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range a.header {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// fill puts names in braces into a path.
func (h *house) fill(path string) string {
	for name, value := range h.names {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}

// recordsFrom reads the records from a sequence number on. Reading leaves a record of its own, which is not among them.
func (h *house) recordsFrom(seq int64) []string {
	h.t.Helper()
	lines := []string{}
	for _, r := range h.read(seq) {
		lines = append(lines, h.line(r))
	}
	return lines
}

func (h *house) read(seq int64) []audit.Record {
	h.t.Helper()
	end := h.trail.State().Size
	if end <= seq {
		return nil
	}
	var seqs []int64
	for s := seq; s < end; s++ {
		seqs = append(seqs, s)
	}
	receipt, err := h.trail.Append(h.t.Context(), audit.Event{Action: audit.AuditView, Outcome: audit.OK, Actor: audit.System})
	h.must(err)
	records, err := h.trail.Records(h.t.Context(), receipt, seqs)
	h.must(err)
	if len(records) != len(seqs) {
		h.t.Fatalf("%d of %d records", len(records), len(seqs))
	}
	return records
}

// line is a record in one line: action, outcome, role, process with @version when the hash is that snapshot's, rows,
// and then only what is not the usual: purpose, case, term, reason, facts in order.
func (h *house) line(r audit.Record) string {
	words := []string{string(r.Action), string(r.Outcome)}
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+"="+value)
		}
	}
	add("role", r.Role)
	add("process", h.processOf(r))
	if r.Rows > 0 {
		add("rows", strconv.FormatInt(r.Rows, 10))
	}
	if len(r.Shown) > 0 {
		add("shown", strconv.Itoa(len(r.Shown)))
	}
	if r.Purpose != purposes[0] {
		add("purpose", r.Purpose+strings.Repeat("none", 1-min(len(r.Purpose), 1)))
	}
	add("case", r.Case)
	add("term", r.Term)
	add("because", r.Because)
	for _, name := range slices.Sorted(maps.Keys(r.Facts)) {
		add(name, r.Facts[name])
	}
	return strings.Join(words, " ")
}

func (h *house) processOf(r audit.Record) string {
	if r.ProcessID == "" {
		return ""
	}
	name := r.ProcessID
	for alias, id := range h.names {
		if id == name && !strings.Contains(alias, "-") {
			name = alias
		}
	}
	if head, err := h.store.Head(h.t.Context(), r.ProcessID, r.Version); err == nil && r.Version > 0 && head.SHA256 == r.SnapshotSHA256 && len(head.SHA256) == 64 {
		return name + "@" + strconv.Itoa(r.Version)
	}
	return name
}

// document parses a page.
func document(t testing.TB, body string) *html.Node {
	t.Helper()
	// A row alone is only parsed as one inside a table.
	if strings.HasPrefix(strings.TrimSpace(body), "<tr") {
		body = "<table>" + body + "</table>"
	}
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func find(t testing.TB, doc *html.Node, selector string) []*html.Node {
	t.Helper()
	s, err := cascadia.ParseGroup(selector)
	if err != nil {
		t.Fatalf("selector %q: %v", selector, err)
	}
	return cascadia.QueryAll(doc, s)
}

// text is the text inside nodes, white space collapsed.
func text(nodes ...*html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func containsAll(s string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

func mustURL(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
