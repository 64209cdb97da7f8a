package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A cut takes what was not handed to the block device. It does not take what the device promised and had not kept, and
// tears no sector.
//
// The data lies in a file system in a file. A cut is a copy of that file, made while the portal stands still: what the
// kernel still held in its memory is not in it. The anchor lies on another disk, as it should, and is not cut.

// powerCut takes the image as it is now, mounts it elsewhere and tells what is missing there of what clients saw.
func (s *siege) powerCut(image string) (missing []sighting, verified error) {
	s.Helper()
	dir := s.TempDir()
	anchor, copied := filepath.Join(dir, "anchor"), filepath.Join(dir, "image")
	s.signal(syscall.SIGSTOP)
	sh(s.T, "cp", "--sparse=always", image, copied)
	seen := s.seen.sightings()
	err := copyFile(filepath.Join(s.keys, "anchor"), anchor)
	s.signal(syscall.SIGCONT)
	if err != nil {
		s.Fatal(err)
	}
	unmount := mount(s.T, copied, filepath.Join(dir, "disk"), "loop")
	defer os.Remove(copied)
	defer unmount()
	file := filepath.Join(dir, "disk", "data", "audit.db")
	if verified = s.verify(file, anchor); verified != nil && s.size(file) == 0 {
		return seen, verified
	}
	return s.unrecorded(file, 0, seen), verified
}

// cutPower cuts a serving portal's power again and again, and stops at the first loss if so asked.
func cutPower(t *testing.T, program string, cuts int, untilLoss bool) (lossy, lost int, s *siege) {
	t.Helper()
	place := needMount(t)
	image := filepath.Join(place, "image")
	mountImage(t, image, filepath.Join(place, "disk"), "128M")
	s = besiege(t, program, filepath.Join(place, "disk", "data"), t.TempDir())
	sh(t, "sync", "-f", s.data) // what was there before the portal served is on the disk
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	for i := range cuts {
		before := s.seen.len()
		stop := s.load(4)
		s.eventually("some are shown", patience, func() bool { return s.seen.len() >= before+5 })
		time.Sleep(between(0, 200*time.Millisecond))
		missing, err := s.powerCut(image)
		stop()
		if len(missing) > 0 || err != nil {
			lossy, lost = lossy+1, lost+len(missing)
			t.Logf("cut %d: %d of %d answers have no record, %v", i, len(missing), s.seen.len(), err)
			if untilLoss {
				break
			}
		}
	}
	return lossy, lost, s
}

func TestNothingThatWasShownIsLostWithThePower(t *testing.T) {
	cuts := times(0, 50)
	lossy, lost, s := cutPower(t, portalProgram(t), cuts, false)
	if lossy > 0 {
		t.Errorf("%d of %d cuts lost %d answers' records", lossy, cuts, lost)
	}
	t.Logf("%d cuts, %v, %d records", cuts, s.seen, s.size(s.trail()))
}

// The same portal but for one word loses some: else the test above would not see a loss.
func TestThePowerCutIsSeenWhereCommitsAreNotSynced(t *testing.T) {
	needMount(t)
	lossy, lost, _ := cutPower(t, carelessPortal(t), 20, true)
	if lossy == 0 || lost == 0 {
		t.Error("a portal that does not sync its commits lost nothing: the power cuts of these tests cut nothing")
	}
}

// carelessPortal builds the portal with synchronous=NORMAL where the trail asks for FULL.
func carelessPortal(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("../../internal/sqlitedb/sqlitedb.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	careless := strings.NewReplacer(`return "FULL"`, `return "NORMAL"`, `level = "2"`, `level = "1"`).Replace(string(text))
	if strings.Count(string(text), `return "FULL"`) != 1 || strings.Count(string(text), `level = "2"`) != 1 {
		t.Fatal("the place where commits are made durable has moved")
	}
	dir := t.TempDir()
	replaced, overlay, program := filepath.Join(dir, "sqlitedb.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "portal")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{source: replaced}})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{replaced: []byte(careless), overlay: list} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-overlay", overlay, "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("build a careless portal: %w\n%s", err, out))
	}
	return program
}
