package evidence

import "testing"

func TestStatusesSayWhetherTheyAreFinalAndHaveAResult(t *testing.T) {
	for status, want := range map[string]StatusInfo{
		"pending": {Known: true}, "processing": {Known: true},
		"accepted": {Known: true, Final: true, WithResult: true}, "rejected": {Known: true, Final: true, WithResult: true},
		"inconclusive": {Known: true, Final: true, WithResult: true},
		"canceled":     {Known: true, Final: true}, "failed": {Known: true, Final: true},
		"Accepted": {}, "cancelled": {}, "": {},
	} {
		got := DescribeStatus(status)
		if got.Words == "" || got.Status != status {
			t.Errorf("%q: %+v lacks words or its status", status, got)
		}
		got.Words, got.Status = "", ""
		if got != want {
			t.Errorf("%q is %+v, want %+v", status, got, want)
		}
	}
}

func TestProviderNames(t *testing.T) {
	for code, want := range map[string]string{
		"onfido": "Onfido", "signicatpaper": "Signicat Paper", "eid": "Electronic IDentification", "connect:idin": "Connect (idin)",
		"smileid": "smileid", "": "Unnamed provider",
	} {
		if got := ProviderName(code); got != want {
			t.Errorf("%q is called %q, want %q", code, got, want)
		}
	}
}

func TestCheckBodySaysWhyABodyIsRefused(t *testing.T) {
	const whole = `"processId":"p","provider":"onfido","status":"accepted","createdAt":"2026-03-02T09:14:05Z"`
	for name, tc := range map[string]struct{ body, want string }{
		"a whole body":                     {`{` + whole + `}`, ""},
		"a status nobody knows":            {`{"processId":"p","provider":"x","status":"y","createdAt":"z"}`, ""},
		"nothing":                          {``, "it is empty"},
		"a list":                           {`[{` + whole + `}]`, "it is a JSON array, not an object"},
		"two objects":                      {`{` + whole + `}{}`, "something follows the JSON value"},
		"the answer to Create process":     {`{` + whole + `,"authorization":"secret-token"}`, "it is the answer to Create process and holds a token; only answers to Get process can be imported"},
		"an authorization of null as well": {`{` + whole + `,"authorization":null}`, "it is the answer to Create process and holds a token; only answers to Get process can be imported"},
		"several faults at once":           {`{"processId":7,"provider":"onfido","status":null}`, "processId is not a string, status is not a string, createdAt is missing"},
		"an id without characters":         {`{"processId":"","provider":"onfido","status":"accepted","createdAt":"z"}`, "processId is empty"},
	} {
		if got := CheckBody([]byte(tc.body)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestEverySampleMayBeImported(t *testing.T) {
	for _, e := range examples(t) {
		if fault := CheckBody(e.body); fault != "" {
			t.Errorf("%s: %s", e.name, fault)
		}
	}
}
