package assure

import (
	"encoding/json"
	"fmt"
	"time"
)

// Limits of GET /processes as documented.
const (
	MaxListLimit  = 2000
	MaxListOffset = 200_000
	ListWindow    = 30 * 24 * time.Hour // processes created longer ago are not listed
)

// ListedProcess is one row of a listing: everything but the result. Rows of GetDossier have no ExternalID, Dossier
// times or FailReason of their own; their Dossier is the dossier asked for. A time that cannot be read is zero.
type ListedProcess struct {
	ProcessID   string
	Provider    string
	ProcessType string
	Status      Status
	CreatedAt   time.Time
	UpdatedAt   time.Time
	ExternalID  string
	Dossier     ListedDossier
	FailReason  json.RawMessage
}

// ListedDossier is the dossier of a listed process.
type ListedDossier struct {
	DossierID         string
	ExternalReference string
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// ListFilter chooses processes by their creation. Start is required and both ends are whole seconds, inclusive.
// A zero End means until now, no Statuses means all, Limit 0 means Assure's default of 100.
type ListFilter struct {
	Start, End    time.Time
	Statuses      []Status
	Offset, Limit int
	Ascending     bool
}

// ProcessList is a page of a listing. TotalResults counts what the filter matches before paging.
type ProcessList struct {
	Processes    []ListedProcess
	TotalResults int
}

// Dossier holds the processes about one person or case. ListDossiers leaves Processes empty.
type Dossier struct {
	DossierID         string
	ExternalReference string
	CreatedAt         time.Time
	UpdatedAt         time.Time
	Processes         []ListedProcess
}

// Moment is a time of the API. JSON that is no RFC 3339 time becomes zero.
type Moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *Moment) UnmarshalJSON(b []byte) error {
	var s string
	m.Time = time.Time{}
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		m.Time = t.UTC()
	}
	return nil
}

type wireDossier struct {
	DossierID         Text          `json:"dossierId"`
	ExternalReference Text          `json:"externalReference"`
	CreatedAt         Moment        `json:"createdAt"`
	UpdatedAt         Moment        `json:"updatedAt"`
	Processes         []wireProcess `json:"processes"`
}

type wireProcess struct {
	ProcessID   Text            `json:"processId"`
	Provider    Text            `json:"provider"`
	ProcessType Text            `json:"processType"`
	Status      Text            `json:"status"`
	CreatedAt   Moment          `json:"createdAt"`
	UpdatedAt   Moment          `json:"updatedAt"`
	ExternalID  Text            `json:"externalId"`
	Dossier     wireDossier     `json:"dossier"`
	FailReason  json.RawMessage `json:"failReason"`
}

func (w wireProcess) listed(d ListedDossier) ListedProcess {
	return ListedProcess{ProcessID: string(w.ProcessID), Provider: string(w.Provider), ProcessType: string(w.ProcessType),
		Status: Status(w.Status), CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time, ExternalID: string(w.ExternalID),
		Dossier: d, FailReason: w.FailReason}
}

func (w wireDossier) listed() ListedDossier {
	return ListedDossier{DossierID: string(w.DossierID), ExternalReference: string(w.ExternalReference),
		CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time}
}

func (w wireDossier) dossier() Dossier {
	l := w.listed()
	d := Dossier{DossierID: l.DossierID, ExternalReference: l.ExternalReference, CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt}
	for _, p := range w.Processes {
		d.Processes = append(d.Processes, p.listed(l))
	}
	return d
}

// parseProcessList refuses a page that does not say how many there are: completeness is counted with it.
func parseProcessList(body []byte) (ProcessList, error) {
	var w struct {
		Processes    []wireProcess `json:"processes"`
		TotalResults *int          `json:"totalResults"`
	}
	if err := json.Unmarshal(body, &w); err != nil || w.TotalResults == nil || *w.TotalResults < 0 {
		return ProcessList{}, fmt.Errorf("reading the list of processes: %w", ErrUnreadable)
	}
	list := ProcessList{TotalResults: *w.TotalResults}
	for _, p := range w.Processes {
		list.Processes = append(list.Processes, p.listed(p.Dossier.listed()))
	}
	return list, nil
}

func parseDossiers(body []byte) ([]Dossier, error) {
	var w []wireDossier
	if err := json.Unmarshal(body, &w); err != nil {
		return nil, fmt.Errorf("reading the list of dossiers: %w", ErrUnreadable)
	}
	dossiers := make([]Dossier, 0, len(w))
	for _, d := range w {
		dossiers = append(dossiers, d.dossier())
	}
	return dossiers, nil
}

func parseDossier(body []byte) (Dossier, error) {
	var w wireDossier
	if err := json.Unmarshal(body, &w); err != nil {
		return Dossier{}, fmt.Errorf("reading a dossier: %w", ErrUnreadable)
	}
	return w.dossier(), nil
}
