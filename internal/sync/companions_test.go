package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// png is the start of an invented picture, enough for its type to be known.
var png = []byte("\x89PNG\r\n\x1a\n invented")

func (b *bench) addWithImages(n int, status string, redacted ...string) {
	b.Helper()
	front, video := assuretest.Media{Body: png}, assuretest.Media{ContentType: "video/mp4", Body: []byte("invented video")}
	e := assuretest.Entry{DossierID: dossierID(n / 2), ExternalID: "ext", Body: body(n, status, noon.Add(-time.Hour)), Redacted: redacted,
		Images: map[string]assuretest.Media{"front": front, "selfie": front}}
	if n%2 == 0 {
		e.Video = &video
		e.Body = []byte(`{"processId":"` + processID(n) + `","provider":"signicatvideoid","processType":"high","status":"` + status +
			`","createdAt":"2026-03-20T11:00:00Z","updatedAt":"2026-03-20T11:05:00Z"}`)
	}
	if err := b.sim.Add(e); err != nil {
		b.Fatal(err)
	}
}

func keepImages(o *Options) { o.KeepImages = true }

func TestAttachmentsOfFinishedProcessesAreKeptWhereThatIsChosen(t *testing.T) {
	tests := []struct {
		name     string
		n        int
		status   string
		keep     func(*Options)
		redacted string
		want     []string
	}{
		{"images of a finished process", 1, "accepted", keepImages, "", []string{"front", "selfie"}},
		{"and its video", 2, "rejected", keepImages, "", []string{"front", "selfie", "video"}},
		{"without the one that was to be redacted", 1, "accepted", keepImages, "front", []string{"selfie"}},
		{"none of a process that is not over", 1, "processing", keepImages, "", nil},
		{"none where they are not kept", 2, "accepted", func(*Options) {}, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, test.keep)
			b.addWithImages(test.n, test.status, test.redacted)
			if totals, err := b.once(); err != nil || totals.Fetched != 1 {
				t.Fatalf("%v, %v", totals, err)
			}
			if got := must(b.store.HeldMedia(t.Context(), processID(test.n))); !slices.Equal(got, test.want) {
				t.Errorf("kept %v, want %v", got, test.want)
			}
			assertNothingLeft(b)
		})
	}
}

func keepArchives(o *Options) { o.KeepArchives = true }

var zip = []byte("PK invented")

func (b *bench) addWithArchive(n int, status string) {
	b.Helper()
	if err := b.sim.Add(assuretest.Entry{DossierID: dossierID(n), Body: body(n, status, noon.Add(-time.Hour)), Zip: zip}); err != nil {
		b.Fatal(err)
	}
}

func TestArchivesOfProcessesWithAResultAreKeptWhereThatIsChosen(t *testing.T) {
	sum := sha256.Sum256(zip)
	kept := store.HeldArchive{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(zip)), ReceivedAt: noon}
	for _, test := range []struct {
		name, status string
		keep         func(*Options)
		want         store.HeldArchive
	}{
		{"of one with a result", "rejected", keepArchives, kept},
		{"none of one that is not over", "processing", keepArchives, store.HeldArchive{}},
		{"none of one that was given up, which has none", "canceled", keepArchives, store.HeldArchive{}},
		{"none where only images are kept", "accepted", keepImages, store.HeldArchive{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, test.keep)
			b.addWithArchive(1, test.status)
			if totals, err := b.once(); err != nil || totals.Fetched != 1 {
				t.Fatalf("%v, %v", totals, err)
			}
			got := must(b.store.HeldArchive(t.Context(), processID(1)))
			got.ReceivedAt = got.ReceivedAt.UTC()
			if got != test.want {
				t.Errorf("kept %+v, want %+v", got, test.want)
			}
			assertNothingLeft(b)
		})
	}
}

func TestAnArchiveThatIsMadeLaterIsOwedUntilItIsThere(t *testing.T) {
	b := newBench(t, keepArchives)
	b.addWithArchive(1, "accepted")
	b.sim.Fail(assuretest.Fault{Class: assuretest.Download, Sort: assuretest.StatusCode, Status: 204, Times: -1})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if owed := must(b.store.Owed(t.Context(), "", 10)); !slices.Equal(owed, []string{processID(1)}) || !b.holds(1) {
		t.Fatalf("owed %v, held %v", owed, b.holds(1))
	}
	b.sim.Heal()
	b.clock.forward(time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if held := must(b.store.HeldArchive(t.Context(), processID(1))); held.SHA256 == "" {
		t.Error("the archive was not asked for again")
	}
	assertNothingLeft(b)
}

func TestAttachmentsThatFailComeLaterAndTheProcessDoesNotWaitForThem(t *testing.T) {
	b := newBench(t, keepImages)
	b.addWithImages(2, "accepted")
	b.sim.Fail(assuretest.Fault{Class: assuretest.Video, Sort: assuretest.StatusCode, Status: 503, Times: -1})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if got := must(b.store.HeldMedia(t.Context(), processID(2))); !b.holds(2) || !slices.Equal(got, []string{"front", "selfie"}) {
		t.Fatalf("held %v with %v", b.holds(2), got)
	}
	b.restart(keepImages) // what is owed is known after a restart, too
	b.sim.Heal()
	b.clock.forward(time.Minute)
	images := b.sim.Requests(assuretest.Images)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if got := must(b.store.HeldMedia(t.Context(), processID(2))); !slices.Equal(got, []string{"front", "selfie", "video"}) {
		t.Errorf("kept %v after healing", got)
	}
	if again := b.sim.Requests(assuretest.Images) - images; again > 2 {
		t.Errorf("%d images were asked for again", again)
	}
	if n := len(b.records(audit.ProcessFetch)); n != 1 {
		t.Errorf("%d arrivals of one version are recorded", n)
	}
	assertNothingLeft(b)
}

func TestWhatIsOwedToAProcessThatIsGoneIsNotAskedFor(t *testing.T) {
	b := newBench(t, keepImages)
	b.addWithImages(2, "accepted")
	b.sim.Fail(assuretest.Fault{Class: assuretest.Video, Sort: assuretest.StatusCode, Status: 503, Times: -1})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	b.sim.Heal()
	b.sim.Delete(processID(2))
	b.clock.forward(time.Minute)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if !b.head(2).Gone {
		t.Error("the process is not marked as gone")
	}
	assertNothingLeft(b)
}

func TestTheProvidersIDIsAskedForWhereNoListingToldIt(t *testing.T) {
	b := newBench(t)
	b.add(1, "accepted", time.Hour)
	b.runner.readHint(t.Context(), hint{dossierID(0), processID(1)})
	if got := b.head(1).ExternalID; got != "ext-1" {
		t.Errorf("the provider's id is %q", got)
	}
}

func TestStatedDataThatAreNoUseKeepNoAttachmentWaiting(t *testing.T) {
	b := newBench(t, keepImages)
	b.addWithImages(2, "accepted")
	b.sim.Fail(assuretest.Fault{Class: assuretest.UserData, Sort: assuretest.NotJSON, Times: -1})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if got := must(b.store.HeldMedia(t.Context(), processID(2))); !slices.Equal(got, []string{"front", "selfie", "video"}) {
		t.Errorf("kept %v", got)
	}
	if owed := must(b.store.OwedParts(t.Context(), processID(2))); !slices.Equal(owed, []string{"userdata"}) {
		t.Errorf("owed are %v", owed)
	}
	b.sim.Heal()
	b.clock.forward(2 * time.Hour)
	before := b.sim.Requests(assuretest.Any) - b.sim.Requests(assuretest.UserData)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if n := b.sim.Requests(assuretest.Any) - b.sim.Requests(assuretest.UserData) - before; n > 3 { // listing, dossiers, dossier
		t.Errorf("%d requests were made beside the one that was owed", n)
	}
	assertNothingLeft(b)
}

// reads are the requests for processes and what belongs to them so far.
func (b *bench) reads() (n int) {
	for _, c := range []assuretest.Class{assuretest.Process, assuretest.UserData, assuretest.ExternalID, assuretest.Images, assuretest.Video, assuretest.Download} {
		n += b.sim.Requests(c)
	}
	return n
}

// An end at any request repeats what was under way, which is one request a worker, and nothing that was answered and kept.
func TestAnEndAtAnyRequestRepeatsOnlyWhatWasUnderWay(t *testing.T) {
	furnish := func(b *bench) {
		for n := range 4 {
			b.addWithImages(n, "accepted")
		}
	}
	whole := newBench(t, keepImages)
	furnish(whole)
	if _, err := whole.once(); err != nil {
		t.Fatal(err)
	}
	want := whole.reads()
	for _, workers := range []int{1, 3} {
		few := func(o *Options) { o.Workers, o.KeepImages = workers, true }
		for stop := 3; stop < want+2; stop += workers {
			t.Run(fmt.Sprintf("%d workers, at request %d", workers, stop), func(t *testing.T) {
				b := newBench(t, few)
				furnish(b)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var requests counter
				b.before(func() {
					if requests.next() == stop {
						cancel()
					}
				})
				if _, err := b.runner.Once(ctx, time.Time{}, nil); !errors.Is(err, context.Canceled) {
					t.Fatalf("the first run was to be called off, got %v", err)
				}
				b.before(func() {})
				b.restart(few)
				if _, err := b.once(); err != nil {
					t.Fatal(err)
				}
				if n := b.reads() - want; n > workers {
					t.Errorf("%d requests were repeated for %d workers", n, workers)
				}
				assertNothingLeft(b)
			})
		}
	}
}

// A clock upstream that jumps back, or a replica that lags, answers 404 for what is there.
func TestWhatIsOwedToAProcessThatComesBackIsPaid(t *testing.T) {
	b := newBench(t, keepImages)
	b.addWithImages(2, "accepted") // created an hour before noon
	b.sim.Fail(assuretest.Fault{Class: assuretest.Video, Status: 503, Times: -1})
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	b.sim.Heal()
	b.clock.forward(-2 * time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if !b.head(2).Gone {
		t.Fatal("the process is not gone")
	}
	b.clock.forward(3 * time.Hour)
	if _, err := b.once(); err != nil {
		t.Fatal(err)
	}
	if got := must(b.store.HeldMedia(t.Context(), processID(2))); b.head(2).Gone || !slices.Equal(got, []string{"front", "selfie", "video"}) {
		t.Errorf("gone %v, kept %v", b.head(2).Gone, got)
	}
	assertNothingLeft(b)
}
