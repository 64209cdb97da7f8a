package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startTime = 2 * time.Minute  // until a server says that it is ready
	stopTime  = 20 * time.Second // from SIGTERM until it is killed
)

// server is a child process that prints its address and then `ready`.
type server struct {
	cmd     *exec.Cmd
	begin   time.Time
	address string
	ready   time.Duration // from its start
}

// start runs a program until its line `ready`; the address is the line that begins with the word.
func start(ctx context.Context, word string, name string, args ...string) (*server, error) {
	s := &server{cmd: exec.CommandContext(ctx, name, args...)}
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = stopTime
	var log bytes.Buffer
	s.cmd.Stderr = &log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.begin = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	timer := time.AfterFunc(startTime, func() { s.cmd.Process.Kill() })
	defer timer.Stop()
	if err := s.read(out, word); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(name), err), s.cmd.Wait(), errors.New(log.String()))
	}
	return s, nil
}

func (s *server) read(out io.Reader, word string) error {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), word+" "); ok {
			s.address = address
		}
		if lines.Text() == "ready" {
			s.ready = time.Since(s.begin)
			return nil
		}
	}
	return errors.New("ended before it was ready")
}

// stop ends the process as SIGTERM does, and waits for it.
func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(stopTime, func() { s.cmd.Process.Kill() })
	defer timer.Stop()
	s.cmd.Wait()
}

// portal is a running demo.
type portal struct {
	*server
	processes int
	firstPage time.Duration // from the start, sign-in included
}

func startPortal(ctx context.Context, binary, dir string, processes int) (*portal, error) {
	s, err := start(ctx, "portal", binary, "demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--processes", strconv.Itoa(processes))
	if err != nil {
		return nil, err
	}
	return &portal{server: s, processes: processes}, nil
}

// memory is the resident memory in bytes, now and at its peak; see proc_pid_status(5), VmRSS and VmHWM.
func (s *server) memory() (now, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = kib << 10
		case "VmHWM":
			peak = kib << 10
		}
	}
	return now, peak, nil
}

// bareServer is the handler to compare with, in a process of its own, as the portal is.
type bareServer struct {
	*server
	session *session
}

func startBare(ctx context.Context, size int) (*bareServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, "bare", self, "-bare", strconv.Itoa(size))
	if err != nil {
		return nil, err
	}
	client, err := newSession(s.address)
	if err != nil {
		s.stop()
		return nil, err
	}
	return &bareServer{server: s, session: client}, nil
}

// serveBare answers every request with the same bytes until it is stopped.
func serveBare(size int) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	body := bytes.Repeat([]byte("x"), size)
	fmt.Printf("bare http://%s\nready\n", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(body)
	}))
}
