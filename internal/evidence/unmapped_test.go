package evidence

import (
	"strings"
	"testing"
)

// unmappedResult is the final result beside which places are looked for.
const unmappedResult = `"finalResult":{"firstName":"JÖRG ÅKE","lastName":"MÜLLER-LÜDENSCHEIDT","dateOfBirth":"1989-07-30","placeOfBirth":"BERGEN","gender":"M",
	"nationality":"DEU","documentType":"passport","documentNumber":"L9TX40QW7","issuingCountry":"DEU","dateOfIssue":"2020-02-03","dateOfExpiry":"2030-02-02",
	"personalIdentificationNumber":"900000023"}`

// foundPlaces lists the places that the portal found itself, as field:pointer:relation.
func foundPlaces(t *testing.T, provider, detail string) string {
	t.Helper()
	var found []string
	for name, f := range fieldsOf(t, `{"provider":"`+provider+`","status":"accepted","createdAt":"2026-03-02T09:14:05Z",`+unmappedResult+`,"providerSpecific":{`+detail+`}}`, "") {
		for _, s := range f.Sources {
			if s.Found {
				found = append(found, name+":"+strings.TrimPrefix(s.Pointer, "/providerSpecific/")+":"+string(s.Relation))
			}
		}
	}
	return strings.Join(found, " ")
}

func TestFactsAreFoundUnderAnyNameThatSaysSo(t *testing.T) {
	for name, tc := range map[string]struct{ detail, want string }{
		"a claim of newer methods":         {`"person":{"nin":"900-000-023","nin_type":"PERSON"}`, "personalIdentificationNumber:person/nin:equivalent"},
		"in snake case":                    {`"person":{"date_of_birth":"1989-07-30"}`, "dateOfBirth:person/date_of_birth:same"},
		"in kebab case":                    {`"person":{"Document-Number":"L9TX40QW7"}`, "documentNumber:person/Document-Number:same"},
		"with a word before":               {`"x":{"holderFirstName":"JOERG AAKE"}`, "firstName:x/holderFirstName:equivalent"},
		"with a word behind":               {`"x":{"birthDateMrz":"890730"}`, "dateOfBirth:x/birthDateMrz:equivalent"},
		"with the parent's name":           {`"x":{"birth":{"date":"30.07.1989"}}`, "dateOfBirth:x/birth/date:equivalent"},
		"as a member value":                {`"x":{"nationality":{"value":"D","confidence":0.97}}`, "nationality:x/nationality/value:equivalent"},
		"beside a key":                     {`"list":[{"key":"surname","value":"MUELLER-LUEDENSCHEIDT"},{"key":"hair","value":"grey"}]`, "lastName:list/0/value:equivalent"},
		"one letter is another":            {`"x":{"surname":"MÜLLER-LUDENSCHEIDE"}`, "lastName:x/surname:differs"},
		"deep inside an unknown member":    {`"x":[[{"y":{"issuing_country":"D"}}]]`, "issuingCountry:x/0/0/y/issuing_country:equivalent"},
		"inside an element of a table":     {`"documentVerification":{"extra":{"sex":"MALE"}}`, "gender:documentVerification/extra/sex:equivalent"},
		"under what sounds like a check":   {`"identityVerification":{"lastName":"MÜLLER-LÜDENSCHEIDT"}`, "lastName:identityVerification/lastName:same"},
		"in a session of another provider": {`"sessionData":{"firstName":"JÖRG ÅKE"}`, "firstName:sessionData/firstName:same"},
		"expiry of the document":           {`"passport":{"validUntil":"02.02.2031"}`, "dateOfExpiry:passport/validUntil:differs"},
		"a token in an unknown place":      {`"proof":"` + signed(`{"given_name":"JÖRG ÅKE"}`) + `"`, "firstName:proof#given_name:same"},
		"a day that is none":               {`"x":{"dob":"3O.07.1989"}`, "dateOfBirth:x/dob:differs"},
		"a country that is none":           {`"x":{"nationality":"OEU"}`, "nationality:x/nationality:differs"},
		"one of several nationalities":     {`"person":{"nationalities":["TUR","DEU"]}`, "nationality:person/nationalities/1:same"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, provider := range []string{"newid", "onfido", "connect:newid"} {
				if got := foundPlaces(t, provider, tc.detail); got != tc.want {
					t.Errorf("%s: %q, want %q", provider, got, tc.want)
				}
			}
		})
	}
}

func TestFactsAreFoundByTheirValueSpelledByAnyRule(t *testing.T) {
	for name, tc := range map[string]struct{ detail, want string }{
		"a name transliterated":                                  {`"x":{"a":"MUELLER<LUEDENSCHEIDT"}`, "lastName:x/a:equivalent"},
		"a name as in a zone":                                    {`"x":{"a":"MUELLER LUEDENSCHEIDT"}`, "lastName:x/a:equivalent"},
		"a name without marks":                                   {`"x":{"a":"Muller-Ludenscheidt"}`, "lastName:x/a:equivalent"},
		"a number with spaces":                                   {`"x":{"ref":"L9TX 40QW7"}`, "documentNumber:x/ref:equivalent"},
		"a number with dashes":                                   {`"x":{"ref":"900-000-023"}`, "personalIdentificationNumber:x/ref:equivalent"},
		"a number as a JSON number":                              {`"x":{"ref":900000023}`, "personalIdentificationNumber:x/ref:same"},
		"a day under a name of days":                             {`"x":{"bornAt":"30.07.1989"}`, "dateOfBirth:x/bornAt:equivalent"},
		"a day in the short form":                                {`"x":{"geb":"890730"}`, "dateOfBirth:x/geb:equivalent"},
		"a zone in two members":                                  {`"x":{"upper":"P<D<<MUELLER<LUEDENSCHEIDT<<JOERG<AAKE<<<<<<","lower":"L9TX40QW74D<<8907302M3002026900000023<<<<<18"}`, "zone"},
		"not a score equal to a day":                             {`"x":{"score":19890730,"y":890730}`, ""},
		"not a text of figures like a day":                       {`"x":{"ref":"19890730"}`, ""},
		"not the day in a time of the work":                      {`"x":{"finishedAt":"1989-07-30T10:00:00Z"}`, ""},
		"not a town that is a birth place":                       {`"x":{"town":"BERGEN"}`, ""},
		"not a country code":                                     {`"x":{"where":"DEU"}`, ""},
		"not a short letter":                                     {`"x":{"flag":"M"}`, ""},
		"not half a number":                                      {`"x":{"ref":"L9TX40"}`, ""},
		"not a number in a longer one":                           {`"x":{"ref":"XL9TX40QW7Y"}`, ""},
		"a number with one figure changed":                       {`"x":{"ref":"L9TX40QW8"}`, "documentNumber:x/ref:differs"},
		"a number with a letter for one":                         {`"x":{"ref":"L9TX4OQW7"}`, "documentNumber:x/ref:differs"},
		"a name with one letter changed":                         {`"x":{"a":"MUELLER-LUEDENSCHEIDE"}`, "lastName:x/a:differs"},
		"of a letter that is spelled in two":                     {`"x":{"a":"MXELLER LUEDENSCHEIDT"}`, "lastName:x/a:differs"},
		"a day with one figure changed":                          {`"x":{"bornAt":"30.07.1988"}`, "dateOfBirth:x/bornAt:differs"},
		"the whole name, one letter off":                         {`"x":{"a":"Jörg Åke Müller-Lüdenscheidl"}`, "fullName:x/a:differs"},
		"not the expiry a year later":                            {`"document":{"dayUntil":"2031-02-02"}`, ""},
		"not two figures changed":                                {`"x":{"ref":"L9TX40QX8"}`, ""},
		"not a name nearly under a name that says another thing": {`"x":{"city":"MÜLLER-LÜDENSCHEID"}`, ""},
		"not a guardian's nearly the same":                       {`"guardian":{"a":"MÜLLER-LÜDENSCHEIDE"}`, ""},
		"not a guardian's that is nearly the same":               {`"guardian":{"a":"MÜLLER-LÜDENSCHEIDE"}`, ""},
		"not another name":                                       {`"x":{"a":"MÖLLENBERG"}`, ""},
		"not a word that is no name":                             {`"x":{"a":"müller_lüdenscheid"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := foundPlaces(t, "newid", tc.detail)
			if tc.want == "zone" {
				for _, part := range []string{"lastName:x/upper#lastName:equivalent", "firstName:x/upper#firstName:equivalent", "documentNumber:x/lower#documentNumber:same"} {
					if !strings.Contains(got, part) {
						t.Errorf("%q lacks %s", got, part)
					}
				}
				return
			}
			if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestNothingIsFoundThatSpeaksOfSomethingElse(t *testing.T) {
	for name, detail := range map[string]string{
		"a guardian":                        `"guardian":{"lastName":"WEISS","dateOfBirth":"1960-01-01"}`,
		"an agent, in a list":               `"agents":[{"firstName":"PIA"}]`,
		"an answer under a fact's name":     `"nameMatch":{"firstName":"MATCH","lastName":"PASSED","dateOfBirth":"OK","gender":true}`,
		"a confidence":                      `"x":{"firstNameConfidence":"0.9","firstName":{"confidence":0.98,"source":"CHIP"}}`,
		"a source":                          `"x":{"firstNameSource":"CHIP","dateOfBirthSourceName":"DG1"}`,
		"a token's validity":                `"consent":{"validUntil":"2027-01-01","issuedAt":"2026-03-02"}`,
		"the expiry of a link":              `"link":{"expiryDate":"2026-03-09"}`,
		"a licence's classes":               `"licence":{"dateOfExpiry":"2040-01-01"}`,
		"a type that is no document's":      `"x":{"type":"ident","documentType":"application/json"}`,
		"an id under a document's name":     `"x":{"documentNumber":"8afb3ac6-6780-42e4-bbc2-3713e2f6d97c"}`,
		"a similarity that is no score":     `"x":{"similarityScore":"pending"}`,
		"what cannot be read as a day":      `"x":{"dateOfBirth":"yesterday"}`,
		"an empty or null value":            `"x":{"lastName":"","firstName":null}`,
		"a device":                          `"device":{"nationality":"TUR","documentNumber":"ABC123456"}`,
		"expected values of a check":        `"x":{"expected":{"lastName":"WEISS"}}`,
		"checks of an element of the table": `"documentVerification":{"breakdowns":{"dataComparison":{"breakdown":{"lastName":{"result":"WEISS"}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, provider := range []string{"newid", "onfido"} {
				if got := foundPlaces(t, provider, detail); got != "" {
					t.Errorf("%s: %q", provider, got)
				}
			}
		})
	}
}

// Where the tables say that answers to checks stand a leaf may state a fact all the same: it is a source that the portal found.
func TestFactsAmongAnswersToChecksAreFound(t *testing.T) {
	for name, tc := range map[string]struct{ detail, want string }{
		"a number by its value":              {`"matching":{"reference":"L9TX 40QW7"}`, "documentNumber:matching/reference:equivalent"},
		"a name by its value":                {`"liveness":{"subject":"MUELLER-LUEDENSCHEIDT"}`, "lastName:liveness/subject:equivalent"},
		"by its name":                        {`"verification":{"lastName":"Müller-Lüdenscheidt"}`, "lastName:verification/lastName:equivalent"},
		"by its name, one letter another":    {`"verification":{"lastName":"MÜLLER-LÜDENSCHEIDE"}`, "lastName:verification/lastName:differs"},
		"a day by its name":                  {`"redactionResult":{"dateOfBirth":"1989-07-31"}`, "dateOfBirth:redactionResult/dateOfBirth:differs"},
		"a number by its name":               {`"mrzChecksum":{"documentNumber":"L9TX40QW8"}`, "documentNumber:mrzChecksum/documentNumber:differs"},
		"a country by its name":              {`"mrzVerification":{"nationality":"D"}`, "nationality:mrzVerification/nationality:equivalent"},
		"in a property of a breakdown":       {`"documentVerification":{"breakdowns":{"a":{"breakdown":{"b":{"properties":{"documentNumber":"L9TX40QW7"}}}}}}`, "documentNumber:documentVerification/breakdowns/a/breakdown/b/properties/documentNumber:same"},
		"in a check of pictures":             {`"document":{"securityChecks":{"dataIntegrity":{"passed":"true","number":"L9TX40QW7"}}}`, "documentNumber:document/securityChecks/dataIntegrity/number:same"},
		"in an error":                        {`"errors":[{"number":"L9TX40QW7"}]`, "documentNumber:errors/0/number:same"},
		"an id of the call":                  {`"identResponse":{"actionId":"900000023"}`, "personalIdentificationNumber:identResponse/actionId:same"},
		"not an answer":                      {`"mrzFeatureMatching":{"lastName":"FULL_MATCH","firstName":"LEVENSHTEIN1"},"mrzChecksum":{"documentNumber":"VALID","dateOfBirth":"INVALID"}`, ""},
		"not an answer that nobody knows":    {`"mrzFeatureMatching":{"lastName":"PARTLY","firstName":"CLOSE ENOUGH","documentNumber":"MATCH2OF3","issuingCountry":"YES","gender":"OK"}`, ""},
		"not the days of a class of licence": {`"documentVerification":{"vehicleClassDetails":[{"category":"B","obtainmentDate":"2020-02-03","expiryDate":"2040-01-01"}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := foundPlaces(t, "onfido", tc.detail); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// What is nearly the personal number is masked as that is, in the table, in the tree and among what changed.
func TestAMisreadPersonalNumberIsMaskedAsOne(t *testing.T) {
	body := func(ref string) []byte {
		return []byte(`{"provider":"newid","status":"accepted","finalResult":{"personalIdentificationNumber":"K4417XB2"},"providerSpecific":{"x":{"ref":"` + ref + `"}}}`)
	}
	report := Read(Input{Body: body("K4417XB3"), Now: exampleNow})
	var classes []Class
	var look func(Node)
	look = func(n Node) {
		if n.Pointer == "/providerSpecific/x/ref" {
			classes = append(classes, n.Class)
		}
		for _, child := range n.Children {
			look(child)
		}
	}
	look(report.Tree)
	for _, c := range Compare(Input{Body: body("K4417XB3"), Now: exampleNow}, Input{Body: body("K4417XB4"), Now: exampleNow}).List {
		classes = append(classes, c.Class)
	}
	if len(classes) != 2 || classes[0] != PersonalNumber || classes[1] != PersonalNumber {
		t.Errorf("classes %q", classes)
	}
}

// The subject of a token is no number of a state by its name, but with some methods by its value.
func TestAPersonalNumberThatIsTheSubjectOfATokenIsTraced(t *testing.T) {
	for _, detail := range []string{`"userInfo":{"sub":"900000023"}`, `"idtoken":{"sub":"900-000-023"}`, `"idtoken":"` + signed(`{"sub":"900000023"}`) + `"`} {
		body := `{"provider":"connect:nbid","status":"accepted","createdAt":"2026-03-02T09:14:05Z",` + unmappedResult + `,"providerSpecific":{` + detail + `}}`
		if f := fieldsOf(t, body, "")["personalIdentificationNumber"]; f.Relation != Same && f.Relation != Equivalent {
			t.Errorf("%s: %s: %s", detail, f.Relation, sourceWords(f))
		}
	}
	for detail, want := range map[string]Relation{`"userInfo":{"sub":"900000028"}`: Differs, `"userInfo":{"sub":"a1f-77"}`: Unsourced} {
		body := `{"provider":"connect:nbid","status":"accepted","createdAt":"2026-03-02T09:14:05Z",` + unmappedResult + `,"providerSpecific":{` + detail + `}}`
		if f := fieldsOf(t, body, "")["personalIdentificationNumber"]; f.Relation != want {
			t.Errorf("%s: %s, want %s: %s", detail, f.Relation, want, sourceWords(f))
		}
	}
}

func TestAZoneAmongAnswersToChecksIsRead(t *testing.T) {
	got := foundPlaces(t, "signicatpaper", `"mrzVerification":{"read":"P<D<<MUELLER<LUEDENSCHEIDT<<JOERG<AAKE<<<<<<\nL9TX40QW74D<<8907302M3002026900000023<<<<<18"}`)
	if !strings.Contains(got, "lastName:mrzVerification/read#lastName:equivalent") {
		t.Errorf("%q", got)
	}
}

func TestValuesAmongPapersAnswersAreSources(t *testing.T) {
	body := `{"provider":"signicatpaper","status":"rejected","providerSpecific":{"features":{"lastNameSecondLine":"e/v Molenaar"},
		"mrzFeatureMatching":{"lastNameSecondLine":"e/v Molenaar","placeOfBirth":"FULL_MATCH","lastName":"FULL_MATCH"}}}`
	fields := fieldsOf(t, body, "")
	if got := sourceWords(fields["lastNameSecondLine"]); got != `/providerSpecific/features/lastNameSecondLine "e/v Molenaar" single, /providerSpecific/mrzFeatureMatching/lastNameSecondLine "e/v Molenaar" same` {
		t.Errorf("second line: %s", got)
	}
	if got := sourceWords(fields["placeOfBirth"]); got != "" {
		t.Errorf("an answer is taken for a place: %s", got)
	}
	for _, c := range readBody(t, body).Checks {
		if c.ID == "mrzFeatureMatching.lastNameSecondLine" && c.Result != NotDone {
			t.Errorf("the value is judged: %+v", c)
		}
	}
}
