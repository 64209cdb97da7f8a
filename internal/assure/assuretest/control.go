package assuretest

import (
	"encoding/json"
	"maps"
	"net/http"
)

// control lets whoever knows the client's credentials (Basic) steer a simulator that is another process: a fault to come,
// all of them taken away, every token revoked, and the requests so far by class.
func (s *Simulator) control(mux *http.ServeMux) {
	for pattern, serve := range map[string]http.HandlerFunc{
		"POST /simulator/faults":   s.takeFault,
		"DELETE /simulator/faults": func(w http.ResponseWriter, _ *http.Request) { s.Heal(); w.WriteHeader(http.StatusNoContent) },
		"DELETE /simulator/tokens": func(w http.ResponseWriter, _ *http.Request) { s.RevokeTokens(); w.WriteHeader(http.StatusNoContent) },
		"GET /simulator/requests":  s.tellRequests,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !s.knowsClient(r) {
				w.Header().Set("WWW-Authenticate", `Basic realm="simulator"`)
				http.Error(w, "the simulator's client may ask this", http.StatusUnauthorized)
				return
			}
			serve(w, r)
		})
	}
}

// takeFault reads a Fault as JSON, its sort by name.
func (s *Simulator) takeFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if f.Sort == StatusCode && (f.Status < 200 || f.Status > 599) {
		http.Error(w, "a fault of this sort needs a status from 200 to 599", http.StatusBadRequest)
		return
	}
	s.Fail(f)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Simulator) tellRequests(w http.ResponseWriter, _ *http.Request) {
	s.faults.mu.Lock()
	counts := maps.Clone(s.faults.counts)
	s.faults.mu.Unlock()
	writeJSON(w, http.StatusOK, counts)
}
