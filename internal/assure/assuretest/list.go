package assuretest

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/assure"
)

// dossierLimit is how many dossiers are listed, as documented.
const dossierLimit = 100

// The documented order and its opposite, whose name the documentation leaves out.
const (
	newestFirst = "createdAtDescending"
	oldestFirst = "createdAtAscending"
)

type dossierRow struct {
	DossierID         string `json:"dossierId"`
	ExternalReference string `json:"externalReference,omitempty"`
	CreatedAt         string `json:"createdAt"`
	UpdatedAt         string `json:"updatedAt"`
}

// dossierAnswer is a dossier asked for by its id.
type dossierAnswer struct {
	dossierRow
	Processes []slimRow `json:"processes"`
}

type slimRow struct {
	ProcessID   string `json:"processId"`
	Provider    string `json:"provider"`
	ProcessType string `json:"processType,omitempty"`
	Status      string `json:"status"`
	CreatedAt   string `json:"createdAt"`
	UpdatedAt   string `json:"updatedAt"`
}

type processRow struct {
	ProcessID   string          `json:"processId"`
	Dossier     dossierRow      `json:"dossier"`
	Provider    string          `json:"provider"`
	Status      string          `json:"status"`
	ProcessType string          `json:"processType,omitempty"`
	CreatedAt   string          `json:"createdAt"`
	UpdatedAt   string          `json:"updatedAt"`
	ExternalID  string          `json:"externalId,omitempty"`
	RawReason   json.RawMessage `json:"failReason,omitempty"`
}

type listFilters struct {
	Start  string   `json:"startCreationDate"`
	End    string   `json:"endCreationDate,omitempty"`
	Status []string `json:"statusList,omitempty"`
	Offset int      `json:"offset"`
	Limit  int      `json:"limit"`
	Order  string   `json:"order"`

	from, to time.Time
}

func (s *Simulator) listProcesses(w http.ResponseWriter, r *http.Request) {
	f, err := readFilters(r.URL.Query())
	if err != nil {
		s.badRequest(w, r, err.Error()+".")
		return
	}
	s.sort()
	s.mu.RLock()
	defer s.mu.RUnlock()
	rows, total := s.page(f, s.o.Now())
	writeJSON(w, http.StatusOK, map[string]any{"processes": rows, "filters": f, "totalResults": total})
}

func readFilters(q url.Values) (listFilters, error) {
	f := listFilters{Start: q.Get("startCreationDate"), End: q.Get("endCreationDate"), Order: cmp.Or(q.Get("order"), newestFirst)}
	var startErr, endErr, offsetErr, limitErr error
	f.from, startErr = time.Parse(time.RFC3339, f.Start)
	if f.End != "" {
		f.to, endErr = time.Parse(time.RFC3339, f.End)
	}
	f.Offset, offsetErr = number(q, "offset", 0, 0, assure.MaxListOffset)
	f.Limit, limitErr = number(q, "limit", 100, 1, assure.MaxListLimit)
	for _, list := range q["status"] {
		f.Status = append(f.Status, strings.Split(list, ",")...)
	}
	switch {
	case startErr != nil:
		return f, errors.New("startCreationDate is required, as YYYY-MM-DDThh:mm:ssZ")
	case endErr != nil:
		return f, errors.New("endCreationDate must be YYYY-MM-DDThh:mm:ssZ")
	case f.End != "" && f.from.After(f.to):
		return f, errors.New("startCreationDate must not be after endCreationDate")
	case f.Order != newestFirst && f.Order != oldestFirst:
		return f, errors.New("order is not known")
	case slices.ContainsFunc(f.Status, func(v string) bool { return !assure.Status(v).Known() }):
		return f, errors.New("status is not known")
	}
	return f, errors.Join(offsetErr, limitErr)
}

func number(q url.Values, name string, otherwise, least, most int) (int, error) {
	if !q.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < least || n > most {
		return 0, errors.New(name + " must be between " + strconv.Itoa(least) + " and " + strconv.Itoa(most))
	}
	return n, nil
}

// page walks the processes of the window once: oldest first they are sorted, newest first is the same from behind.
func (s *Simulator) page(f listFilters, now time.Time) ([]processRow, int) {
	window := s.window(f, now)
	rows, total := []processRow{}, 0
	for i := range window {
		p := window[i]
		if f.Order == newestFirst {
			p = window[len(window)-1-i]
		}
		current := p.at(now)
		if len(f.Status) > 0 && !slices.Contains(f.Status, string(current.parsed.Status)) {
			continue
		}
		if total >= f.Offset && len(rows) < f.Limit {
			rows = append(rows, p.row(current, now))
		}
		total++
	}
	return rows, total
}

// window cuts out what was created between the filter's dates, both inclusive, in the last 30 days, and exists by now.
func (s *Simulator) window(f listFilters, now time.Time) []*process {
	from, to := f.from, now
	if oldest := now.Add(-assure.ListWindow); from.Before(oldest) {
		from = oldest
	}
	if f.End != "" && f.to.Before(to) {
		to = f.to
	}
	first, _ := slices.BinarySearchFunc(s.order, from, func(p *process, t time.Time) int { return p.createdAt.Compare(t) })
	rest := s.order[first:]
	count, _ := slices.BinarySearchFunc(rest, to, func(p *process, t time.Time) int {
		if p.createdAt.After(t) {
			return 1
		}
		return -1
	})
	return rest[:count]
}

// sort puts the processes in order if some came since.
func (s *Simulator) sort() {
	s.mu.RLock()
	sorted := s.sorted
	s.mu.RUnlock()
	if sorted {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.order, func(a, b *process) int { return cmp.Or(a.createdAt.Compare(b.createdAt), cmp.Compare(a.id, b.id)) })
	s.sorted = true
}

func (p *process) row(current state, now time.Time) processRow {
	c := current.parsed
	return processRow{ProcessID: p.id, Dossier: p.dossier.row(now), Provider: c.Provider, Status: string(c.Status), ProcessType: c.ProcessType,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ExternalID: p.externalID(current), RawReason: member(current.body, "failReason")}
}

// externalID is the provider's id; that of readid is the process id until the process is over.
func (p *process) externalID(current state) string {
	if current.parsed.Provider == "readid" && !current.parsed.Status.Final() {
		return p.id
	}
	return p.ExternalID
}

func member(body []byte, name string) json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(body, &m) != nil {
		return nil
	}
	return m[name]
}

// row gives the dossier without its processes. It was updated when its newest process was.
func (d *dossier) row(now time.Time) dossierRow {
	row := dossierRow{DossierID: d.id, ExternalReference: d.reference, CreatedAt: wireTime(d.createdAt), UpdatedAt: wireTime(d.createdAt)}
	for _, p := range d.processes {
		if u := p.at(now).parsed.UpdatedAt; !p.createdAt.After(now) && u > row.UpdatedAt {
			row.UpdatedAt = u
		}
	}
	return row
}

func (s *Simulator) listDossiers(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.o.Now()
	var there []*dossier
	for _, d := range s.dossiers {
		if d.exists(now) {
			there = append(there, d)
		}
	}
	slices.SortFunc(there, func(a, b *dossier) int { return cmp.Or(b.createdAt.Compare(a.createdAt), cmp.Compare(a.id, b.id)) })
	rows := []dossierRow{}
	for _, d := range there[:min(len(there), dossierLimit)] {
		rows = append(rows, d.row(now))
	}
	writeJSON(w, http.StatusOK, rows)
}

func (s *Simulator) getDossier(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.o.Now()
	d := s.dossiers[r.PathValue("d")]
	if d == nil || !d.exists(now) {
		s.problem(w, r, http.StatusNotFound, "Not Found", "Dossier not found.")
		return
	}
	answer := dossierAnswer{dossierRow: d.row(now), Processes: []slimRow{}}
	for _, p := range d.processes {
		if c := p.at(now).parsed; !p.createdAt.After(now) {
			answer.Processes = append(answer.Processes, slimRow{p.id, c.Provider, c.ProcessType, string(c.Status), c.CreatedAt, c.UpdatedAt})
		}
	}
	writeJSON(w, http.StatusOK, answer)
}
