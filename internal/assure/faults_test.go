package assure_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
)

// waits notes for how long a client would have waited, and lets no time go by.
type waits struct {
	mu  sync.Mutex
	all []time.Duration
}

func (w *waits) wait(_ context.Context, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, d)
}

func TestU01AnUpstreamThatCannotBeReachedFailsWithinThreeSecondsAndIsNotStormed(t *testing.T) {
	var dials atomic.Int32
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dials.Add(1)
		}
	}
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // every refused handshake
	untrusted.StartTLS()
	defer untrusted.Close()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, nobody.Close())
	for name, host := range map[string]string{"connection refused": "http://" + nobody.Addr().String(), "no such name": "https://assure.invalid",
		"a certificate that nobody trusts": untrusted.URL} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, assure.Options{BaseURL: host + "/assure", TokenURL: host + "/token", ClientID: "sim", ClientSecret: secret})
			start := time.Now()
			for range 20 {
				if _, err := c.GetProcess(t.Context(), dossierID, processID); !assure.IsRetryable(err) || assure.IsNotFound(err) {
					t.Fatalf("got %v", err)
				}
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("twenty calls failed after %v", took)
			}
		})
	}
	if n := dials.Load(); n > 2 {
		t.Errorf("%d connections were made for twenty calls", n)
	}
}

func TestU02AnAnswerThatDoesNotComeToItsEndIsLeftAtTheTimeOut(t *testing.T) {
	if assure.CallTimeout > 10*time.Second {
		t.Errorf("a call may take %v, a page has ten seconds", assure.CallTimeout)
	}
	for _, sort := range []assuretest.Sort{assuretest.Hang, assuretest.HangInBody, assuretest.Drip} {
		t.Run(sort.String(), func(t *testing.T) {
			const timeout = 200 * time.Millisecond
			w := newWorld(t, func(o *assure.Options) { o.Timeout = timeout })
			must(t, w.get()) // a token and a kept connection
			w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: sort, Times: -1})
			start := time.Now()
			if err := w.get(); !assure.IsRetryable(err) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took < timeout || took > timeout+2*time.Second {
				t.Errorf("it ended after %v", took)
			}
		})
	}
}

// silentProxy forwards to an upstream. Once it is silenced, connections that stand carry nothing any more and are not
// closed: a path whose packets are dropped. New ones are forwarded.
type silentProxy struct {
	net.Listener
	mu      sync.Mutex
	carries []*atomic.Bool
	opened  int
	open    []net.Conn
}

func newSilentProxy(t *testing.T, upstream string) *silentProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &silentProxy{Listener: l}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", upstream)
			if err != nil {
				t.Error(err)
				_ = client.Close()
				return
			}
			carry := p.track(client, server)
			busy.Go(func() { forward(server, client, carry) })
			busy.Go(func() { forward(client, server, carry) })
		}
	})
	t.Cleanup(func() { p.closeAll(); busy.Wait() })
	return p
}

func (p *silentProxy) track(conns ...net.Conn) *atomic.Bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	carry := &atomic.Bool{}
	carry.Store(true)
	p.carries, p.open, p.opened = append(p.carries, carry), append(p.open, conns...), p.opened+1
	return carry
}

func (p *silentProxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.carries {
		c.Store(false)
	}
}

func (p *silentProxy) closeAll() {
	_ = p.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
}

func forward(to, from net.Conn, carry *atomic.Bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			if carry.Load() {
				_ = to.Close()
			}
			return
		}
		if carry.Load() {
			_, _ = to.Write(buffer[:n])
		}
	}
}

func TestU03AConnectionThatDiedSilentlyIsNotUsedAgain(t *testing.T) {
	own := assure.NewTransport()
	if patience := own.HTTP2.SendPingTimeout + own.HTTP2.PingTimeout; own.HTTP2.SendPingTimeout <= 0 || patience >= assure.CallTimeout {
		t.Errorf("a dead connection is noticed after %v, a call has %v", patience, assure.CallTimeout)
	}
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprintf("HTTP/%d", version), func(t *testing.T) {
			sim := assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: secret})
			created := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)
			must(t, sim.Add(assuretest.Entry{DossierID: dossierID, Body: fmt.Appendf(nil, `{"processId":%q,"createdAt":%q}`, processID, created)}))
			server := httptest.NewUnstartedServer(sim.Handler())
			server.EnableHTTP2 = version == 2
			server.StartTLS()
			defer server.Close()
			proxy := newSilentProxy(t, server.Listener.Addr().String())
			transport := transportOf(server, version)
			defer transport.CloseIdleConnections()
			base := "https://" + proxy.Addr().String()
			c := newClient(t, assure.Options{BaseURL: base + "/assure", TokenURL: base + "/auth/open/connect/token", ClientID: "sim", ClientSecret: secret,
				Transport: transport, Timeout: map[int]time.Duration{1: 300 * time.Millisecond, 2: 5 * time.Second}[version]})
			_, err := c.GetProcess(t.Context(), dossierID, processID)
			must(t, err)
			proxy.silence()
			if _, err := c.GetProcess(t.Context(), dossierID, processID); version == 1 && !assure.IsRetryable(err) || version == 2 && err != nil {
				t.Errorf("the call that met the dead connection: %v", err)
			}
			if _, err := c.GetProcess(t.Context(), dossierID, processID); err != nil {
				t.Errorf("the next call: %v", err)
			}
			if proxy.opened != 2 {
				t.Errorf("%d connections were made, want a second one alone", proxy.opened)
			}
		})
	}
}

// transportOf is a client's own transport that trusts a test server and notices a dead connection sooner.
func transportOf(server *httptest.Server, version int) *http.Transport {
	transport := assure.NewTransport()
	transport.Proxy = nil
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	transport.TLSClientConfig.ServerName = "example.com" // what the test certificate is for
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 100 * time.Millisecond, PingTimeout: 200 * time.Millisecond}
	if version == 1 {
		transport.ForceAttemptHTTP2, transport.TLSClientConfig.NextProtos = false, []string{"http/1.1"}
	}
	return transport
}

func TestU04RetryAfterIsObeyedWithinTheCallAndNeverBeyondIt(t *testing.T) {
	const most = time.Second // what a repeat without Retry-After waits at most
	tests := []struct {
		name, header string
		waited       time.Duration // exactly, if told is above 0
		repeated     bool
		told         time.Duration // what a caller learns when it is not repeated
	}{
		{"seconds", "2", 2 * time.Second, true, 2 * time.Second},
		{"more seconds than a call has", "60", 0, false, time.Minute},
		{"a date", "Mon, 02 Mar 2026 10:00:03 GMT", 3 * time.Second, true, 3 * time.Second},
		{"a date after the call's end", "Mon, 02 Mar 2026 10:02:00 GMT", 0, false, 2 * time.Minute},
		{"a date in the past", "Mon, 02 Mar 2026 09:00:00 GMT", 0, true, 0},
		{"thirty years", "1000000000", 0, false, time.Hour},
		{"more than a number holds", "99999999999999999999", 0, true, 0},
		{"less than nothing", "-5", 0, true, 0},
		{"no time at all", "soon", 0, true, 0},
		{"none", "", 0, true, 0},
	}
	for _, status := range []int{429, 503} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%d %s", status, tt.name), func(t *testing.T) {
				var waited waits
				w := newWorld(t, func(o *assure.Options) { o.Wait = waited.wait })
				w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: status, RetryAfter: tt.header})
				start := time.Now()
				err := w.get()
				if repeated := err == nil; repeated != tt.repeated {
					t.Fatalf("got %v", err)
				}
				if api, ok := errors.AsType[*assure.APIError](err); ok && api.RetryAfter != tt.told {
					t.Errorf("the caller is told %v, want %v", api.RetryAfter, tt.told)
				}
				if tt.repeated && (len(waited.all) != 1 || tt.told > 0 && waited.all[0] != tt.waited || waited.all[0] > max(most, tt.told)) || !tt.repeated && len(waited.all) > 0 {
					t.Errorf("waited %v", waited.all)
				}
				if took := time.Since(start); took > 2*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
	}
}

func TestU05BurstsOfFailuresAreRepeatedTwiceAtMostAndOpenTheBreaker(t *testing.T) {
	for _, status := range []int{500, 502, 503, 504} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w := newWorld(t)
			w.sim.Fail(assuretest.Fault{Class: assuretest.Any, Status: status, Times: -1})
			if err := w.get(); !assure.IsRetryable(err) || w.sim.Requests(assuretest.Process) != 3 {
				t.Fatalf("%v after %d requests, want two repeats", err, w.sim.Requests(assuretest.Process))
			}
			for range assure.BreakerFailures {
				_ = w.get()
			}
			sent := w.sim.Requests(assuretest.Any)
			if sent > 3*assure.BreakerFailures {
				t.Errorf("%d requests were sent for %d calls", sent, assure.BreakerFailures)
			}
			for range 100 {
				if err := w.get(); !errors.Is(err, assure.ErrDown) || !assure.IsRetryable(err) {
					t.Fatalf("an open breaker lets a call through: %v", err)
				}
			}
			if n := w.sim.Requests(assuretest.Any); n != sent || w.client.State().DownUntil.IsZero() {
				t.Errorf("%d requests went to an upstream that is down", n-sent)
			}
			reads := w.sim.Requests(assuretest.Process)
			w.clock.move(assure.BreakerPause)
			if err := w.get(); err == nil || errors.Is(err, assure.ErrDown) {
				t.Errorf("after the pause nobody asked: %v", err)
			}
			if err := w.get(); !errors.Is(err, assure.ErrDown) {
				t.Errorf("a probe that failed closed the breaker: %v", err)
			}
			if n := w.sim.Requests(assuretest.Process); n != reads || w.sim.Requests(assuretest.List) == 0 {
				t.Errorf("finding out read %d processes and %d lists", n-reads, w.sim.Requests(assuretest.List))
			}
			w.sim.Heal()
			w.clock.move(assure.BreakerPause)
			must(t, w.get())
			if !w.client.State().DownUntil.IsZero() {
				t.Error("a probe that was answered leaves the breaker open")
			}
		})
	}
}

func TestU05AnUpstreamThatFlapsIsAskedOn(t *testing.T) {
	w := newWorld(t)
	for range 5 * assure.BreakerFailures {
		w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 503, Times: 3})
		if err := w.get(); errors.Is(err, assure.ErrDown) {
			t.Fatal("failures with answers between them opened the breaker")
		}
		w.sim.Heal()
		must(t, w.get())
	}
}

func TestU05AnUpstreamThatIsBusyOrRefusesIsNotTakenForDead(t *testing.T) {
	for _, status := range []int{429, 404, 403, 400} {
		w := newWorld(t)
		w.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: status, RetryAfter: "60", Times: -1})
		for range 2 * assure.BreakerFailures {
			if err := w.get(); errors.Is(err, assure.ErrDown) {
				t.Fatalf("%d opened the breaker", status)
			}
		}
		w.sim.Heal()
		must(t, w.get())
	}
}

func TestU05WhileTheBreakerIsHalfOpenOneCallerAsksAndTheOthersDoNotWait(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(assuretest.Fault{Class: assuretest.Any, Status: 500, Times: -1})
	for range assure.BreakerFailures {
		_ = w.get()
	}
	w.sim.Heal()
	w.sim.Fail(assuretest.Fault{Class: assuretest.List, Sort: assuretest.Hang})
	w.clock.move(assure.BreakerPause)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	before := w.sim.Requests(assuretest.List)
	go func() { _, err := w.client.GetProcess(ctx, dossierID, processID); result <- err }()
	for w.sim.Requests(assuretest.List) == before {
		time.Sleep(time.Millisecond) // until the probe is there
	}
	if err := w.get(); !errors.Is(err, assure.ErrDown) {
		t.Errorf("a second caller: %v", err)
	}
	cancel() // says nothing of the upstream, and leaves the question to the next caller
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, w.get())
}

func TestU07ABodyWithoutBoundCostsItsBoundAlone(t *testing.T) {
	const much = 500 << 20
	faults := []assuretest.Fault{{Sort: assuretest.Oversized, Size: much}, {Sort: assuretest.Endless}, {Sort: assuretest.Bomb, Size: 64 << 20}}
	for _, f := range faults {
		t.Run(f.Sort.String(), func(t *testing.T) {
			w := newWorld(t)
			must(t, w.get())
			f.Class, f.Times = assuretest.Process, -1
			w.sim.Fail(f)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := w.get()
			runtime.ReadMemStats(&after)
			if !errors.Is(err, assure.ErrTooLarge) || assure.IsRetryable(err) {
				t.Errorf("got %v", err)
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 16 {
				t.Errorf("%d MiB were allocated for a body of at most 1 MiB", got)
			}
			w.sim.Heal()
			must(t, w.get()) // the connection was given up, not waited for
		})
	}
}

func TestU09TokensThatEndAreRevokedOrComeLateCostOneRefresh(t *testing.T) {
	parallel := func(w world, n int) {
		var group sync.WaitGroup
		for range n {
			group.Go(func() {
				if err := w.get(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	w := newWorld(t)
	parallel(w, 50)
	w.sim.RevokeTokens()
	parallel(w, 50)
	w.client.WaitForToken()
	if n := w.sim.Requests(assuretest.Token); n != 2 {
		t.Errorf("50 calls with a revoked token made %d refreshes, want 1", n-1)
	}
	w.clock.move(11 * time.Minute)
	parallel(w, 50)
	if n := w.sim.Requests(assuretest.Token); n != 3 {
		t.Errorf("50 calls after the token's end made %d refreshes, want 1", n-2)
	}
	// The endpoint hangs while the token is near its end: nobody with a living token waits.
	w.sim.Fail(assuretest.Fault{Class: assuretest.Token, Sort: assuretest.Hang})
	w.clock.move(9*time.Minute + 30*time.Second)
	start := time.Now()
	parallel(w, 50)
	if took := time.Since(start); took > 3*time.Second || w.sim.Requests(assuretest.Token) != 4 {
		t.Errorf("calls with a living token took %v and %d refreshes", took, w.sim.Requests(assuretest.Token)-3)
	}
	w.client.Close()
}

func TestU09ALifetimeThatMakesNoSenseIsBounded(t *testing.T) {
	for expiresIn, life := range map[string]time.Duration{"-1": 30 * time.Second, "0": 30 * time.Second, `"3600"`: time.Hour, "1000000000000": time.Hour,
		"null": 30 * time.Second, `{"a":1}`: 30 * time.Second, "1e400": time.Hour} {
		t.Run(expiresIn, func(t *testing.T) {
			w := newWorld(t)
			must(t, w.get())
			w.sim.Fail(assuretest.Fault{Class: assuretest.Token, Sort: assuretest.Answer, Body: `{"access_token":"another","expires_in":` + expiresIn + `}`, Times: -1})
			w.clock.move(11 * time.Minute)
			if err := w.get(); !assure.IsUnauthorized(err) { // the simulator does not know that token
				t.Fatal(err)
			}
			if got := w.client.State().TokenUntil.Sub(w.clock.now()); got != life {
				t.Errorf("it is kept for %v, want %v", got, life)
			}
		})
	}
}

func TestU10AClockThatJumpsMakesNeitherALoopNorAnEnd(t *testing.T) {
	for _, jump := range []time.Duration{5 * time.Minute, -5 * time.Minute, -time.Hour, -24 * time.Hour, time.Second} {
		t.Run(jump.String(), func(t *testing.T) {
			ours := &clock{at: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)} // the upstream's goes right
			w := newWorld(t, func(o *assure.Options) { o.Now = ours.now })
			must(t, w.get())
			ours.move(jump)
			for range 20 {
				must(t, w.get())
				w.client.WaitForToken()
			}
			if n := w.sim.Requests(assuretest.Token); n > 2 {
				t.Errorf("%d tokens were asked for", n)
			}
			// Pauses that were set before a jump back do not last until the old time comes again.
			w.sim.Fail(assuretest.Fault{Class: assuretest.Any, Status: 500, Times: -1})
			for range assure.BreakerFailures {
				_ = w.get()
			}
			w.sim.Heal()
			ours.move(-2 * time.Hour)
			must(t, w.get())
		})
	}
}

func TestASimulatorOfAnotherProcessIsSteeredByItsClient(t *testing.T) {
	sim := assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: secret})
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	ask := func(method, path, body, password string) (int, string) {
		req, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
		must(t, err)
		req.SetBasicAuth("sim", password)
		res, err := server.Client().Do(req)
		must(t, err)
		defer res.Body.Close()
		var answer json.RawMessage
		_ = json.NewDecoder(res.Body).Decode(&answer)
		return res.StatusCode, string(answer)
	}
	encoded := "s3cret%2Fwith%2Bodd%3Dsigns"
	for _, tt := range []struct {
		method, path, body, password string
		status                       int
	}{
		{"POST", "/simulator/faults", `{"sort":"hang"}`, "wrong", 401},
		{"POST", "/simulator/faults", `{"sort":"no such sort"}`, encoded, 400},
		{"POST", "/simulator/faults", `{"sort":"status"}`, encoded, 400},
		{"POST", "/simulator/faults", `{"sort":"hang","tmies":1}`, encoded, 400},
		{"POST", "/simulator/faults", `{"class":"list","sort":"status","status":503,"times":-1}`, encoded, 204},
		{"DELETE", "/simulator/tokens", "", encoded, 204},
		{"GET", "/assure/processes", "", encoded, 503},
		{"DELETE", "/simulator/faults", "", encoded, 204},
		{"GET", "/assure/processes", "", encoded, 401},
	} {
		if status, _ := ask(tt.method, tt.path, tt.body, tt.password); status != tt.status {
			t.Errorf("%s %s %s: %d, want %d", tt.method, tt.path, tt.body, status, tt.status)
		}
	}
	if _, counts := ask("GET", "/simulator/requests", "", encoded); counts != `{"list":2}` {
		t.Errorf("requests %s", counts)
	}
	for _, sort := range assuretest.Sorts() {
		var read assuretest.Sort
		if err := read.UnmarshalText([]byte(sort.String())); err != nil || read != sort {
			t.Errorf("sort %d is read as %d, %v", sort, read, err)
		}
	}
}
