package assure_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
)

const (
	dossierID = "f694a621-2a52-5f4c-aac6-c511af3184a6"
	processID = "f07bbd48-bd5b-560e-ac30-52edfd267d9b"
	secret    = "s3cret/with+odd=signs"
	maxBody   = 1 << 20
	maxMedia  = 2 << 20
	body      = `{"processId":"` + processID + `","provider":"readid","processType":"sdk","status":"accepted","depictions":["portrait"],
 "finalResult": {"firstName":"ELIN MARTHE"}, "createdAt":"2026-03-02T09:14:05Z","updatedAt":"2026-03-02T09:16:41Z"}`
	userData = `{"dossierId":"` + dossierID + `","userData":{"firstName":"Elin"},"createdAt":"2026-03-02T09:14:00Z","updatedAt":"2026-03-02T09:14:00Z"}`
)

// clock is a time that stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a client and the simulator that it talks to over a real connection.
type world struct {
	clock  *clock
	sim    *assuretest.Simulator
	client *assure.Client
	ctx    context.Context
}

func newWorld(t *testing.T, change ...func(*assure.Options)) world {
	t.Helper()
	w := world{clock: &clock{at: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}, ctx: t.Context()}
	w.sim = assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: secret, Now: w.clock.now})
	err := w.sim.Add(assuretest.Entry{DossierID: dossierID, ExternalReference: "customer-000417", ExternalID: "ext-1", Body: []byte(body), UserData: []byte(userData),
		Images: map[string]assuretest.Media{"portrait": {Body: assuretest.PlaceholderImage("portrait", 1)}, "selfie": {Body: []byte("\xff\xd8\xff\xe0 a photo")}, "front": {Body: []byte("<html>")}},
		Video:  &assuretest.Media{ContentType: "video/mp4", Body: []byte("a video")}, Raw: []byte(`{"sessionId": "ext-1"}`), Zip: []byte("PK an archive")})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.sim.Handler())
	t.Cleanup(server.Close)
	o := assure.Options{BaseURL: server.URL + "/assure/", TokenURL: server.URL + "/auth/open/connect/token", ClientID: "sim", ClientSecret: secret,
		Now: w.clock.now, MaxBody: maxBody}
	for _, f := range change {
		f(&o)
	}
	w.client = newClient(t, o)
	return w
}

func newClient(t *testing.T, o assure.Options) *assure.Client {
	t.Helper()
	c, err := assure.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Hasten(maxMedia)
	return c
}

func (w world) get() error {
	_, err := w.client.GetProcess(w.ctx, dossierID, processID)
	return err
}

func TestEveryReadGivesWhatTheAPIHas(t *testing.T) {
	w := newWorld(t)
	check := func(name string, got, want any, err error) {
		t.Helper()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
	}
	list, err := w.client.ListProcesses(w.ctx, assure.ListFilter{Start: w.clock.at.Add(-time.Hour), End: w.clock.at, Statuses: []assure.Status{assure.Accepted}, Limit: 10, Ascending: true})
	check("list", []any{len(list.Processes), list.TotalResults}, []any{1, 1}, err)
	row := list.Processes[0]
	check("row", []any{row.ProcessID, row.Provider, row.ProcessType, row.Status, row.ExternalID, row.Dossier.DossierID, row.Dossier.ExternalReference, row.UpdatedAt},
		[]any{processID, "readid", "sdk", "accepted", "ext-1", dossierID, "customer-000417", time.Date(2026, 3, 2, 9, 16, 41, 0, time.UTC)}, nil)

	dossiers, err := w.client.ListDossiers(w.ctx)
	check("dossiers", []any{len(dossiers), dossiers[0].DossierID}, []any{1, dossierID}, err)
	dossier, err := w.client.GetDossier(w.ctx, dossierID)
	check("dossier", []any{dossier.ExternalReference, dossier.Processes[0].ProcessID, dossier.Processes[0].Dossier.DossierID}, []any{"customer-000417", processID, dossierID}, err)

	answer, err := w.client.GetProcess(w.ctx, dossierID, processID)
	check("process", string(answer.Body), body, err)
	check("time of receipt", answer.ReceivedAt, w.clock.at, nil)
	answer, err = w.client.UserData(w.ctx, dossierID)
	check("user data", string(answer.Body), userData, err)
	answer, err = w.client.Raw(w.ctx, dossierID, processID)
	check("raw", string(answer.Body), `{"sessionId": "ext-1"}`, err)
	id, err := w.client.ExternalID(w.ctx, dossierID, processID)
	check("external id", id, "ext-1", err)

	m, err := w.client.Image(w.ctx, dossierID, processID, assure.Portrait)
	check("image", []any{m.ContentType, bytes.Equal(m.Body, assuretest.PlaceholderImage("portrait", 1))}, []any{"image/png", true}, err)
	m, err = w.client.Image(w.ctx, dossierID, processID, assure.Selfie)
	check("photo", m.ContentType, "image/jpeg", err)
	m, err = w.client.Image(w.ctx, dossierID, processID, assure.Front)
	check("an image that is none", m.ContentType, "application/octet-stream", err)
	m, err = w.client.Video(w.ctx, dossierID, processID)
	check("video", []any{m.ContentType, string(m.Body)}, []any{"video/mp4", "a video"}, err)
	m, err = w.client.Download(w.ctx, dossierID, processID, false)
	check("archive", []any{m.ContentType, string(m.Body)}, []any{"application/zip", "PK an archive"}, err)
	check("tokens", w.sim.Requests(assuretest.Token), 1, nil)
}

func TestWhatIsNotThereIsSaid(t *testing.T) {
	w := newWorld(t)
	pending := strings.NewReplacer(processID, "p2", `"accepted"`, `"pending"`).Replace(body)
	if err := w.sim.Add(assuretest.Entry{DossierID: "d2", Body: []byte(pending)}); err != nil {
		t.Fatal(err)
	}
	notReady := func(err error) bool { return errors.Is(err, assure.ErrNotReady) && assure.IsRetryable(err) }
	for _, tt := range []struct {
		name string
		call func() error
		want func(error) bool
	}{
		{"an unknown process", func() error { _, err := w.client.GetProcess(w.ctx, dossierID, "p9"); return err }, assure.IsNotFound},
		{"a process of another dossier", func() error { _, err := w.client.GetProcess(w.ctx, dossierID, "p2"); return err }, assure.IsNotFound},
		{"an id that cannot be one", func() error { _, err := w.client.GetProcess(w.ctx, dossierID, "../../x"); return err }, assure.IsNotFound},
		{"a dossier id that cannot be one", func() error { _, err := w.client.Image(w.ctx, "", processID, assure.Front); return err }, assure.IsNotFound},
		{"no user data", func() error { _, err := w.client.UserData(w.ctx, "d2"); return err }, assure.IsNotFound},
		{"raw before the end", func() error { _, err := w.client.Raw(w.ctx, "d2", "p2"); return err }, notReady},
		{"an archive before the end", func() error { _, err := w.client.Download(w.ctx, "d2", "p2", false); return err }, notReady},
		{"timestamps of another provider", func() error { _, err := w.client.Download(w.ctx, dossierID, processID, true); return err }, hasStatus(400)},
		{"a depiction that the provider never has", func() error { _, err := w.client.Image(w.ctx, "d2", "p2", assure.Back); return err }, hasStatus(400)},
	} {
		if err := tt.call(); err == nil || !tt.want(err) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	before := w.sim.Requests(assuretest.Any)
	for _, f := range []assure.ListFilter{{}, {Start: w.clock.at, Limit: 2001}, {Start: w.clock.at, Offset: 200_001}, {Start: w.clock.at, Offset: -1}} {
		if _, err := w.client.ListProcesses(w.ctx, f); err == nil {
			t.Errorf("%+v is taken", f)
		}
	}
	if _, err := w.client.Image(w.ctx, dossierID, processID, "hand"); err == nil || w.sim.Requests(assuretest.Any) != before {
		t.Errorf("what cannot be asked for was asked for: %v", err)
	}
}

func hasStatus(status int) func(error) bool {
	return func(err error) bool {
		api, ok := errors.AsType[*assure.APIError](err)
		return ok && api.Status == status && !assure.IsRetryable(err) && !assure.IsNotFound(err)
	}
}

// Every fault once and for good. Bytes that cannot be trusted are never given, not even a part.
func TestFaults(t *testing.T) {
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	status := func(err error) bool { _, ok := errors.AsType[*assure.APIError](err); return ok }
	noAnswer := func(err error) bool { return assure.IsRetryable(err) && strings.Contains(err.Error(), "no answer") }
	for _, tt := range []struct {
		name     string
		fault    assuretest.Fault
		onceOK   bool // the same fault once is healed by a repeat
		requests int  // if it stays
		want     func(error) bool
	}{
		{"500", assuretest.Fault{Status: 500}, true, 3, status},
		{"503 with no time named", assuretest.Fault{Status: 503}, true, 3, status},
		{"503 with a date that is past", assuretest.Fault{Status: 503, RetryAfter: "Mon, 02 Mar 2026 09:00:00 GMT"}, true, 3, status},
		{"429 with a long wait", assuretest.Fault{Status: 429, RetryAfter: "120"}, false, 1, status},
		{"503 with a date far off", assuretest.Fault{Status: 503, RetryAfter: "Mon, 02 Mar 2026 10:30:00 GMT"}, false, 1, status},
		{"400", assuretest.Fault{Status: 400}, false, 1, hasStatus(400)},
		{"403", assuretest.Fault{Status: 403}, false, 1, assure.IsForbidden},
		{"404", assuretest.Fault{Status: 404}, false, 1, assure.IsNotFound},
		{"a redirect", assuretest.Fault{Status: 302}, false, 1, hasStatus(302)},
		{"no content where there must be some", assuretest.Fault{Status: 204}, false, 1, hasStatus(204)},
		{"a reset connection", assuretest.Fault{Sort: assuretest.Reset}, true, 3, noAnswer},
		{"a body that breaks off", assuretest.Fault{Sort: assuretest.Truncated}, true, 3, is(assure.ErrTruncated)},
		{"another's answer", assuretest.Fault{Sort: assuretest.OtherID}, false, 1, is(assure.ErrOther)},
		{"one byte too many", assuretest.Fault{Sort: assuretest.Oversized, Size: maxBody + 1}, false, 1, is(assure.ErrTooLarge)},
		{"a page of HTML", assuretest.Fault{Sort: assuretest.ContentType}, false, 1, is(assure.ErrContentType)},
		{"no JSON", assuretest.Fault{Sort: assuretest.NotJSON}, false, 1, is(assure.ErrUnreadable)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.fault.Class = assuretest.Process
			w.sim.Fail(tt.fault)
			if err := w.get(); (err == nil) != tt.onceOK {
				t.Errorf("once: %v", err)
			}
			before := w.sim.Requests(assuretest.Process)
			tt.fault.Times = -1
			w.sim.Fail(tt.fault)
			answer, err := w.client.GetProcess(w.ctx, dossierID, processID)
			if err == nil || !tt.want(err) || answer.Body != nil {
				t.Errorf("for good: %v, %d bytes", err, len(answer.Body))
			}
			// net/http itself repeats a GET whose kept connection was reset, so a reset may cost one more.
			spare := map[bool]int{true: 1}[tt.fault.Sort == assuretest.Reset]
			if got := w.sim.Requests(assuretest.Process) - before; got < tt.requests || got > tt.requests+spare {
				t.Errorf("%d requests", got)
			}
		})
	}
}

func TestAnswersAboutAnotherDossierAreRefused(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Sort: assuretest.OtherID, Times: 2})
	if _, err := w.client.GetDossier(w.ctx, dossierID); !errors.Is(err, assure.ErrOther) {
		t.Errorf("dossier: %v", err)
	}
	if _, err := w.client.UserData(w.ctx, dossierID); !errors.Is(err, assure.ErrOther) {
		t.Errorf("user data: %v", err)
	}
}

func TestBoundsAreToTheByte(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Oversized, Size: maxBody})
	if err := w.get(); err != nil {
		t.Errorf("a JSON answer at its bound: %v", err)
	}
	for size, want := range map[int64]error{maxMedia: nil, maxMedia + 1: assure.ErrTooLarge} {
		w.sim.Fail(assuretest.Fault{Class: assuretest.Video, Sort: assuretest.Oversized, Size: size})
		if m, err := w.client.Video(w.ctx, dossierID, processID); !errors.Is(err, want) || want == nil && int64(len(m.Body)) != size {
			t.Errorf("a video of %d bytes: %v", size, err)
		}
	}
	w.sim.Fail(assuretest.Fault{Class: assuretest.Images, Sort: assuretest.Truncated, Times: 3})
	if m, err := w.client.Image(w.ctx, dossierID, processID, assure.Portrait); !errors.Is(err, assure.ErrTruncated) || m.Body != nil {
		t.Errorf("half an image: %v", err)
	}
}

// An answer about one process has 2 MiB, a page of a listing, which may have 2,000 rows, more.
func TestU07WithoutOtherWordAnAnswerHasTwoMebibytesAndAListEight(t *testing.T) {
	w := newWorld(t, func(o *assure.Options) { o.MaxBody = 0 })
	for _, tt := range []struct {
		class assuretest.Class
		size  int64
		want  error
	}{
		{assuretest.Process, 2 << 20, nil}, {assuretest.Process, 2<<20 + 1, assure.ErrTooLarge},
		{assuretest.UserData, 2<<20 + 1, assure.ErrTooLarge}, {assuretest.Dossiers, 2<<20 + 1, assure.ErrTooLarge},
		{assuretest.List, 8 << 20, nil}, {assuretest.List, 8<<20 + 1, assure.ErrTooLarge},
	} {
		w.sim.Fail(assuretest.Fault{Class: tt.class, Sort: assuretest.Oversized, Size: tt.size})
		err := map[assuretest.Class]func() error{
			assuretest.Process:  w.get,
			assuretest.UserData: func() error { _, err := w.client.UserData(w.ctx, dossierID); return err },
			assuretest.Dossiers: func() error { _, err := w.client.ListDossiers(w.ctx); return err },
			assuretest.List: func() error {
				_, err := w.client.ListProcesses(w.ctx, assure.ListFilter{Start: w.clock.now().Add(-time.Hour)})
				return err
			},
		}[tt.class]()
		if !errors.Is(err, tt.want) {
			t.Errorf("%s of %d bytes: %v, want %v", tt.class, tt.size, err, tt.want)
		}
	}
}

func TestUserDataThatSayNothingAreRefused(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]error{`{}`: assure.ErrUnreadable, `{"more":1}`: assure.ErrUnreadable, `{"userData":{}}`: nil, `{"dossierId":"` + dossierID + `"}`: nil} {
		w.sim.Fail(assuretest.Fault{Class: assuretest.UserData, Sort: assuretest.Answer, Body: body})
		if _, err := w.client.UserData(w.ctx, dossierID); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
}

func TestRetryAfterIsToldAndObeyed(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 429, RetryAfter: "Mon, 02 Mar 2026 10:02:00 GMT"})
	api, ok := errors.AsType[*assure.APIError](w.get())
	if !ok || api.RetryAfter != 2*time.Minute || api.Status != 429 || api.Title != "Injected fault" || api.TraceID == "" || api.Method != "GET" {
		t.Errorf("%+v", api)
	}
	w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 503, RetryAfter: "1"})
	start := time.Now()
	if err := w.get(); err != nil || time.Since(start) < time.Second {
		t.Errorf("came after %v, %v", time.Since(start), err)
	}
}

func TestHangingUpstreams(t *testing.T) {
	for _, sort := range []assuretest.Sort{assuretest.Hang, assuretest.HangInBody} {
		short := newWorld(t, func(o *assure.Options) { o.Timeout = 100 * time.Millisecond })
		short.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: sort, Times: -1})
		if err := short.get(); !assure.IsRetryable(err) || !strings.Contains(err.Error(), "time-out") || short.sim.Requests(assuretest.Process) != 1 {
			t.Errorf("sort %d, our time-out: %v", sort, err)
		}
		w := newWorld(t)
		w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: sort, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := w.client.GetProcess(ctx, dossierID, processID)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || assure.IsRetryable(err) {
			t.Errorf("sort %d, the caller's time-out: %v", sort, err)
		}
	}
}

func TestCloseEndsCalls(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.Hang})
	result := make(chan error)
	go func() { result <- w.get() }()
	for w.sim.Requests(assuretest.Process) == 0 {
		time.Sleep(time.Millisecond) // until the request is there
	}
	w.client.Close()
	if err := <-result; !errors.Is(err, assure.ErrClosed) {
		t.Errorf("under way: %v", err)
	}
	if err := w.get(); !errors.Is(err, assure.ErrClosed) {
		t.Errorf("later: %v", err)
	}
	w.client.Close()
}

// An error's text may reach logs: neither the upstream's words, nor ids, addresses or secrets may stand in it.
func TestErrorsSayNothingOfTheUpstream(t *testing.T) {
	for _, f := range []assuretest.Fault{{Status: 500}, {Status: 400}, {Sort: assuretest.Reset}, {Sort: assuretest.NotJSON},
		{Sort: assuretest.Truncated}, {Sort: assuretest.OtherID}, {Sort: assuretest.Hang}, {Class: assuretest.Token, Status: 500},
		{Class: assuretest.Token, Status: 401}, {Class: assuretest.Token, Sort: assuretest.Reset}} {
		w := newWorld(t, func(o *assure.Options) { o.Timeout = 200 * time.Millisecond })
		f.Times = -1
		w.sim.Fail(f)
		err := w.get()
		if err == nil {
			t.Errorf("%+v: no error", f)
			continue
		}
		for _, word := range []string{"Injected", "Nothing of", processID, dossierID, "127.0.0.1", "http", secret, "processId", "invalid character"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%+v: %q holds %q", f, err, word)
			}
		}
	}
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 400})
	if text := w.get().Error(); !strings.Contains(text, "400") || !strings.Contains(text, "trace id ") {
		t.Errorf("status and trace id are missing: %s", text)
	}
}

func TestManyCallsMakeOneRefresh(t *testing.T) {
	w := newWorld(t)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if err := w.get(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := w.sim.Requests(assuretest.Token); n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	w := newWorld(t)
	must(t, w.get())
	w.sim.RevokeTokens()
	must(t, w.get())
	if tokens, calls := w.sim.Requests(assuretest.Token), w.sim.Requests(assuretest.Process); tokens != 2 || calls != 3 {
		t.Errorf("%d tokens, %d calls", tokens, calls)
	}
}

func TestAnUpstreamThatRefusesEveryTokenIsNotAskedForEver(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 401, Times: -1})
	for range 10 {
		if err := w.get(); !assure.IsUnauthorized(err) || assure.IsRetryable(err) {
			t.Error(err)
		}
	}
	if tokens, calls := w.sim.Requests(assuretest.Token), w.sim.Requests(assuretest.Process); tokens != 2 || calls != 11 {
		t.Errorf("%d tokens, %d calls", tokens, calls)
	}
	w.clock.move(2 * time.Second)
	w.sim.Heal()
	must(t, w.get())
}

func TestATokenIsRenewedBeforeItsEnd(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {539 * time.Second, 1}, {2 * time.Second, 2}, {0, 2}, {538 * time.Second, 2}, {3 * time.Second, 3}, {11 * time.Minute, 4}} {
		w.clock.move(step.after)
		must(t, w.get())
		w.client.WaitForToken()
		if n := w.sim.Requests(assuretest.Token); n != step.want {
			t.Errorf("after %v: %d tokens, want %d", step.after, n, step.want)
		}
	}
}

func TestARenewalThatFailsDisturbsNobody(t *testing.T) {
	w := newWorld(t)
	must(t, w.get())
	w.sim.Fail(assuretest.Fault{Class: assuretest.Token, Status: 503, Times: -1})
	w.clock.move(9*time.Minute + 30*time.Second)
	for range 5 {
		must(t, w.get())
		w.client.WaitForToken()
	}
	if n := w.sim.Requests(assuretest.Token); n != 2 {
		t.Errorf("%d tokens", n)
	}
	w.clock.move(time.Minute)
	if err := w.get(); !assure.IsRetryable(err) || assure.IsUnauthorized(err) {
		t.Errorf("after its end: %v", err)
	}
}

func TestAFailureOfTheTokenEndpointHoldsForAMoment(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault assuretest.Fault
		want  func(error) bool
	}{
		{"down", assuretest.Fault{Status: 503}, assure.IsRetryable},
		{"refusing", assuretest.Fault{Status: 401}, assure.IsUnauthorized},
		{"not found, which says nothing of the process", assuretest.Fault{Status: 404}, func(err error) bool { return !assure.IsNotFound(err) }},
		{"closed", assuretest.Fault{Sort: assuretest.Reset}, assure.IsRetryable},
		{"not JSON", assuretest.Fault{Sort: assuretest.NotJSON}, func(err error) bool { return errors.Is(err, assure.ErrUnreadable) }},
	} {
		w := newWorld(t)
		tt.fault.Class, tt.fault.Times = assuretest.Token, -1
		w.sim.Fail(tt.fault)
		for range 10 {
			if err := w.get(); err == nil || !tt.want(err) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		if n := w.sim.Requests(assuretest.Token); n != 1 {
			t.Errorf("%s: %d requests", tt.name, n)
		}
		w.sim.Heal()
		w.clock.move(2 * time.Second)
		must(t, w.get())
	}
}

// A caller that gives up leaves the refresh to the others.
func TestAHangingTokenEndpointHoldsNoCallerBack(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Token, Sort: assuretest.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := w.client.GetProcess(ctx, dossierID, processID); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	w.client.Close() // ends the refresh, which would last five seconds
}

func TestWrongCredentialsAreRefused(t *testing.T) {
	w := newWorld(t, func(o *assure.Options) { o.ClientSecret = "another" })
	if err := w.get(); !assure.IsUnauthorized(err) || w.sim.Requests(assuretest.Any) != 0 {
		t.Error(err)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var reached bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	c := newClient(t, assure.Options{BaseURL: server.URL, TokenURL: server.URL, ClientID: "sim", ClientSecret: "sim"})
	if _, err := c.ListDossiers(t.Context()); err == nil || reached {
		t.Errorf("%v, the other host was reached: %v", err, reached)
	}
}

// Bytes without a length, in a connection that just ends, could be cut anywhere.
func TestABodyWhoseEndNothingMarksIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			fmt.Fprint(w, `{"access_token":"a","expires_in":600}`)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprint(conn, "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\nhalf a video?")
		_ = conn.Close()
	}))
	defer server.Close()
	c := newClient(t, assure.Options{BaseURL: server.URL, TokenURL: server.URL, ClientID: "sim", ClientSecret: "sim"})
	if m, err := c.Video(t.Context(), dossierID, processID); !errors.Is(err, assure.ErrTruncated) {
		t.Errorf("%d bytes, %v", len(m.Body), err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := assure.Options{BaseURL: "https://api.signicat.com/assure", TokenURL: "http://localhost:9090/token", ClientID: "a", ClientSecret: "b"}
	newClient(t, good)
	for name, change := range map[string]func(*assure.Options){
		"http elsewhere":       func(o *assure.Options) { o.BaseURL = "http://api.signicat.com/assure" },
		"no host":              func(o *assure.Options) { o.TokenURL = "/token" },
		"a password in a URL":  func(o *assure.Options) { o.BaseURL = "https://a:b@api.signicat.com" },
		"a query in a URL":     func(o *assure.Options) { o.BaseURL += "?a=b" },
		"another scheme":       func(o *assure.Options) { o.TokenURL = "ftp://127.0.0.1/" },
		"no client id":         func(o *assure.Options) { o.ClientID = "" },
		"no client secret":     func(o *assure.Options) { o.ClientSecret = "" },
		"something like a URL": func(o *assure.Options) { o.BaseURL = "https://%zz" },
	} {
		o := good
		change(&o)
		if c, err := assure.NewClient(o); err == nil {
			c.Close()
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), "a:b@") {
			t.Errorf("%s: the error tells the password", name)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
