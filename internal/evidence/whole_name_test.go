package evidence

import (
	"strings"
	"testing"
)

// A whole name is held against first and last name together: PictureID's commonName, ReadID's nameOfHolder, Connect's name.
func TestAWholeNameIsHeldAgainstItsParts(t *testing.T) {
	pictureID := func(final, subject string) string {
		return `{"provider":"signicatpictureid","finalResult":{` + final + `},"providerSpecific":{"document":{"subject":{` + subject + `}}}}`
	}
	const molenaar = `"firstName":"TESSA ANNA","lastName":"DE MOLENAAR"`
	for name, tc := range map[string]struct {
		body string
		want Relation
		rule string
	}{
		"as they stand":                      {pictureID(molenaar, `"commonName":"TESSA ANNA DE MOLENAAR"`), Same, ""},
		"the last name first":                {pictureID(molenaar, `"commonName":"DE MOLENAAR TESSA ANNA"`), Equivalent, ruleOrder},
		"with a comma":                       {pictureID(molenaar, `"commonName":"DE MOLENAAR, TESSA ANNA"`), Equivalent, ruleOrder},
		"in small letters":                   {pictureID(molenaar, `"commonName":"Tessa Anna de Molenaar"`), Equivalent, ruleCase},
		"transliterated":                     {pictureID(`"firstName":"JÖRG","lastName":"MÜLLER"`, `"commonName":"JOERG MUELLER"`), Equivalent, ruleICAO},
		"without marks, the last name first": {pictureID(`"firstName":"JÖRG","lastName":"MÜLLER"`, `"commonName":"MULLER JORG"`), Equivalent, ruleOrder},
		"as a zone has it":                   {pictureID(molenaar, `"commonName":"DE<MOLENAAR<<TESSA<ANNA"`), Equivalent, ruleOrder},
		"with a title":                       {pictureID(molenaar, `"commonName":"Dr. Tessa Anna de Molenaar"`), Equivalent, ruleTitle},
		"one letter another":                 {pictureID(molenaar, `"commonName":"TESSA ANNA DE MOLENAAS"`), Differs, ""},
		"another person":                     {pictureID(molenaar, `"commonName":"PIET VISSER"`), Differs, ""},
		"a name more":                        {pictureID(molenaar, `"commonName":"TESSA ANNA MARIA DE MOLENAAR"`), Differs, ""},
		"a name less":                        {pictureID(molenaar, `"commonName":"TESSA DE MOLENAAR"`), Differs, ""},
		"only the last name":                 {pictureID(molenaar, `"commonName":"DE MOLENAAR"`), Differs, ""},
		"in another script":                  {pictureID(molenaar, `"commonName":"テッサ"`), Single, ""},
		"somebody with one name":             {pictureID(`"firstName":"SUHARSONO"`, `"commonName":"Suharsono"`), Equivalent, ruleCase},
		"another with one name":              {pictureID(`"firstName":"SUHARSONO"`, `"commonName":"Suharsini"`), Differs, ""},
		"of whom only the last is known":     {pictureID(`"lastName":"DE MOLENAAR"`, `"commonName":"Tessa de Molenaar"`), Single, ""},
		"of whom another last is known":      {pictureID(`"lastName":"VISSER"`, `"commonName":"Tessa de Molenaar"`), Differs, ""},
		"of whom nothing is known":           {pictureID(`"gender":"F"`, `"commonName":"Tessa de Molenaar"`), Single, ""},
		"without a final result":             {`{"provider":"signicatpictureid","providerSpecific":{"document":{"subject":{"firstName":"TESSA","lastName":"MOLENAAR","commonName":"TESSA MOLENAAR"}}}}`, Same, ""},
		"differing without one":              {`{"provider":"signicatpictureid","providerSpecific":{"document":{"subject":{"firstName":"TESSA","lastName":"MOLENAAR","commonName":"TESSA MOLENEAR"}}}}`, Differs, ""},
		"cut where the zone ends": {`{"provider":"readid","finalResult":{"firstName":"NILAVADHANANDA","lastName":"PAPANDROPOULOUSKRASUANGS"},"providerSpecific":{
			"consolidatedIdentityData":{"firstName":"NILAVADHANANDA","lastName":"PAPANDROPOULOUSKRASUANGS","nameOfHolder":"NILAVADHANANDA CHAYAPA PAPANDROPOULOUSKRASUANGS"}}}`, Differs, ""},
		"cut in a full zone": {`{"provider":"readid","finalResult":{"firstName":"NILAVADHANAND","lastName":"PAPANDROPOULOUSKRASUANGS"},"providerSpecific":{
			"consolidatedIdentityData":{"firstName":"NILAVADHANAND","lastName":"PAPANDROPOULOUSKRASUANGS","nameOfHolder":"NILAVADHANANDA CHAYAPA PAPANDROPOULOUSKRASUANGS"}}}`, Equivalent, ruleTruncated},
		"by a claim":           {`{"provider":"connect:nbid","finalResult":{"firstName":"Tessa","lastName":"Molenaar"},"providerSpecific":{"userInfo":{"given_name":"Tessa","family_name":"Molenaar","name":"Molenaar Tessa"}}}`, Equivalent, ruleOrder},
		"by a claim, other":    {`{"provider":"connect:nbid","finalResult":{"firstName":"Tessa","lastName":"Molenaar"},"providerSpecific":{"userInfo":{"given_name":"Tessa","family_name":"Molenaar","name":"Tessa Visser"}}}`, Differs, ""},
		"against initials":     {`{"provider":"connect:idin","finalResult":{"firstName":"TA","lastName":"Molenaar"},"providerSpecific":{"userInfo":{"consumer.initials":"TA","consumer.legallastname":"Molenaar","name":"Tessa Anna Molenaar"}}}`, Equivalent, ruleInitials},
		"against two lines":    {`{"provider":"signicatpaper","finalResult":{"firstName":"Tessa","lastName":"Molenaar","lastNameSecondLine":"e/v Visser"},"providerSpecific":{"x":{"nameOfHolder":"Tessa Molenaar e/v Visser"}}}`, Same, ""},
		"in no table":          {`{"provider":"newid","finalResult":{` + molenaar + `},"providerSpecific":{"person":{"fullName":"Tessa Anna de Molenaar"}}}`, Equivalent, ruleCase},
		"in no table, another": {`{"provider":"newid","finalResult":{` + molenaar + `},"providerSpecific":{"person":{"fullName":"Tessa Anna de Molenaarr"}}}`, Differs, ""},
	} {
		f := fieldsOf(t, tc.body, "")["fullName"]
		if f.Relation != tc.want || f.Rule != tc.rule {
			t.Errorf("%s: %s (%s), want %s (%s): %s", name, f.Relation, f.Rule, tc.want, tc.rule, sourceWords(f))
		}
	}
}

func TestADifferentWholeNameIsAFinding(t *testing.T) {
	report := readBody(t, `{"provider":"signicatpictureid","status":"accepted","createdAt":"2026-03-02T09:14:05Z","finalResult":{"firstName":"TESSA","lastName":"MOLENAAR"},
		"providerSpecific":{"document":{"subject":{"firstName":"TESSA","lastName":"MOLENAAR","commonName":"PIET VISSER"}}}}`)
	var said strings.Builder
	for _, f := range report.Findings {
		if f.Code == findFieldDiffers {
			said.WriteString(f.Field + ": " + f.Text)
		}
	}
	if said.String() != "fullName: Full name differs: subject states another value than first and last name" || strings.Contains(said.String(), "VISSER") {
		t.Errorf("%q", said.String())
	}
}

// What is called a display name is as often the name of a document or an application.
func TestADisplayNameIsNotTakenForThePersons(t *testing.T) {
	body := `{"provider":"newid","finalResult":{"firstName":"TESSA","lastName":"MOLENAAR"},"providerSpecific":{"app":{"displayName":"Reisepass Scanner"}}}`
	if f := fieldsOf(t, body, "")["fullName"]; len(f.Sources) != 0 {
		t.Errorf("%s", sourceWords(f))
	}
}
