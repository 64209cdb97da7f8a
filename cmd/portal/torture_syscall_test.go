package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
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
)

// trace attaches strace to the running portal: it does something to the calls on the trail's files alone.
type trace struct {
	cmd *exec.Cmd
	out string
}

func (s *siege) inject(what string) *trace {
	s.Helper()
	tr := &trace{out: filepath.Join(s.TempDir(), "trace")}
	calls, _, _ := strings.Cut(what, ":")
	tr.cmd = exec.Command("strace", "-f", "-qq", "-o", tr.out, "-p", fmt.Sprint(s.running.Process.Pid), "-P", s.trail(), "-P", s.trail()+"-wal", "-P", s.trail()+"-shm",
		"-e", "trace="+calls, "-e", "inject="+what)
	if err := tr.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(tr.detach)
	pid := s.running.Process.Pid
	s.eventually("strace holds every thread", patience, func() bool { return allTraced(pid) })
	return tr
}

// allTraced reports whether each thread has a tracer; see proc_pid_status(5).
func allTraced(pid int) bool {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, task := range tasks {
		if text, err := os.ReadFile(task); err == nil && strings.Contains(string(text), "TracerPid:\t0\n") {
			return false
		}
	}
	return err == nil && len(tasks) > 0
}

func (tr *trace) detach() {
	if tr.cmd.ProcessState == nil {
		_ = tr.cmd.Process.Signal(syscall.SIGINT)
		waited := time.AfterFunc(time.Second, func() { _ = tr.cmd.Process.Kill() }) // it waits for threads that were killed
		defer waited.Stop()
		_ = tr.cmd.Wait() // what it traced may have ended
	}
}

// did reports whether anything was done to a call.
func (tr *trace) did() bool {
	text, _ := os.ReadFile(tr.out)
	return strings.Contains(string(text), "(INJECTED)") || strings.Contains(string(text), "(DELAYED)") || strings.Contains(string(text), "killed by SIGKILL")
}

// calls counts the system calls on the trail's files while one page is asked for, by name.
func (s *siege) calls() map[string]int {
	s.Helper()
	tr := s.inject("%file,%desc:delay_enter=1:when=65535") // never: only looks
	if a := s.mustAsk(opens("canary-0")); a.status != http.StatusOK {
		s.Fatalf("status %d", a.status)
	}
	tr.detach()
	text, err := os.ReadFile(tr.out)
	if err != nil {
		s.Fatal(err)
	}
	counts := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\d+ +(\w+)\(`).FindAllStringSubmatch(string(text), -1) {
		counts[m[1]]++
	}
	return counts
}

func TestEverySystemCallOfAnAppendMayFail(t *testing.T) {
	onlyAtWholeLength(t, "strace")
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	s.mustAsk(opens("canary-0"))
	calls, struck := s.calls(), map[string]int{}
	if calls["pwrite64"] == 0 || calls["fdatasync"] == 0 {
		t.Fatalf("an append makes no write or no sync: %v", calls)
	}
	for _, fault := range []string{"error=EIO", "error=ENOSPC", "signal=SIGKILL"} {
		for _, call := range slices.Sorted(maps.Keys(calls)) {
			for n := range calls[call] {
				began := time.Now()
				if s.strike(fmt.Sprintf("%s:%s:when=%d", call, fault, n+1)) {
					struck[fault]++
				}
				if took := time.Since(began); took > 3*time.Second {
					t.Logf("%s:%s:when=%d took %v", call, fault, n+1, took)
				}
			}
		}
		if struck[fault] < calls["pwrite64"]+calls["fdatasync"] {
			t.Errorf("%s: only %d calls were struck", fault, struck[fault])
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("the portal ended with %d", code)
	}
	s.allIsRecorded()
	t.Logf("an append makes %v; struck %v; %v", calls, struck, s.seen)
}

// strike lets one system call of the next append fail, and has the portal go on; false if there was no such call.
func (s *siege) strike(what string) (struck bool) {
	s.Helper()
	tr := s.inject(what)
	a, err := s.ask(opens("canary-0"))
	tr.detach()
	struck = tr.did()
	if strings.Contains(what, "SIGKILL") && struck {
		s.reap()
		s.serve()
	} else if err != nil {
		s.Errorf("%s: %v", what, err)
	}
	if err == nil && a.status != http.StatusOK && (a.status < http.StatusInternalServerError || len(s.shows(a.body)) > 0) {
		s.Errorf("%s: status %d, shows %q", what, a.status, s.shows(a.body))
	}
	// Pages that read may wait ten seconds for a lock that was not given back, before the portal opens its file again.
	s.eventually("the portal goes on after "+what, 60*time.Second, func() bool {
		a, err := s.ask(opens("canary-1"))
		return err == nil && a.status == http.StatusOK
	})
	if err := s.verify(s.trail(), filepath.Join(s.keys, "anchor")); err != nil {
		s.Errorf("%s: %v", what, err)
	}
	if missing := s.unrecorded(s.trail(), 0, s.seen.sightings()); len(missing) > 0 {
		s.Errorf("%s: %d answers have no record", what, len(missing))
	}
	return struck
}

func TestADiskThatHangsClosesThePortalInTime(t *testing.T) {
	onlyAtWholeLength(t, "strace")
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	s.shown()
	began := time.Now()
	tr := s.inject("fdatasync:delay_enter=600s")
	questions := s.questions()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			q := questions[rand.IntN(5)]
			if a, err := s.ask(q); err != nil || a.status != http.StatusServiceUnavailable || len(s.shows(a.body)) > 0 || a.took > 2500*time.Millisecond {
				t.Errorf("%s: status %d after %v, %v", q.path, a.status, a.took, err)
			}
		})
	}
	all.Wait()
	s.refusesEverything()
	s.staysClosed(time.Until(began.Add(30 * time.Second)))
	tr.detach()
	s.eventually("the portal goes on", 20*time.Second, s.ready)
	s.shown()
	if got := s.recoveries(); got != 1 {
		t.Errorf("the trail holds %d records of a recovery", got)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("the portal ended with %d", code)
	}
	s.allIsRecorded()
}
