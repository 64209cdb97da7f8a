package assuretest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/assure-portal/portal/internal/assure"
)

// processTypes are the documented process types of each provider, the default first; none means it has none.
func processTypes(provider string) (types []string, known bool) {
	switch provider {
	case "onfido":
		return []string{"documentSelfie", "document", "documentVideo"}, true
	case "signicatvideoid":
		return []string{"high", "substantial", "substantialFullyAuto"}, true
	case "readid":
		return []string{"sdk", "ready"}, true
	case "webid":
		return []string{"videoid", "accountid"}, true
	case "signicatpictureid":
		return []string{"documentSelfie", "document"}, true
	case "signicatpaper", "facetec":
		return nil, true
	}
	return nil, isConnect(provider)
}

// readBody reads a JSON object of at most 64 KiB; no body at all is an empty object.
func readBody(w http.ResponseWriter, r *http.Request, v any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(v)
	return err == nil || err == io.EOF
}

func (s *Simulator) createDossier(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ExternalReference string `json:"externalReference"`
	}
	if !readBody(w, r, &in) {
		s.badRequest(w, r, "The request cannot be fulfilled due to bad syntax")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	d := &dossier{id: newID(), reference: in.ExternalReference, createdAt: now}
	s.dossiers[d.id] = d
	writeJSON(w, http.StatusCreated, d.row(now))
}

// processBody is a process as its creation answers it: later answers lack the authorization.
type processBody struct {
	ProcessID     string `json:"processId"`
	Provider      string `json:"provider"`
	ProcessType   string `json:"processType,omitempty"`
	Status        string `json:"status"`
	Authorization string `json:"authorization,omitempty"`
	CreatedAt     string `json:"createdAt"`
	UpdatedAt     string `json:"updatedAt"`
}

func (s *Simulator) createProcess(w http.ResponseWriter, r *http.Request) {
	var in struct{ Provider, ProcessType string }
	if !readBody(w, r, &in) {
		s.badRequest(w, r, "The request cannot be fulfilled due to bad syntax")
		return
	}
	types, known := processTypes(in.Provider)
	if in.ProcessType == "" && len(types) > 0 {
		in.ProcessType = types[0]
	}
	if !known || in.ProcessType != "" && !slices.Contains(types, in.ProcessType) {
		s.badRequest(w, r, "provider or processType is not known.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.dossiers[r.PathValue("d")]
	if d == nil {
		s.problem(w, r, http.StatusNotFound, "Not Found", "Dossier not found.")
		return
	}
	now := wireTime(s.o.Now())
	body := processBody{ProcessID: newID(), Provider: in.Provider, ProcessType: in.ProcessType, Status: "pending", CreatedAt: now, UpdatedAt: now}
	if err := s.create(d, body); err != nil {
		s.problem(w, r, http.StatusInternalServerError, "Error", "The simulator could not make the process.")
		return
	}
	body.Authorization = "sim.sdk-token"
	writeJSON(w, http.StatusCreated, body)
}

func (s *Simulator) create(d *dossier, body processBody) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	p, err := newProcess(Entry{DossierID: d.id, ExternalID: newID(), Body: b})
	if err != nil {
		return err
	}
	return s.add(p)
}

// startProcess starts the verification of a pending process; it stays in processing until somebody replaces it.
func (s *Simulator) startProcess(w http.ResponseWriter, r *http.Request) {
	s.moveOn(w, r, map[string]any{"status": assure.Processing}, func(p *process) {
		if provider := p.states[0].parsed.Provider; provider == "readid" || provider == "webid" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"processId": p.id, "status": assure.Processing})
	})
}

// failProcess ends a pending process.
func (s *Simulator) failProcess(w http.ResponseWriter, r *http.Request) {
	reason := map[string]string{"category": "User.Request", "reason": "Process.Failed", "message": "Failed by request."}
	s.moveOn(w, r, map[string]any{"status": assure.Failed, "failReason": reason}, func(p *process) {
		writeJSON(w, http.StatusOK, map[string]any{"processId": p.id, "status": assure.Failed, "reason": reason})
	})
}

// moveOn changes members of a pending process and answers; a process that is not pending is a conflict.
func (s *Simulator) moveOn(w http.ResponseWriter, r *http.Request, change map[string]any, answer func(*process)) {
	if _, _, ok := s.find(w, r); !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.processes[r.PathValue("p")]
	now := s.o.Now()
	if p == nil || p.at(now).parsed.Status != assure.Pending {
		s.conflict(w, r)
		return
	}
	next, err := changed(p.at(now).body, change, now)
	if err != nil {
		s.problem(w, r, http.StatusInternalServerError, "Error", "The simulator could not change the process.")
		return
	}
	p.states = []state{next}
	answer(p)
}

func changed(body []byte, change map[string]any, now time.Time) (state, error) {
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		return state{}, err
	}
	maps.Copy(members, change)
	members["updatedAt"] = wireTime(now)
	b, err := json.Marshal(members)
	if err != nil {
		return state{}, err
	}
	return newState(time.Time{}, b)
}

func (s *Simulator) conflict(w http.ResponseWriter, r *http.Request) {
	s.problem(w, r, http.StatusConflict, "Conflict", "Conflict found while processing the request.")
}

// busy reports whether a process may not be deleted yet. The documentation names the rule and no status; here it is 409.
func (p *process) busy(now time.Time) bool {
	c := p.at(now).parsed
	return c.Provider == "onfido" && c.Status == assure.Processing
}

func (s *Simulator) deleteProcess(w http.ResponseWriter, r *http.Request) {
	p, _, ok := s.find(w, r)
	if !ok {
		return
	}
	if p.busy(s.o.Now()) {
		s.conflict(w, r)
		return
	}
	s.Delete(p.id)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Simulator) deleteDossier(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	d := s.dossiers[r.PathValue("d")]
	switch {
	case d == nil || !d.exists(now):
		s.problem(w, r, http.StatusNotFound, "Not Found", "Dossier not found.")
	case slices.ContainsFunc(d.processes, func(p *process) bool { return p.busy(now) }):
		s.conflict(w, r)
	default:
		for _, p := range slices.Clone(d.processes) {
			s.delete(p.id)
		}
		delete(s.dossiers, d.id)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Simulator) deleteAll(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.processes)
	clear(s.dossiers)
	s.order = nil
	w.WriteHeader(http.StatusNoContent)
}

// userDataBody is what the customer stated, as it is asked for and answered.
type userDataBody struct {
	DossierID string         `json:"dossierId,omitempty"`
	UserData  map[string]any `json:"userData"`
	CreatedAt string         `json:"createdAt,omitempty"`
	UpdatedAt string         `json:"updatedAt,omitempty"`
}

func (s *Simulator) createUserData(w http.ResponseWriter, r *http.Request) {
	s.changeDossier(w, r, func(d *dossier, in userDataBody) int {
		if d.userData != nil {
			return http.StatusConflict
		}
		in.DossierID, in.CreatedAt, in.UpdatedAt = d.id, wireTime(s.o.Now()), wireTime(s.o.Now())
		return d.keep(in, http.StatusCreated)
	})
}

// changeUserData merges; an empty string takes a field out.
func (s *Simulator) changeUserData(w http.ResponseWriter, r *http.Request) {
	s.changeDossier(w, r, func(d *dossier, in userDataBody) int {
		var kept userDataBody
		if d.userData == nil || json.Unmarshal(d.userData, &kept) != nil {
			return http.StatusNotFound
		}
		for name, value := range in.UserData {
			kept.UserData[name] = value
			if value == "" {
				delete(kept.UserData, name)
			}
		}
		kept.UpdatedAt = wireTime(s.o.Now())
		return d.keep(kept, http.StatusNoContent)
	})
}

func (d *dossier) keep(u userDataBody, status int) int {
	b, err := json.Marshal(u)
	if err != nil {
		return http.StatusInternalServerError
	}
	d.userData = b
	return status
}

func (s *Simulator) deleteUserData(w http.ResponseWriter, r *http.Request) {
	s.changeDossier(w, r, func(d *dossier, _ userDataBody) int {
		d.userData = nil
		return http.StatusNoContent
	})
}

// changeDossier reads a body, finds the dossier, and answers the status that change gives.
func (s *Simulator) changeDossier(w http.ResponseWriter, r *http.Request, change func(*dossier, userDataBody) int) {
	in := userDataBody{UserData: map[string]any{}}
	if !readBody(w, r, &in) {
		s.problem(w, r, http.StatusBadRequest, "Bad Request", "The request cannot be fulfilled due to bad syntax")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.dossiers[r.PathValue("d")]
	if d == nil || !d.exists(s.o.Now()) {
		s.problem(w, r, http.StatusNotFound, "Not Found", "Dossier not found.")
		return
	}
	if status := change(d, in); status >= http.StatusBadRequest {
		s.problem(w, r, status, http.StatusText(status), "The user data is not there, or there already.")
	} else {
		w.WriteHeader(status)
	}
}
