package evidence

import (
	"strings"
	"testing"
)

func TestUnknownFieldsOfTheFinalResultAreTraced(t *testing.T) {
	for name, tc := range map[string]struct{ final, detail, field, want string }{
		"by the same name": {`"profession":"NURSE"`, `"documentContent":{"a":{"profession":"NURSE"}}`, "profession",
			`/providerSpecific/documentContent/a/profession "NURSE" same found`},
		"by the same name, spelled otherwise":  {`"eyeColour":"GREEN"`, `"x":{"eye_colour":"green"}`, "eyeColour", `/providerSpecific/x/eye_colour "green" equivalent found`},
		"by the same name, one letter another": {`"eyeColour":"GREEN"`, `"x":{"eyeColour":"GREED"}`, "eyeColour", `/providerSpecific/x/eyeColour "GREED" differs found`},
		"by the value alone":                   {`"tribe":"NORTHERN"`, `"x":{"a":"NORTHERN"}`, "tribe", `/providerSpecific/x/a "NORTHERN" same found`},
		"by a value that stands in a table":    {`"familyName":"MOLENAAR"`, `"documentVerification":{"lastName":"MOLENAAR"}`, "familyName", `/providerSpecific/documentVerification/lastName "MOLENAAR" same found`},
		"by a value among answers to checks":   {`"batch":"QX-77181"`, `"mrzChecksum":{"a":"QX-77181"}`, "batch", `/providerSpecific/mrzChecksum/a "QX-77181" same found`},
		"below a member of its own":            {`"residence":{"town":"ALMEREHAVEN"}`, `"x":{"a":"ALMEREHAVEN"}`, "residence/town", `/providerSpecific/x/a "ALMEREHAVEN" same found`},
		"below a documented name":              {`"lastName":{"latin":"MOLENAAR"}`, `"x":{"a":"MOLENAAR"}`, "lastName/latin", `/providerSpecific/x/a "MOLENAAR" same found`},
		"in a list":                            {`"aliases":["MOLENAAR","VISSERMAN"]`, `"x":{"names":["VISSERMAN"]}`, "aliases/1", `/providerSpecific/x/names/0 "VISSERMAN" same found`},
		"in a token":                           {`"tribe":"NORTHERN"`, `"userInfo":"` + signed(`{"tribe":"NORTHERN"}`) + `"`, "tribe", `/providerSpecific/userInfo#tribe "NORTHERN" same found`},
		"a number":                             {`"height":1784455`, `"x":{"tall":1784455}`, "height", `/providerSpecific/x/tall "1784455" same found`},
		"a date":                               {`"dateOfFirstIssue":"2011-04-09"`, `"x":{"dateOfFirstIssue":"09.04.2011"}`, "dateOfFirstIssue", `/providerSpecific/x/dateOfFirstIssue "09.04.2011" equivalent found`},
		"a truth under its name":               {`"chipWasRead":true`, `"x":{"chipWasRead":true,"other":true}`, "chipWasRead", `/providerSpecific/x/chipWasRead "true" same found`},
		"a short text that stands once":        {`"eyes":"BRO"`, `"x":{"a":"BRO","b":"GRE"}`, "eyes", `/providerSpecific/x/a "BRO" same found`},
		"not a short text that stands twice":   {`"eyes":"BRO"`, `"x":{"a":"BRO","b":"BRO"}`, "eyes", ``},
		"not an answer to a check":             {`"verdict":"clear"`, `"x":{"result":"clear"}`, "verdict", ``},
		"not by a name that says nothing":      {`"value":"NORTHERN"`, `"x":{"value":"SOUTHERN"}`, "value", ``},
		"not somebody else's":                  {`"profession":"NURSE"`, `"guardian":{"profession":"SAILOR"}`, "profession", ``},
		"not an answer under its name":         {`"lastNames":"MOLENAAR"`, `"mrzFeatureMatching":{"lastNames":"FULL_MATCH"}`, "lastNames", ``},
		"once, where a table joins the names":  {`"taxNumber":"88120035"`, `"documentVerification":{"taxNumber":"88120035"}`, "taxNumber", `/providerSpecific/documentVerification/taxNumber "88120035" same`},
	} {
		body := `{"provider":"onfido","status":"accepted","createdAt":"2026-03-02T09:14:05Z","finalResult":{` + tc.final + `},"providerSpecific":{` + tc.detail + `}}`
		if got := sourceWords(fieldsOf(t, body, "")[tc.field]); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestAFieldUnknownToThePortalHasOneRow(t *testing.T) {
	body := `{"provider":"onfido","finalResult":{"eyeColour":"GREEN"},"providerSpecific":{"x":{"eyeColour":"GREEN"}}}`
	root, _ := parse([]byte(body))
	rows := 0
	for _, f := range newReading(root, Input{Body: []byte(body), Now: exampleNow}).fields() {
		if f.Name == "eyeColour" {
			rows++
		}
	}
	if rows != 1 {
		t.Errorf("%d rows", rows)
	}
}

// A body of nothing but unknown fields and leaves is read in bounded time, and bounded places are told.
func TestManyUnknownFieldsAreTracedWithinBounds(t *testing.T) {
	part := func(n int) string { return `"f` + strings.Repeat("x", n%7) + `":"GREENISH"` }
	var final, detail []string
	for i := range 2000 {
		final, detail = append(final, part(i)), append(detail, `{`+part(i)+`}`)
	}
	body := `{"provider":"onfido","finalResult":{"a":[{` + strings.Join(final, `},{`) + `}]},"providerSpecific":{"x":[` + strings.Join(detail, ",") + `]}}`
	found := 0
	for _, f := range fieldsOf(t, body, "") {
		found += len(f.Sources)
	}
	if found == 0 || found > mostFound {
		t.Errorf("%d places", found)
	}
}
