package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/audit/audittest"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// noon is when most tests take place.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// house is a store on real files, with a clock that a test moves.
type house struct {
	*Store
	dir    string
	portal *sqlitedb.DB
	clock  *clock

	copyFrom int          // processes from which bitmaps are copied to a file; 0: the usual number
	logTo    *slog.Logger // nil: nowhere
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), clock: &clock{at: noon}}
	h.open(t)
	t.Cleanup(func() { h.close(t) })
	return h
}

func (h *house) open(t testing.TB) {
	t.Helper()
	var err error
	h.portal, err = sqlitedb.Open(context.Background(), sqlitedb.Options{Path: filepath.Join(h.dir, "portal.db"), Create: true, KeepLog: true,
		Migrations: sqlitedb.Migrations("portal")})
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{portal: h.portal, dir: h.dir, now: h.clock.now, log: cmp.Or(h.logTo, slog.New(slog.DiscardHandler)), copyFrom: cmp.Or(h.copyFrom, copyFrom)}
	if h.Store, err = open(context.Background(), s); err != nil {
		t.Fatal(err)
	}
}

func (h *house) close(t testing.TB) {
	t.Helper()
	if err := h.Store.Close(); err != nil {
		t.Error(err)
	}
	if err := h.portal.Close(); err != nil {
		t.Error(err)
	}
}

// reopen is a stop and a start.
func (h *house) reopen(t testing.TB) {
	t.Helper()
	h.close(t)
	h.open(t)
}

// person is an invented one whose process a test saves.
type person struct {
	id, dossier, external, reference string
	provider, processType, status    string
	first, last, born, document      string
	personal, nationality, country   string
	expiry                           string
	created, updated                 time.Time
	detail                           map[string]any // providerSpecific
	way                              WayIn
}

// body is a Get process answer about p.
func (p person) body(t testing.TB) []byte {
	t.Helper()
	answer := map[string]any{"processId": p.id, "provider": or(p.provider, "onfido"), "processType": or(p.processType, "documentPhoto"), "status": or(p.status, "accepted"),
		"createdAt": p.created.Format(time.RFC3339), "updatedAt": p.updated.Format(time.RFC3339)}
	final := map[string]any{}
	for name, value := range map[string]string{"firstName": p.first, "lastName": p.last, "dateOfBirth": p.born, "documentNumber": p.document,
		"personalIdentificationNumber": p.personal, "nationality": p.nationality, "issuingCountry": p.country, "dateOfExpiry": p.expiry} {
		if value != "" {
			final[name] = value
		}
	}
	if len(final) > 0 {
		answer["finalResult"] = final
	}
	if p.detail != nil {
		answer["providerSpecific"] = p.detail
	}
	body, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (p person) envelope() Envelope {
	return Envelope{ProcessID: p.id, DossierID: p.dossier, ExternalID: p.external, ExternalReference: p.reference,
		WayIn: WayIn(or(string(p.way), string(ByListing))), LastSeenUpstream: noon}
}

// save saves people, each made complete: ids p01, p02, …, created a minute apart.
func (h *house) save(t testing.TB, people ...person) []string {
	t.Helper()
	var ids []string
	for i, p := range people {
		if p.id == "" {
			p.id = fmt.Sprintf("p%02d", i+1)
		}
		if p.created.IsZero() {
			p.created = noon.Add(time.Duration(i-len(people)) * time.Minute)
		}
		if p.updated.IsZero() {
			p.updated = p.created
		}
		if _, err := h.Save(t.Context(), p.envelope(), p.body(t), noon); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.id)
	}
	return ids
}

// receipt records an access and gives what proves it.
func receipt(t testing.TB, trail *audit.Trail, e audit.Event) audit.Receipt {
	t.Helper()
	e.Outcome, e.Actor = audit.OK, audit.Actor{Issuer: "https://idp.test", Subject: "r1", Role: "auditor"}
	r, err := trail.Append(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newTrail(t testing.TB) *audit.Trail { return audittest.NewAt(t, func() time.Time { return noon }) }

func example(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "assure", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}
