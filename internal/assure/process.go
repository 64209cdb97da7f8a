package assure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Process is the answer to Get process. What is absent stays zero; FinalResult and ProviderSpecific are the bytes of
// those members, nil if absent. The body lacks dossier id, external id and external reference: see ListedProcess.
type Process struct {
	ProcessID          string
	Provider           string
	ProcessType        string
	Status             Status
	FailReason         *FailReason
	Depictions         []Depiction
	FinalResult        json.RawMessage
	ProviderSpecific   json.RawMessage
	RedactionRequested *bool
	StatusReasons      []StatusReason
	CreatedAt          string
	UpdatedAt          string
	Others             []string        // names of top-level members that the documentation does not have, sorted
	Raw                json.RawMessage // the whole body, byte for byte
}

// FailReason says why a process failed. Both published forms are read, {type, message} and {category, reason, message};
// a bare string becomes the message.
type FailReason struct {
	Type     Text `json:"type"`
	Category Text `json:"category"`
	Reason   Text `json:"reason"`
	Message  Text `json:"message"`
}

// UnmarshalJSON never fails on JSON of another form.
func (f *FailReason) UnmarshalJSON(b []byte) error {
	type plain FailReason
	*f = FailReason{}
	if len(b) > 0 && b[0] == '"' {
		return f.Message.UnmarshalJSON(b)
	}
	decode(b, (*plain)(f))
	return nil
}

// StatusReason is one reason for an inconclusive or rejected process; published for signicatpictureid, in beta.
type StatusReason struct {
	Type        Text `json:"type"`
	Category    Text `json:"category"`
	SubCategory Text `json:"subCategory"`
	Message     Text `json:"message"`
}

// ParseProcess reads a Get process answer. It fails if the body is not one JSON object, has no string processId, or
// names processId, provider or status twice, so that two readers could differ; it fails at nothing else.
// The Process shares memory with body.
func ParseProcess(body []byte) (Process, error) {
	members, err := topLevel(body)
	if err != nil {
		return Process{}, err
	}
	p := Process{Raw: body}
	known := p.targets()
	for name, value := range members {
		target, ok := known[name]
		if !ok {
			p.Others = append(p.Others, name)
			continue
		}
		decode(value, target)
	}
	slices.Sort(p.Others)
	if p.ProcessID == "" {
		return Process{}, fmt.Errorf("a process without processId: %w", ErrUnreadable)
	}
	p.FinalResult, p.ProviderSpecific = present(members["finalResult"]), present(members["providerSpecific"])
	return p, nil
}

// targets says where each documented member goes. FinalResult and ProviderSpecific are taken whole.
func (p *Process) targets() map[string]any {
	return map[string]any{
		"processId": &p.ProcessID, "provider": &p.Provider, "processType": &p.ProcessType, "status": &p.Status,
		"failReason": &p.FailReason, "depictions": &p.Depictions, "finalResult": &p.FinalResult,
		"providerSpecific": &p.ProviderSpecific, "redactionRequested": &p.RedactionRequested,
		"statusReasons": &p.StatusReasons, "createdAt": &p.CreatedAt, "updatedAt": &p.UpdatedAt,
	}
}

// topLevel reads the members of one JSON object. encoding/json would match names in any letter case and take the last
// of two, so that a body could be one process for this reader and another for the next.
func topLevel(body []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("an answer that is no JSON object: %w", ErrUnreadable)
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("an answer that is no JSON: %w", ErrUnreadable)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("an answer that is no JSON: %w", ErrUnreadable)
		}
		key, _ := name.(string)
		if _, twice := members[key]; twice && identifying(key) {
			return nil, fmt.Errorf("an answer that names %s twice: %w", key, ErrUnreadable)
		}
		members[key] = value
	}
	return members, endOf(d)
}

func identifying(name string) bool {
	return name == "processId" || name == "provider" || name == "status"
}

// endOf wants the object closed and nothing after it.
func endOf(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("an answer that is no JSON: %w", ErrUnreadable)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("an answer with something after its end: %w", ErrUnreadable)
	}
	return nil
}

// decode fills v as far as it can: encoding/json skips a value of the wrong type and goes on with the rest.
func decode(b []byte, v any) {
	if err := json.Unmarshal(b, v); err != nil {
		if _, wrongType := errors.AsType[*json.UnmarshalTypeError](err); !wrongType {
			return
		}
	}
}

func present(b json.RawMessage) json.RawMessage {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	return b
}
