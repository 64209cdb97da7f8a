package store

import (
	"encoding/json"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// answer is what the store itself needs to know of a body; everything else is evidence's to read.
type answer struct {
	processID, provider, processType, status string
	created, updated                         int64
}

// readAnswer accepts one JSON object with strings processId, provider and status, whatever their values and whatever
// else it holds (reference section 4 lists what every answer has). Names are compared exactly, unlike with struct tags.
func readAnswer(body []byte) (answer, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return answer{}, notOneProcess("it is not one JSON object")
	}
	text := func(name string) string {
		var s string
		if json.Unmarshal(members[name], &s) != nil {
			return ""
		}
		return s
	}
	a := answer{processID: text("processId"), provider: text("provider"), processType: text("processType"), status: text("status"),
		created: sqlitedb.Millis(moment(text("createdAt"))), updated: sqlitedb.Millis(moment(text("updatedAt")))}
	for _, m := range []struct{ name, value string }{{"processId", a.processID}, {"provider", a.provider}, {"status", a.status}} {
		if m.value == "" {
			return answer{}, notOneProcess("it has no " + m.name)
		}
	}
	return a, nil
}

func notOneProcess(why string) error {
	return apperr.New(apperr.Unprocessable, "The answer is not one process: "+why+".", "Nothing was kept.")
}

func (a answer) final() bool { return evidence.DescribeStatus(a.status).Final }

func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
