package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// harm is done to the trail's file while the portal serves.
type harm struct {
	name       string
	harm, mend func(path string) error
	second     func(path string) error // a fault more, before the first is mended; mend ends both
	atOnce     bool                    // nothing needs mending: the portal finds its file again at its next try
}

func fileHarms() []harm {
	away := func(p string) error { return os.Rename(p, p+".away") }
	back := func(p string) error { return os.Rename(p+".away", p) }
	return []harm{
		{name: "removed", harm: func(p string) error { return errors.Join(os.Link(p, p+".away"), os.Remove(p)) }, mend: back,
			second: func(p string) error { return os.WriteFile(p, nil, 0o600) }},
		{name: "renamed, then an older copy in its place", harm: away, mend: back, second: func(p string) error { return copyFile(p+".older", p) }},
		{name: "replaced by an older copy, then that made read-only", harm: func(p string) error { return errors.Join(away(p), copyFile(p+".older", p)) },
			mend: back, second: func(p string) error { return os.Chmod(p, 0o400) }},
		{name: "made read-only, then renamed", harm: func(p string) error { return os.Chmod(p, 0o400) }, second: away,
			mend: func(p string) error { return errors.Join(back(p), os.Chmod(p, 0o600)) }},
		{name: "without its log", harm: func(p string) error { return os.Remove(p + "-wal") }, atOnce: true},
	}
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

func TestAPortalWhoseTrailIsHarmedShowsNobodyUntilARecordProvesThatItIsMended(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs it")
	}
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	if err := copyFile(s.trail(), s.trail()+".older"); err != nil {
		t.Fatal(err)
	}
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	for i, h := range fileHarms() {
		s.shown()
		if err := h.harm(s.trail()); err != nil {
			t.Fatal(err)
		}
		s.refuses(opens("canary-0"))
		if !h.atOnce {
			s.refusesEverything()
			if err := h.second(s.trail()); err != nil {
				t.Fatal(err)
			}
			s.staysClosed(time.Second)
			if err := h.mend(s.trail()); err != nil {
				t.Fatal(err)
			}
		}
		s.eventually("the portal finds its trail again that was "+h.name, 10*time.Second, s.ready)
		s.shown()
		if got := s.recoveries(); got != i+1 {
			t.Errorf("%s: the trail holds %d records of a recovery, want %d", h.name, got, i+1)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("the portal ended with %d", code)
	}
	s.allIsRecorded()
}

// Readers that are in the middle of something hold a log that was removed, and so its index, for whoever opens it next.
func TestALogThatIsRemovedUnderManyReadersTakesNoRecordAway(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs it")
	}
	rounds := times(4, 40)
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	for i := range rounds {
		before := s.seen.len()
		stop := s.load(8)
		s.eventually("some are shown", patience, func() bool { return s.seen.len() >= before+20 })
		reader := s.readsOn()
		if err := os.Remove(s.trail() + "-wal"); err != nil {
			t.Fatal(err)
		}
		tries := s.tries()
		s.eventually("the portal tries", 10*time.Second, func() bool { return s.tries() > tries })
		reader()
		s.eventually("the portal has found its trail again", 10*time.Second, func() bool { return s.logged("the trail is open again") == i+1 })
		stop()
		if i%2 == 0 {
			s.kill()
		} else if code := s.stop(); code != 0 {
			t.Errorf("the portal ended with %d", code)
		}
		s.allIsRecorded()
		s.serve()
	}
	if got := s.recoveries(); got != rounds {
		t.Errorf("the trail holds %d records of a recovery, want %d", got, rounds)
	}
	t.Logf("%d times, %v", rounds, s.seen)
}

// readsOn begins to read from the trail, as an audit verify beside the portal does, until the function that it gives is called.
func (s *siege) readsOn() (end func()) {
	s.Helper()
	db, err := sqlitedb.OpenReadOnly(s.Context(), s.trail())
	if err != nil {
		s.Fatal(err)
	}
	tx, err := db.Reader.BeginTx(context.Background(), nil)
	if err != nil {
		s.Fatal(err)
	}
	var size int64
	if err := tx.QueryRow("SELECT count(*) FROM entry").Scan(&size); err != nil || size == 0 {
		s.Fatalf("%d records, %v", size, err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			s.Error(err)
		}
	}
}

// tries counts how often the portal has tried to open its trail again.
func (s *siege) tries() int {
	s.Helper()
	return s.logged("the trail is open again") + s.logged("the trail stays closed")
}

// logged counts the lines of the portal's log with these words.
func (s *siege) logged(words string) int {
	s.Helper()
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.Fatal(err)
	}
	return strings.Count(string(text), words)
}

// shown asks every question once and wants an answer that shows somebody, but for those that show other things.
func (s *siege) shown() {
	s.Helper()
	before := s.seen.len()
	for _, q := range s.questions() {
		if a := s.mustAsk(q); a.status != 200 {
			s.Fatalf("%s: status %d", q.path, a.status)
		}
	}
	if got := s.seen.len() - before; got < 8 {
		s.Errorf("only %d answers showed somebody", got)
	}
}

func (s *siege) refusesEverything() {
	s.Helper()
	for _, q := range s.questions() {
		if q.form == nil || strings.HasSuffix(q.path, "/reveal") { // a search that is posted shows nobody yet
			s.refuses(q)
		}
	}
}

// staysClosed looks for a while, which is many tries of the portal's.
func (s *siege) staysClosed(d time.Duration) {
	s.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if s.ready() {
			s.Fatal("the portal is ready again")
		}
		s.refuses(opens("canary-1"))
	}
}

// recoveries counts the records that a trail begins with after a fault.
func (s *siege) recoveries() (n int) {
	s.Helper()
	for _, all := range s.records(s.trail(), 0) {
		for _, r := range all {
			if r.recovered {
				n++
			}
		}
	}
	return n
}

// needMount gives a place where file systems of a test can be mounted, and unmounts what is left there at the end.
func needMount(t *testing.T) string {
	t.Helper()
	onlyAtWholeLength(t, "root", "mount", "mkfs.ext4", "losetup")
	return t.TempDir()
}

func sh(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// mountImage makes a file system of so many MiB in a file and mounts it at dir. It writes back by itself once a minute
// alone: what is not synced before is not in the file.
func mountImage(t *testing.T, image, dir, size string) {
	t.Helper()
	sh(t, "truncate", "-s", size, image)
	sh(t, "mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
	mount(t, image, dir, "loop,commit=60")
}

func mount(t *testing.T, image, dir, options string) (unmount func()) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-o", options, image, dir).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted here: %v %s", err, out)
	}
	mounted := true
	unmount = func() {
		if mounted {
			mounted = false
			sh(t, "umount", dir)
		}
	}
	t.Cleanup(unmount)
	return unmount
}

func TestAFullDiskClosesThePortalUntilThereIsRoom(t *testing.T) {
	place := needMount(t)
	mountImage(t, filepath.Join(place, "image"), filepath.Join(place, "disk"), "24M")
	s := besiege(t, portalProgram(t), filepath.Join(place, "disk", "data"), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	s.shown()
	for i, second := range []bool{false, true} {
		stop := s.load(4)
		ballast := s.fillDisk(filepath.Join(place, "disk", "ballast"))
		s.eventually("the disk is full", patience, func() bool { return !s.ready() })
		stop()
		s.refusesEverything()
		s.staysClosed(time.Second)
		if second { // room again, but the file is gone
			if err := errors.Join(os.Rename(s.trail(), s.trail()+".away"), os.Remove(ballast)); err != nil {
				t.Fatal(err)
			}
			s.staysClosed(2 * time.Second)
			if err := os.Rename(s.trail()+".away", s.trail()); err != nil {
				t.Fatal(err)
			}
		} else if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		s.eventually("the portal goes on", 10*time.Second, s.ready)
		s.shown()
		if got := s.recoveries(); got != i+1 {
			t.Errorf("the trail holds %d records of a recovery, want %d", got, i+1)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("the portal ended with %d", code)
	}
	s.allIsRecorded()
	t.Logf("full twice, %v", s.seen)
}

// fillDisk writes until nothing more fits, slowly at the end, while the portal is asked.
func (s *siege) fillDisk(path string) string {
	s.Helper()
	f, err := os.Create(path)
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) >= 1<<10; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
			time.Sleep(20 * time.Millisecond)
		} else if err != nil {
			s.Fatal(err)
		}
	}
	return path
}

// A file system that met an error of its device and went read-only does not come back by itself: nothing opens the portal.
func TestADiskThatFailsKeepsThePortalClosed(t *testing.T) {
	place := needMount(t)
	image, disk := filepath.Join(place, "image"), filepath.Join(place, "disk")
	sh(t, "truncate", "-s", "24M", image)
	sh(t, "mkfs.ext4", "-q", image)
	mount(t, image, disk, "loop,errors=remount-ro")
	device, err := exec.Command("findmnt", "-n", "-o", "SOURCE", disk).Output()
	if err != nil {
		t.Fatal(err)
	}
	s := besiege(t, portalProgram(t), filepath.Join(disk, "data"), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	s.shown()
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(device))), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("a test"), 0o200); err != nil {
		t.Skipf("the kernel cannot make a file system fail: %v", err)
	}
	s.eventually("the portal is closed", 10*time.Second, func() bool { s.mustAsk(opens("canary-0")); return !s.ready() })
	s.refusesEverything()
	s.staysClosed(2 * time.Second)
	s.kill()
	readable := filepath.Join(t.TempDir(), "audit.db")
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(s.trail()+suffix, readable+suffix); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.verify(readable, filepath.Join(s.keys, "anchor")); err != nil {
		t.Error(err)
	}
	if missing := s.unrecorded(readable, 0, s.seen.sightings()); len(missing) > 0 {
		t.Errorf("%d answers have no record, the first is %+v", len(missing), missing[0])
	}
}
