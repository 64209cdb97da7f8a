package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/demo"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// patience is how long a process may take on a busy machine before a test gives up.
const patience = time.Minute

// process is a portal command that runs as a process of its own.
type process struct {
	*testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner // of its stdout
	log   *strings.Builder
}

// start runs the command with nothing of this environment but PATH and a place for temporary files.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p := &process{T: t, cmd: exec.CommandContext(ctx, "portal", args...), log: &strings.Builder{}}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir()}, env...)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	t.Cleanup(func() {
		cancel()
		_ = p.cmd.Wait() // an error of a process that was stopped already, or is killed here
		if t.Failed() {
			t.Logf("portal %s wrote to stderr:\n%s", strings.Join(args, " "), p.log)
		}
	})
	return p
}

// until gives the lines up to the one that is wanted.
func (p *process) until(want string) (lines []string) {
	p.Helper()
	for p.lines.Scan() {
		if p.lines.Text() == want {
			return lines
		}
		lines = append(lines, p.lines.Text())
	}
	p.Fatalf("the output ended before %q, after %q", want, lines)
	return nil
}

// stop ends the process as a service manager does, and gives its exit code.
func (p *process) stop() int {
	p.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	return p.end()
}

// end waits until the process has ended, and gives its exit code.
func (p *process) end() int {
	p.Helper()
	for p.lines.Scan() {
		continue // a full pipe would keep it from ending
	}
	_ = p.cmd.Wait() // the exit code says it
	return p.cmd.ProcessState.ExitCode()
}

// address gives the value of a line of the form "name value".
func address(t *testing.T, lines []string, name string) string {
	t.Helper()
	for _, line := range lines {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return value
		}
	}
	t.Fatalf("no line %q in %q", name, lines)
	return ""
}

// get asks without following a redirect.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestDemoIsReadyWhenItsProcessesAreInAndLeavesNothing(t *testing.T) {
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--processes", "80", "--seed", "7",
		"--import", "../../internal/assure/testdata/onfido-accepted.json", "--import", "../../internal/assure/testdata/api-userdata.json")
	lines := p.until("ready")
	portal, idp := address(t, lines, "portal"), address(t, lines, "idp")
	for _, u := range demo.Users() {
		if !slices.Contains(lines, strings.TrimSpace("user "+u.Name+" "+strings.Join(u.Roles, ","))) {
			t.Errorf("no line for %s in %q", u.Name, lines)
		}
	}
	if status, body := get(t, portal+"/readyz"); status != http.StatusOK {
		t.Errorf("readyz: %d %s", status, body)
	}
	if status, body := get(t, idp+"/.well-known/openid-configuration"); status != http.StatusOK || !strings.Contains(body, idp) {
		t.Errorf("discovery: %d %s", status, body)
	}
	if status, _ := get(t, address(t, lines, "assure")+"/processes"); status != http.StatusUnauthorized {
		t.Errorf("the simulator answers without a token: %d", status)
	}
	if host, _, _ := net.SplitHostPort(strings.TrimPrefix(portal, "http://")); host != "127.0.0.1" {
		t.Errorf("the portal listens on %s", host)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	log := p.log.String()
	for _, part := range []string{"80 of 80 processes", "onfido-accepted.json: taken", "api-userdata.json: refused", "Open " + portal, "reviewer@demo.test"} {
		if !strings.Contains(log, part) {
			t.Errorf("stderr does not say %q", part)
		}
	}
	left, err := os.ReadDir(temporary(p))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A stranger who opens connections and keeps them meets the end of the oldest, and everybody else is answered.
func TestB07_ConnectionsThatAreHeldKeepNobodyOut(t *testing.T) {
	p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--processes", "10")
	portal := address(t, p.until("ready"), "portal")
	var held []net.Conn
	for range 600 { // more than one address may have
		conn, err := net.Dial("tcp", strings.TrimPrefix(portal, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		held = append(held, conn)
		if _, err := fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReaderSize(conn, 16).ReadString(' '); err != nil || line != "HTTP/1.1 " {
			t.Fatalf("%q, %v", line, err)
		}
	}
	if err := held[0].SetReadDeadline(time.Now().Add(idleTimeout / 3)); err != nil { // long before idleness would end it
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, held[0]); err != nil {
		t.Errorf("the one that was held longest: %v", err)
	}
	if status, _ := get(t, portal+"/healthz"); status != http.StatusOK {
		t.Errorf("somebody else: %d", status)
	}
}

func temporary(p *process) string { return strings.TrimPrefix(p.cmd.Env[1], "TMPDIR=") }

func TestDemoGoesOnWithTheDataAndTrailOfAnEarlierStart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "kept")
	var keys [2]string
	for i := range keys {
		p := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", data, "--processes", "20")
		p.until("ready")
		if lock, err := sqlitedb.LockDir(data); err == nil {
			_ = lock.Release()
			t.Error("a demo does not hold the lock of its data directory")
		}
		if code := p.stop(); code != 0 {
			t.Fatalf("start %d ended with %d", i, code)
		}
		key, err := os.ReadFile(data + "-keys/trail.key")
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = string(key)
	}
	if keys[0] != keys[1] {
		t.Error("the second start made another key")
	}
	if inside, _ := filepath.Glob(filepath.Join(data, "*key*")); len(inside) != 0 {
		t.Errorf("the key lies beside the trail: %v", inside)
	}
	out, err := exec.Command("portal", "audit", "verify", filepath.Join(data, "audit.db")).CombinedOutput()
	if err != nil {
		t.Errorf("the trail of both starts: %v\n%s", err, out)
	}
}

// freeAddress is an address that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// deployment is a configured portal that has not started.
type deployment struct {
	env                      []string
	listen, key, metricsPage string
}

// deploy configures portal serve with the simulator as Assure.
func deploy(t *testing.T, simulator []string) deployment {
	t.Helper()
	dir, metrics := t.TempDir(), freeAddress(t)
	d := deployment{listen: freeAddress(t), key: filepath.Join(dir, "key"), metricsPage: "http://" + metrics + "/metrics"}
	d.env = []string{"PORTAL_LISTEN=" + d.listen, "PORTAL_BASE_URL=http://" + d.listen, "PORTAL_METRICS_LISTEN=" + metrics,
		"PORTAL_DATA_DIR=" + filepath.Join(dir, "data"), "PORTAL_AUDIT_KEY_FILE=" + d.key, "PORTAL_AUDIT_ANCHOR=" + filepath.Join(dir, "anchor"),
		"PORTAL_OIDC_ISSUER=http://" + freeAddress(t), "PORTAL_OIDC_CLIENT_ID=portal", "PORTAL_OIDC_CLIENT_SECRET=secret",
		"PORTAL_ROLE_MAP=reviewer=staff", "PORTAL_ASSURE_URL=" + address(t, simulator, "assure"),
		"PORTAL_ASSURE_TOKEN_URL=" + address(t, simulator, "token"), "PORTAL_ASSURE_CLIENT_ID=sim", "PORTAL_ASSURE_CLIENT_SECRET=sim",
		"PORTAL_KEEP_IMAGES=yes"}
	return d
}

func TestServeSynchronisesWithASimulatorThatIsAnotherProcess(t *testing.T) {
	sim := start(t, nil, "simulate", "--listen", "127.0.0.1:0", "--processes", "40")
	lines := sim.until("ready")
	if want := []string{"assure", "token"}; len(lines) != len(want) {
		t.Errorf("simulate printed %q", lines)
	}
	d := deploy(t, lines)
	if code := start(t, d.env, "audit", "init", "--origin", "portal.test/trail", "--key-out", d.key).end(); code != 0 {
		t.Fatalf("audit init ended with %d", code)
	}
	serve := start(t, d.env, "serve")
	serve.eventually("40 processes are held", func() bool {
		text, ok := fetch(d.metricsPage)
		return ok && strings.Contains(text, "portal_processes_held 40")
	})
	if code := start(t, d.env, "healthcheck").end(); code != 0 {
		t.Errorf("healthcheck ended with %d", code)
	}
	if status, _ := get(t, "http://"+d.listen+"/processes"); status != http.StatusSeeOther {
		t.Errorf("the search page without a session answers %d", status)
	}
	if code := start(t, d.env, "sync").end(); code != exitLocked {
		t.Errorf("sync beside a running portal ended with %d", code)
	}
	if status, _ := get(t, "http://"+d.listen+"/processes/%0aevil?x=%0d%0a%1b[31m"); status != http.StatusSeeOther {
		t.Errorf("a hostile address answers %d", status)
	}
	if code := serve.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	serve.logged()
	once := start(t, d.env, "sync", "--since", time.Now().UTC().AddDate(0, 0, -29).Format(time.DateOnly))
	if got := once.until("listed 40 fetched 0 changed 0 failed 0"); len(got) != 0 || once.end() != 0 {
		t.Errorf("sync printed %q before its last line", got)
	}
	if code := start(t, d.env, "healthcheck").end(); code != 1 {
		t.Errorf("healthcheck without a portal ended with %d", code)
	}
	if code := sim.stop(); code != 0 {
		t.Errorf("simulate ended with %d", code)
	}
}

// logged wants every line of the log to be an object with time, level and words.
func (p *process) logged() {
	p.Helper()
	lines := 0
	for line := range strings.Lines(p.log.String()) {
		var entry struct {
			Time       time.Time
			Level, Msg string
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time.IsZero() || entry.Level == "" || entry.Msg == "" {
			p.Errorf("a line of the log: %.200q, %v", line, err)
		}
		lines++
	}
	if lines == 0 {
		p.Error("nothing was logged, so this shows nothing")
	}
}

// eventually asks again and again, and gives up when the process is gone or patience is over.
func (p *process) eventually(what string, true func() bool) {
	p.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if true() {
			return
		}
	}
	p.Fatalf("never: %s", what)
}

// fetch asks a process that may not listen yet.
func fetch(url string) (string, bool) {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url)
	if err != nil {
		return "", false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err == nil && res.StatusCode == http.StatusOK
}

func TestSimulateServesTheAnswersOfADirectory(t *testing.T) {
	dir := t.TempDir()
	created := time.Now().UTC().Add(-time.Hour).Truncate(time.Second).Format(time.RFC3339)
	for name, body := range map[string]string{
		"new.json":   fmt.Sprintf(`{"processId":"p-new","provider":"onfido","status":"accepted","createdAt":%q,"updatedAt":%q}`, created, created),
		"old.json":   `{"processId":"p-old","provider":"onfido","status":"accepted","createdAt":"2020-03-02T09:14:05Z"}`,
		"other.json": `{"some":"thing"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sim := start(t, nil, "simulate", "--listen", "127.0.0.1:0", "--from", dir, "--client", "me:mine")
	lines := sim.until("ready")
	token := askToken(t, address(t, lines, "token"), "me", "mine")
	req, err := http.NewRequest(http.MethodGet, address(t, lines, "assure")+"/processes?startCreationDate=2020-01-01T00:00:00Z", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	list, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(list), "p-new") || strings.Contains(string(list), "p-old") {
		t.Errorf("listed %v %s", err, list)
	}
	if code := sim.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(sim.log.String(), "Took 2 answers") || !strings.Contains(sim.log.String(), "1 are older") || !strings.Contains(sim.log.String(), "other.json: left out") {
		t.Errorf("stderr says %s", sim.log)
	}
}

func askToken(t *testing.T, url, id, secret string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader("grant_type=client_credentials&scope=signicat-api"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(id, secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("no token: status %d, %v", res.StatusCode, err)
	}
	return answer.AccessToken
}
