package assuretest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/assure-portal/portal/internal/assure"
)

func (s *Simulator) getProcess(w http.ResponseWriter, r *http.Request) {
	if _, current, ok := s.find(w, r); ok {
		writeBytes(w, "application/json", current.body)
	}
}

// getImage refuses a depiction that the provider never has (400), one that is not there (404), and one whose redaction
// was not complete (403).
func (s *Simulator) getImage(w http.ResponseWriter, r *http.Request) {
	p, current, ok := s.find(w, r)
	if !ok {
		return
	}
	name := r.URL.Query().Get("depiction")
	image, there := p.Images[name]
	switch {
	case !assure.Depiction(name).Known():
		s.problem(w, r, http.StatusBadRequest, "Bad Request", "depiction must be front, back, selfie or portrait.")
	case !there && !offers(current.parsed.Provider, assure.Depiction(name)):
		s.problem(w, r, http.StatusBadRequest, "Bad Request", "This image type is not provided by this provider.")
	case !there || current.parsed.Status == assure.Pending:
		s.problem(w, r, http.StatusNotFound, "Not Found", "Image not found.")
	case slices.Contains(p.Redacted, name):
		s.problem(w, r, http.StatusForbidden, "Forbidden", "The image was not fully redacted.")
	default:
		writeBytes(w, "application/octet-stream", image.Body)
	}
}

// offers follows the documentation for portrait; the rest is from the samples. Of a provider that nobody knows,
// anything may come.
func offers(provider string, d assure.Depiction) bool {
	switch {
	case isVideoID(provider):
		return true
	case provider == "readid":
		return d == assure.Portrait || d == assure.Selfie
	case d == assure.Portrait, provider == "webid", isConnect(provider):
		return false
	case provider == "signicatpaper":
		return d != assure.Selfie
	case provider == "facetec":
		return d != assure.Back
	}
	return true
}

func (s *Simulator) getVideo(w http.ResponseWriter, r *http.Request) {
	p, current, ok := s.find(w, r)
	if !ok {
		return
	}
	c := current.parsed
	switch {
	case p.Video == nil && !isVideoID(c.Provider) && !(c.Provider == "onfido" && c.ProcessType == "documentVideo"):
		s.problem(w, r, http.StatusBadRequest, "Bad Request", "There is no video for this provider or process type.")
	case p.Video == nil || !c.Status.Final():
		s.problem(w, r, http.StatusNotFound, "Not Found", "Video not found.")
	default:
		writeBytes(w, p.Video.ContentType, p.Video.Body)
	}
}

// getRaw is for readid alone; the documentation does not say what the others answer, here it is 404.
func (s *Simulator) getRaw(w http.ResponseWriter, r *http.Request) {
	p, current, ok := s.find(w, r)
	if !ok {
		return
	}
	switch {
	case current.parsed.Provider != "readid":
		s.problem(w, r, http.StatusNotFound, "Not Found", "There is no raw data for this provider.")
	case !current.parsed.Status.Final():
		w.WriteHeader(http.StatusNoContent)
	case p.Raw == nil:
		s.problem(w, r, http.StatusNotFound, "Not Found", "Raw data not found.")
	default:
		writeBytes(w, "application/json", p.Raw)
	}
}

// getZip gives the archive of a process with a result. Timestamps exist for signicatvideoid alone; asking for those of
// another is taken for a bad request.
func (s *Simulator) getZip(w http.ResponseWriter, r *http.Request) {
	p, current, ok := s.find(w, r)
	if !ok {
		return
	}
	stamps, err := strconv.ParseBool(r.URL.Query().Get("includeTimestamps"))
	switch {
	case r.URL.Query().Has("includeTimestamps") && err != nil, stamps && !isVideoID(current.parsed.Provider):
		s.problem(w, r, http.StatusBadRequest, "Bad Request", "There are no timestamps.")
	case !current.parsed.Status.HasResult() || p.Zip == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeBytes(w, "application/zip", p.Zip)
	}
}

// getExternalID answers 400 where the provider has none, as facetec.
func (s *Simulator) getExternalID(w http.ResponseWriter, r *http.Request) {
	p, current, ok := s.find(w, r)
	if !ok {
		return
	}
	id := p.externalID(current)
	if id == "" {
		s.problem(w, r, http.StatusBadRequest, "Bad Request", "There is no external id.")
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"externalId": id})
}

func (s *Simulator) getUserData(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := s.dossiers[r.PathValue("d")]
	switch {
	case d == nil || !d.exists(s.o.Now()):
		s.problem(w, r, http.StatusNotFound, "Not Found", "Dossier not found.")
	case d.userData == nil:
		s.problem(w, r, http.StatusNotFound, "Not Found", "User data not found.")
	default:
		writeBytes(w, "application/json", d.userData)
	}
}

// documentTypes is one row for each; the real lists are long.
func (s *Simulator) documentTypes(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, []map[string]any{
		{"country": "NOR", "countryName": "Norway", "type": "passport", "id": 147, "name": "Passport", "subType": "Passport", "icao": "TD3"},
		{"country": "NLD", "countryName": "Netherlands", "type": "identityCard", "id": 212, "name": "Identity card", "subType": "Identity card", "icao": "TD1"},
	})
}
