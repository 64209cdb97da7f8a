// Package demo holds what portal demo embeds beside the portal itself: an OpenID Connect provider whose people sign in
// by name alone, and made-up verification processes for the Assure simulator. Everybody and every number in it is
// invented. Nothing here is used by portal serve, and nothing here guards anything worth guarding.
package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

// Options for made-up processes.
type Options struct {
	Processes int
	Seed      int64
	Now       time.Time // times are relative to midnight UTC of this day
}

// Summary counts what was made, for the start message and for tests.
type Summary struct {
	Processes, Dossiers int
	ByProvider          map[string]int
	ByStatus            map[string]int    // at the start
	ByPair              map[[2]string]int // provider and status at the start
	Planted             []string          // processes whose final result disagrees with one place of the detail
	Live                []string          // processes that finish within minutes of the start
	Reversed            []string          // processes whose final status changes within minutes of the start, against the rule
	Borrowed            []string          // processes whose document has the number of another person's
}

// String is a sentence for whoever starts the demo.
func (s Summary) String() string {
	return fmt.Sprintf("%d processes in %d dossiers; %d final results disagree with their detail, %d have the document number of another person; "+
		"%d processes finish within four minutes, %d final statuses change",
		s.Processes, s.Dossiers, len(s.Planted), len(s.Borrowed), len(s.Live), len(s.Reversed))
}

// Populate fills the simulator. Ids and values depend on the seed alone, and process number i is the same whatever
// o.Processes is. Times are relative to midnight UTC of o.Now's day and go back 25 days; a few lie between midnight and
// o.Now. About one process in a hundred is pending and finishes between 20 seconds and 4 minutes after o.Now: its times,
// and nothing else, depend on o.Now itself.
func Populate(sim *assuretest.Simulator, o Options) error {
	_, err := PopulateCounted(sim, o)
	return err
}

// PopulateCounted is Populate, and tells what it made.
func PopulateCounted(sim *assuretest.Simulator, o Options) (Summary, error) {
	return eachEntry(o, sim.Add)
}

// Planted lists the processes in which a disagreement was planted between the final result and one place of the
// provider-specific detail, in the order in which they are made.
func Planted(o Options) []string {
	summary, err := eachEntry(o, func(assuretest.Entry) error { return nil })
	if err != nil {
		return nil // Populate with the same options says why
	}
	return summary.Planted
}

// eachEntry makes the processes one by one, so that ten thousand need no more memory than those kept by take.
func eachEntry(o Options, take func(assuretest.Entry) error) (Summary, error) {
	return newMaker(o).each(take)
}

func (k *maker) each(take func(assuretest.Entry) error) (Summary, error) {
	o := k.o
	if o.Processes < 0 || o.Now.IsZero() {
		return Summary{}, errors.New("made-up processes: a count and a time are required")
	}
	for i, out := range outlines(o) {
		entry, err := k.next(i, out)
		if err == nil {
			err = take(entry)
		}
		if err != nil {
			return Summary{}, fmt.Errorf("made-up process %d: %w", i, err)
		}
	}
	return k.summary, nil
}

// maker carries what one process leaves to the next.
type maker struct {
	o          Options
	traditions []*tradition
	pictures   gallery
	planter    planter
	rarities   rarities
	dossier    dossier
	summary    Summary
}

// dossier is the customer to whom a process belongs.
type dossier struct {
	number   int
	id       string
	external string
	person   person
	userData []byte
}

func newMaker(o Options) *maker {
	return &maker{
		o: o, traditions: traditions(), pictures: gallery{},
		rarities: rarities{lent: map[string]loan{}},
		summary:  Summary{ByProvider: map[string]int{}, ByStatus: map[string]int{}, ByPair: map[[2]string]int{}},
	}
}

// secondIn is how often a process joins the dossier of the one before: somebody tried again.
const secondIn = 9

func (k *maker) next(i int, out outline) (assuretest.Entry, error) {
	m := &made{outline: out, dice: newDice(k.o.Seed, "process", i), seed: k.o.Seed, number: i, id: uuid(k.o.Seed, "process", i), planter: &k.planter}
	m.created, m.updated = times(m.dice, k.o, out)
	if i%secondIn != secondIn-1 || strings.HasPrefix(out.kind.provider, "connect:") {
		if err := k.openDossier(i, m); err != nil {
			return assuretest.Entry{}, err
		}
	}
	m.person = k.dossier.person
	papers := newDice(k.o.Seed, "document", k.dossier.number)
	m.doc = newDocument(papers, m.person, out.documentKind(m.dice), out.expiredDocument(), k.hosts())
	m.borrowed = k.rarities.borrow(m, k.dossier.number)
	entry := assuretest.Entry{
		DossierID: k.dossier.id, ExternalReference: k.dossier.external, ExternalID: m.externalID(), UserData: k.dossier.userData,
	}
	var err error
	if out.live {
		err = k.fillLive(&entry, m)
	} else {
		err = k.fill(&entry, m)
	}
	k.count(m)
	return entry, err
}

// fill writes a process that stays as it is.
func (k *maker) fill(e *assuretest.Entry, m *made) (err error) {
	c := m.kind.detail(m)
	if e.Body, err = m.body(c); err != nil {
		return err
	}
	k.attach(e, c)
	if m.reversed = k.rarities.reverses(m); m.reversed {
		if err := k.reverse(e, m, c); err != nil {
			return err
		}
	}
	if m.kind.provider == "readid" && withResult(m.status) {
		e.Raw, err = readIDRaw(m)
	}
	return err
}

// fillLive writes a process that waits at the start, is under way a little later and then finishes.
func (k *maker) fillLive(e *assuretest.Entry, m *made) error {
	m.planter = &planter{off: true} // what one watches should end without a riddle
	start := k.o.Now.UTC().Truncate(time.Second)
	under := start.Add(time.Duration(m.between(20, 60)) * time.Second)
	end := under.Add(time.Duration(m.between(30, 180)) * time.Second)
	m.created = start.Add(-time.Duration(m.between(20, 110)) * time.Second)
	ending := m.status
	for _, stage := range []struct {
		status string
		at     time.Time
	}{{pending, m.created}, {processing, under}, {ending, end}} {
		m.status, m.updated = stage.status, stage.at
		c := m.kind.detail(m)
		body, err := m.body(c)
		if err != nil {
			return err
		}
		if stage.status == pending {
			e.Body = body
			continue
		}
		e.Later = append(e.Later, assuretest.Step{At: stage.at, Body: body})
		k.attach(e, c)
	}
	m.status = pending
	return nil
}

// attach adds images and video; the pictures are shared between processes to keep memory small.
func (k *maker) attach(e *assuretest.Entry, c content) {
	if len(c.images) > 0 {
		e.Images = map[string]assuretest.Media{}
	}
	for _, depiction := range c.images {
		e.Images[depiction] = assuretest.Media{ContentType: "image/png", Body: k.pictures.get(depiction, k.dossier.number)}
	}
	if c.video {
		e.Video = &assuretest.Media{ContentType: "video/mp4", Body: emptyVideo()}
	}
	e.Redacted = c.redacted
}

func (k *maker) count(m *made) {
	k.summary.Processes++
	k.summary.ByProvider[m.kind.provider]++
	k.summary.ByStatus[m.status]++
	k.summary.ByPair[[2]string{m.kind.provider, m.status}]++
	if m.planted {
		k.summary.Planted = append(k.summary.Planted, m.id)
	}
	if m.reversed {
		k.summary.Reversed = append(k.summary.Reversed, m.id)
	}
	if m.borrowed {
		k.summary.Borrowed = append(k.summary.Borrowed, m.id)
	}
	if m.live {
		k.summary.Live = append(k.summary.Live, m.id)
	}
}

// hosts are the countries that give out residence permits here.
func (k *maker) hosts() []*tradition {
	var out []*tradition
	for _, t := range k.traditions {
		switch t.country {
		case "NLD", "DEU", "NOR", "SWE":
			out = append(out, t)
		}
	}
	return out
}
