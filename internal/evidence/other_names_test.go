package evidence

import "testing"

// A second spelling of a name is held against the first: it agrees, is nearly the same and differs, or is another name, which proves nothing.
func TestAlternativeNamesAreHeldAgainstTheName(t *testing.T) {
	videoID := func(more string) string {
		return `{"provider":"signicatvideoid","finalResult":{"firstName":"JÖRG ÅKE","lastName":"MÜLLER"},"providerSpecific":{"ocr":{"firstName":"JÖRG ÅKE","lastName":"MÜLLER",` + more + `}}}`
	}
	pictureID := func(more string) string {
		return `{"provider":"signicatpictureid","providerSpecific":{"document":{"subject":{"firstName":"Сергей","lastName":"Щербаков",` + more + `}}}}`
	}
	for name, tc := range map[string]struct {
		body, field string
		want        Relation
		rule        string
	}{
		"spelled as a zone does":                {videoID(`"alternativeLastName":"MUELLER"`), "alternativeLastName", Equivalent, ruleICAO},
		"the same":                              {videoID(`"alternativeFirstName":"JÖRG ÅKE"`), "alternativeFirstName", Same, ""},
		"one letter another":                    {videoID(`"alternativeLastName":"MUELLEN"`), "alternativeLastName", Differs, ""},
		"a figure for a letter":                 {videoID(`"alternativeFirstName":"J0ERG AAKE"`), "alternativeFirstName", Differs, ""},
		"another name":                          {videoID(`"alternativeLastName":"WINTERFELD"`), "alternativeLastName", Single, ""},
		"in another script":                     {pictureID(`"alternativePrimaryName":"SHCHERBAKOV"`), "alternativeLastName", Equivalent, ruleICAO},
		"in another script, one letter another": {pictureID(`"alternativePrimaryName":"SHCHERBAKOK"`), "alternativeLastName", Differs, ""},
		"in a script without a table":           {videoID(`"alternativeLastName":"ミュラー"`), "alternativeLastName", Single, ""},
		"by two that are another name":          {videoID(`"alternativeLastName":"WINTERFELD"},"manualApproval":{"alternativeLastName":"Winterfeld"`), "alternativeLastName", Equivalent, ruleCase},
		"by two of which one is misspelled":     {videoID(`"alternativeLastName":"WINTERFELD"},"manualApproval":{"alternativeLastName":"Winterfell"`), "alternativeLastName", Differs, ""},
	} {
		f := fieldsOf(t, tc.body, "")[tc.field]
		if f.Relation != tc.want || f.Rule != tc.rule {
			t.Errorf("%s: %s (%s), want %s (%s): %s", name, f.Relation, f.Rule, tc.want, tc.rule, sourceWords(f))
		}
	}
}

// OpenID Connect parts a name in three (Core 1.0, section 5.1). Where a result puts the middle one is the method's own affair.
func TestAMiddleNameIsPartOfTheName(t *testing.T) {
	connect := func(final, claims string) string {
		return `{"provider":"connect:nbid","finalResult":{` + final + `},"providerSpecific":{"userInfo":{` + claims + `}}}`
	}
	const claims = `"given_name":"Elin","middle_name":"Marthe","family_name":"Brekke","name":"Elin Marthe Brekke"`
	for name, tc := range map[string]struct {
		body                        string
		first, last, whole          Relation
		firstSources, lastAlsoTells int
	}{
		"in the first name":               {connect(`"firstName":"Elin Marthe","lastName":"Brekke"`, claims), Equivalent, Same, Same, 2, 1},
		"in the last name":                {connect(`"firstName":"Elin","lastName":"Marthe Brekke"`, claims), Same, Equivalent, Same, 2, 1},
		"in neither":                      {connect(`"firstName":"Elin","lastName":"Brekke"`, claims), Same, Same, Same, 2, 1},
		"in capitals":                     {connect(`"firstName":"ELIN MARTHE","lastName":"BREKKE"`, claims), Equivalent, Equivalent, Equivalent, 2, 1},
		"in the given name already":       {connect(`"firstName":"Elin Marthe","lastName":"Brekke"`, `"given_name":"Elin Marthe","middle_name":"Marthe","family_name":"Brekke"`), Equivalent, Same, "", 2, 1},
		"one letter another":              {connect(`"firstName":"Elin Marthe","lastName":"Brekke"`, `"given_name":"Elin","middle_name":"Marthi","family_name":"Brekke"`), Differs, Same, "", 2, 1},
		"one letter of the given another": {connect(`"firstName":"Elin Marthe","lastName":"Brekke"`, `"given_name":"Elim","middle_name":"Marthe","family_name":"Brekke"`), Differs, Same, "", 2, 1},
		"one letter of both in the last":  {connect(`"firstName":"Elin","lastName":"Marthe Brekke"`, `"given_name":"Elin","middle_name":"Marthi","family_name":"Brekke"`), Same, Differs, "", 2, 1},
		"without a result":                {`{"provider":"connect:nbid","providerSpecific":{"userInfo":{` + claims + `}}}`, Single, Single, Same, 2, 1},
	} {
		fields := fieldsOf(t, tc.body, "")
		first, last := fields["firstName"], fields["lastName"]
		if first.Relation != tc.first || last.Relation != tc.last || fields["fullName"].Relation != tc.whole {
			t.Errorf("%s: first %s (%s), last %s (%s), whole %s (%s)", name, first.Relation, sourceWords(first), last.Relation, sourceWords(last),
				fields["fullName"].Relation, sourceWords(fields["fullName"]))
		}
		if len(first.Sources) != tc.firstSources || len(last.Sources) != tc.lastAlsoTells {
			t.Errorf("%s: sources %s; %s", name, sourceWords(first), sourceWords(last))
		}
	}
}
