package demo

import (
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

// rareFrom is the first process that may be one of the rare ones: after those that stand for their kind and status. rareEvery is how many
// follow before the next of each.
const (
	rareFrom  = 70
	rareEvery = 1000
)

// rarities are what every company meets once in a long while and a demonstration must show: the document number of another person, and a
// final status that changes although none ever should. Number i is the same however many follow.
type rarities struct {
	lent               map[string]loan // by kind of document and country
	borrowing, turning int             // how many there are
}

// loan is a number that one dossier's document has.
type loan struct {
	number  string
	dossier int
}

// due reports whether it is time for rarity number n at process i.
func due(i, n int) bool { return i >= rareFrom+n*rareEvery }

// ordinary reports whether a process is one of those that a company has many of: accepted, with a document and always with a result, over
// before the start.
func (m *made) ordinary() bool {
	switch m.kind.provider {
	case "onfido", "signicatpictureid":
		return m.status == accepted && !m.live && !m.scheduled
	}
	return false
}

// borrow gives a document the number of somebody else's of the same kind and country, when it is time for it.
func (r *rarities) borrow(m *made, dossier int) bool {
	if !m.ordinary() {
		return false
	}
	key := m.doc.kind + " " + m.doc.issuer.country
	other, known := r.lent[key]
	if !known {
		r.lent[key], m.lends = loan{m.doc.number, dossier}, true
		return false
	}
	if other.dossier == dossier || !due(m.number, r.borrowing) {
		return false
	}
	r.borrowing++
	m.doc.number = other.number
	return true
}

// reverses reports whether it is time for a final status to change.
func (r *rarities) reverses(m *made) bool {
	if !m.ordinary() || m.planted || m.borrowed || m.lends || !due(m.number, r.turning) {
		return false
	}
	r.turning++
	return true
}

// When a process is accepted and then rejected, after the start: each late enough to be seen before, soon enough to be waited for.
const (
	acceptedAfter = 30 * time.Second
	reversedAfter = 90 * time.Second
)

// reverse has a process wait at the start, be accepted with content c, and be rejected a little later: without its result, as rejected ones
// are, and with nothing else of it changed.
func (k *maker) reverse(e *assuretest.Entry, m *made, c content) error {
	start := k.o.Now.UTC().Truncate(time.Second)
	m.created = start.Add(-time.Minute)
	waiting := *m
	waiting.status = pending
	taken := c
	taken.final = nil
	for _, stage := range []struct {
		status string
		at     time.Time
		c      content
	}{{pending, m.created, m.kind.detail(&waiting)}, {accepted, start.Add(acceptedAfter), c}, {rejected, start.Add(reversedAfter), taken}} {
		m.status, m.updated = stage.status, stage.at
		body, err := m.body(stage.c)
		if err != nil {
			return err
		}
		if stage.status == pending {
			e.Body = body
		} else {
			e.Later = append(e.Later, assuretest.Step{At: stage.at, Body: body})
		}
	}
	m.status = pending
	return nil
}
