package evidence

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fieldsOf reads the fields of an answer written as JSON.
func fieldsOf(t *testing.T, body, userData string) map[string]Field {
	t.Helper()
	root, malformed := parse([]byte(body))
	if malformed != "" {
		t.Fatalf("%s: %s", body, malformed)
	}
	out := map[string]Field{}
	for _, f := range newReading(root, Input{Body: []byte(body), UserData: []byte(userData), Now: exampleNow}).fields() {
		out[f.Name] = f
	}
	return out
}

// sourceWords are the sources of a field in one line.
func sourceWords(f Field) string {
	var words []string
	for _, s := range f.Sources {
		mark := ""
		if s.Found {
			mark = " found"
		}
		words = append(words, fmt.Sprintf("%s %q %s%s", s.Pointer, s.Raw, s.Relation, mark))
	}
	return strings.Join(words, ", ")
}

func TestTheRelationOfARowIsTheWorstOfItsSources(t *testing.T) {
	for _, c := range []struct {
		name, body string
		field      string
		want       Relation
		rule       string
	}{
		{"a copy", `{"provider":"signicatpaper","finalResult":{"lastName":"Berg"},"providerSpecific":{"mrz":{"lastName":"Berg"}}}`, "lastName", Same, ""},
		{"one of two is written differently", `{"provider":"signicatpaper","finalResult":{"lastName":"Berg"},"providerSpecific":{"mrz":{"lastName":"BERG"},"features":{"lastName":"Berg"}}}`, "lastName", Equivalent, ruleCase},
		{"one of two differs", `{"provider":"signicatpaper","finalResult":{"lastName":"Berg"},"providerSpecific":{"mrz":{"lastName":"BERG"},"features":{"lastName":"Burg"}}}`, "lastName", Differs, ""},
		{"no place states it", `{"provider":"signicatpaper","finalResult":{"lastName":"Berg"},"providerSpecific":{"mrz":{"lastName":"","firstName":null}}}`, "lastName", Unsourced, ""},
		{"this provider has no place for it", `{"provider":"signicatpictureid","finalResult":{"documentType":"passport"},"providerSpecific":{"document":{}}}`, "documentType", Single, ""},
		{"the result lacks it", `{"provider":"signicatpaper","finalResult":{"firstName":"Ida"},"providerSpecific":{"mrz":{"lastName":"Berg"}}}`, "lastName", Absent, ""},
		{"the result has it empty", `{"provider":"signicatpaper","finalResult":{"lastName":""},"providerSpecific":{"mrz":{"lastName":"Berg"}}}`, "lastName", Absent, ""},
		{"the result has blanks for it", `{"provider":"signicatpaper","finalResult":{"lastName":" "},"providerSpecific":{"mrz":{"lastName":"Berg"},"features":{"lastName":"  "}}}`, "lastName", Absent, ""},
		{"the result lacks it and the places disagree", `{"provider":"signicatpaper","finalResult":{},"providerSpecific":{"mrz":{"lastName":"Berg"},"features":{"lastName":"Burg"}}}`, "lastName", Differs, ""},
		{"no result, one place", `{"provider":"signicatpaper","providerSpecific":{"mrz":{"lastName":"Berg"}}}`, "lastName", Single, ""},
		{"no result, two places agree", `{"provider":"signicatpaper","providerSpecific":{"mrz":{"lastName":"Berg"},"features":{"lastName":"Berg"}}}`, "lastName", Same, ""},
		{"no result, two places disagree", `{"provider":"signicatpaper","providerSpecific":{"mrz":{"lastName":"Berg"},"features":{"lastName":"Burg"}}}`, "lastName", Differs, ""},
		{"nothing at all", `{"provider":"signicatpaper"}`, "lastName", Single, ""},
		{"a field that only the provider has is not missing", `{"provider":"signicatpaper","finalResult":{},"providerSpecific":{"features":{"issuingAuthority":"Oslo"}}}`, "issuingAuthority", Single, ""},
		{"the result has it alone in a list", `{"provider":"signicatpaper","finalResult":{"lastName":["Berg"]},"providerSpecific":{"mrz":{"lastName":"Burg"}}}`, "lastName", Differs, ""},
		{"of duplicate names the last counts", `{"provider":"signicatpaper","finalResult":{"lastName":"X","lastName":"Berg"},"providerSpecific":{"mrz":{"lastName":"Berg"}}}`, "lastName", Same, ""},
	} {
		f := fieldsOf(t, c.body, "")[c.field]
		if f.Relation != c.want || f.Rule != c.rule {
			t.Errorf("%s: %s (%s), want %s (%s): %s", c.name, f.Relation, f.Rule, c.want, c.rule, sourceWords(f))
		}
	}
}

func TestOnlyTwoMediaConfirm(t *testing.T) {
	for _, c := range []struct {
		name, body, userData string
		field                string
		want                 []Medium
	}{
		{"a copy is none", `{"provider":"readid","finalResult":{"lastName":"BERG"},"providerSpecific":{"consolidatedIdentityData":{"lastName":"BERG"},"documentContent":{"lastName":"BERG","mrzLastName":"BERG"}}}`, "", "lastName", []Medium{Chip}},
		{"print and MRZ are", `{"provider":"signicatpaper","finalResult":{"lastName":"BERG"},"providerSpecific":{"mrz":{"lastName":"BERG"},"features":{"lastName":"Berg"}}}`, "", "lastName", []Medium{MRZ, Print}},
		{"one that differs does not", `{"provider":"signicatpaper","finalResult":{"lastName":"BERG"},"providerSpecific":{"mrz":{"lastName":"BERG"},"features":{"lastName":"Burg"}}}`, "", "lastName", []Medium{MRZ}},
		{"scores never do", `{"provider":"onfido","finalResult":{"similarityScore":"high"},"providerSpecific":{"facialSimilarity":{"similarityScore":"high"}}}`, "", "similarityScore", nil},
		{"the customer does", `{"provider":"readid","finalResult":{"lastName":"BERG"},"providerSpecific":{"consolidatedIdentityData":{"lastName":"BERG"}}}`, `{"userData":{"lastName":"Berg"}}`, "lastName", []Medium{Chip, Customer}},
		{"a place that the portal found does not", `{"provider":"signicatpictureid","finalResult":{"lastName":"BERG"},"providerSpecific":{"document":{"subject":{"lastName":"BERG"}},"chip":{"lastName":"BERG"}}}`, "", "lastName", []Medium{Print}},
	} {
		f := fieldsOf(t, c.body, c.userData)[c.field]
		if !slices.Equal(f.Media, c.want) || f.Confirmed != (len(c.want) > 1) {
			t.Errorf("%s: %v, confirmed %v, want %v", c.name, f.Media, f.Confirmed, c.want)
		}
	}
}

func TestRowsComeInTheContractsOrder(t *testing.T) {
	root, _ := parse([]byte(`{"provider":"signicatpaper","finalResult":{"nickname":"Bo","lastName":"Berg","extra":{"a":1,"b":[true]}},
		"providerSpecific":{"features":{"issuingAuthority":"Oslo"}}}`))
	var names []string
	for _, f := range newReading(root, Input{Now: exampleNow}).fields() {
		names = append(names, f.Name)
	}
	want := append(FieldNames(), "nickname", "extra/a", "extra/b/0", "issuingAuthority")
	if !slices.Equal(names, want) {
		t.Errorf("rows %v, want %v", names, want)
	}
}

func TestWhatTheCustomerStatedStandsBesideTheRest(t *testing.T) {
	const body = `{"provider":"readid","finalResult":{"lastName":"BERG","gender":"F"},"providerSpecific":{"consolidatedIdentityData":{"lastName":"BERG","gender":"F"}}}`
	fields := fieldsOf(t, body, `{"dossierId":"d","userData":{"lastName":"Burg","gender":"F","placeOfBirth":"Oslo","mobile":"+47 1","address":{"formatted":"Testveien 4"}}}`)
	for name, want := range map[string]string{
		"lastName":      `/providerSpecific/consolidatedIdentityData/lastName "BERG" same, /userData/lastName "Burg" differs`,
		"gender":        `/providerSpecific/consolidatedIdentityData/gender "F" same, /userData/gender "F" same`,
		"placeOfBirth":  `/userData/placeOfBirth "Oslo" single`,
		"statedMobile":  `/userData/mobile "+47 1" single`,
		"statedAddress": `/userData/address/formatted "Testveien 4" single`,
	} {
		if got := sourceWords(fields[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestABanksOwnNumberIsNotHeldAgainstWhatTheCustomerStated(t *testing.T) {
	f := fieldsOf(t, `{"provider":"connect:idin","finalResult":{"personalIdentificationNumber":"SIMBANK17"},"providerSpecific":{"userInfo":{"consumer.bin":"SIMBANK17"}}}`,
		`{"userData":{"personalIdentificationNumber":"900000011"}}`)["personalIdentificationNumber"]
	if got := sourceWords(f); f.Relation != Same || got != `/providerSpecific/userInfo/consumer.bin "SIMBANK17" same, /userData/personalIdentificationNumber "900000011" single` {
		t.Errorf("%s: %s", f.Relation, got)
	}
}

func TestPlacesFoundAreBounded(t *testing.T) {
	list := strings.TrimSuffix(strings.Repeat(`{"lastName":"BURG"},`, 5000), ",")
	f := fieldsOf(t, `{"provider":"readid","finalResult":{"lastName":"BERG"},"providerSpecific":{"people":[`+list+`]}}`, "")["lastName"]
	if len(f.Sources) != mostFound || f.Relation != Differs {
		t.Errorf("%d places are found, the field is %s", len(f.Sources), f.Relation)
	}
}

// signed is a token in compact form whose signature nobody can check.
func signed(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("noise"))
}

func TestClaimsOfASignedTokenAreSourcesOfTheirOwn(t *testing.T) {
	body := `{"provider":"connect:idin","finalResult":{"lastName":"Verhagen","nationality":"NL"},"providerSpecific":{"userInfo":"` +
		signed(`{"family_name":"Verhagen","address":{"country":"NL"},"signicat.national_id":"900000011"}`) + `"}}`
	fields := fieldsOf(t, body, "")
	for name, want := range map[string]string{
		"lastName":                     `/providerSpecific/userInfo#family_name "Verhagen" same`,
		"nationality":                  `/providerSpecific/userInfo#address/country "NL" same`,
		"personalIdentificationNumber": `/providerSpecific/userInfo#signicat.national_id "900000011" absent`,
	} {
		if got := sourceWords(fields[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if class := fields["personalIdentificationNumber"].Sources[0].Class; class != PersonalNumber {
		t.Errorf("a personal number in a token has class %s", class)
	}
	if class := fields["lastName"].Sources[0].Class; class != Identity {
		t.Errorf("a name in a token has class %s", class)
	}
}

func TestTokensThatCannotBeReadStateNothing(t *testing.T) {
	for name, token := range map[string]string{
		"encrypted":        "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.c2lt.c2lt.c2lt.c2lt",
		"no base64":        "eyJhbGciOiJSUzI1NiJ9.!!!.x",
		"no JSON":          "eyJhbGciOiJSUzI1NiJ9.AAAA.x",
		"no object":        "eyJhbGciOiJSUzI1NiJ9.MTIz.x",
		"not a token":      "Verhagen",
		"two parts":        "eyJhbGciOiJSUzI1NiJ9.e30",
		"claims of nobody": signed(`{"sub":"x"}`),
	} {
		for field, f := range fieldsOf(t, `{"provider":"connect:idin","providerSpecific":{"userInfo":"`+token+`"}}`, "") {
			if len(f.Sources) > 0 {
				t.Errorf("%s: %s: %s", name, field, sourceWords(f))
			}
		}
	}
}

func TestPlacesThatStandInNoTableAreFound(t *testing.T) {
	const head = `{"provider":"signicatpictureid","finalResult":{"firstName":"TILDA","lastName":"BRANDT","dateOfBirth":"1993-08-05","documentNumber":"L9TX40QW7"},"providerSpecific":{`
	for _, c := range []struct{ name, detail, field, want string }{
		{"by name", `"extra":{"surname":"Brandt"}`, "lastName", `/providerSpecific/extra/surname "Brandt" equivalent found`},
		{"by a name with a prefix", `"extra":{"person.date_of_birth":"19930805"}`, "dateOfBirth", `/providerSpecific/extra/person.date_of_birth "19930805" equivalent found`},
		{"by value", `"extra":{"ref":"L9TX40QW7"}`, "documentNumber", `/providerSpecific/extra/ref "L9TX40QW7" same found`},
		{"a name that differs is told", `"extra":{"documentNumber":"L9TX40QWZ"}`, "documentNumber", `/providerSpecific/extra/documentNumber "L9TX40QWZ" differs found`},
		{"in a list", `"extra":[{"surname":"BRANDT"}]`, "lastName", `/providerSpecific/extra/0/surname "BRANDT" same found`},
		{"a zone", `"extra":{"mrz":"IDUTOL9TX40QW74<<<<<<<<<<<<<<<\n9308052F3102195UTO<<<<<<<<<<<2\nBRANDT<<TILDA<<<<<<<<<<<<<<<<<"}`, "lastName", `/providerSpecific/extra/mrz#lastName "BRANDT" same found`},

		{"not of a guardian", `"guardian":{"lastName":"Weiss"}`, "lastName", ``},
		{"not an answer to a check", `"lastNameCheck":{"lastName":"VALID"}`, "lastName", ``},
		{"not where answers to checks stand", `"document":{"securityChecks":{"dateOfBirth":"1990-01-01"}}`, "dateOfBirth", ``},
		{"not what cannot be such a value", `"extra":{"dateOfBirth":"soon"}`, "dateOfBirth", ``},
		{"not by a short value", `"extra":{"ref":"TILD"}`, "firstName", ``},
		{"not what has its own row", `"document":{"subject":{"photo":{"x":1}},"issuingPlace":"BRANDT"}`, "lastName", ``},
	} {
		f := fieldsOf(t, head+c.detail+`}}`, "")[c.field]
		if got := sourceWords(f); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAProviderThatThePortalDoesNotKnowIsReadByItsElements(t *testing.T) {
	fields := fieldsOf(t, `{"provider":"newid","finalResult":{"lastName":"BERG","dateOfBirth":"1990-01-01"},
		"providerSpecific":{"documentVerification":{"lastName":"BERG"},"person":{"birthDate":"900101"}}}`, "")
	if got := sourceWords(fields["lastName"]); got != `/providerSpecific/documentVerification/lastName "BERG" same` {
		t.Errorf("last name: %s", got)
	}
	if got := sourceWords(fields["dateOfBirth"]); got != `/providerSpecific/person/birthDate "900101" equivalent found` {
		t.Errorf("date of birth: %s", got)
	}
}

func TestElementsAreReadUnderWhateverNameOfAProvider(t *testing.T) {
	f := fieldsOf(t, `{"provider":"signicatpaper","finalResult":{"lastName":"BERG","placeOfBirth":"OSLO"},"providerSpecific":{"ocr":{"lastName":"BERG"}}}`, "")
	if got := sourceWords(f["lastName"]); got != `/providerSpecific/ocr/lastName "BERG" same` {
		t.Errorf("last name: %s", got)
	}
	if got := f["placeOfBirth"].Relation; got != Unsourced {
		t.Errorf("what Paper has a place for and does not state is %s", got)
	}
	unknown := fieldsOf(t, `{"provider":"newid","finalResult":{"placeOfBirth":"OSLO"},"providerSpecific":{"ocr":{"lastName":"BERG"}}}`, "")
	if got := unknown["placeOfBirth"].Relation; got != Single {
		t.Errorf("of a provider that the portal does not know nobody can say that it has a place: %s", got)
	}
}

func TestOptionalDataIsThePersonalNumberOnlyWhereItLooksLikeIt(t *testing.T) {
	const body = `{"provider":"onfido","finalResult":{"personalIdentificationNumber":"160498-000T"},"providerSpecific":{"documentVerification":{
		"mrzLine1":"P<FINLEHTINIEMI<<AARO<<<<<<<<<<<<<<<<<<<<<<<","mrzLine2":"FP77102648FIN9804169M3005216%s<<00"}}}`
	for optional, want := range map[string][2]string{
		"160498000T<<": {`/providerSpecific/documentVerification/mrzLine2#optionalData "160498000T" equivalent`, ""},
		"160498000S<<": {`/providerSpecific/documentVerification/mrzLine2#optionalData "160498000S" differs`, ""},
		"OFFICE77<<<<": {"", `/providerSpecific/documentVerification/mrzLine2#optionalData "OFFICE77" single`},
	} {
		fields := fieldsOf(t, fmt.Sprintf(body, optional), "")
		if got := sourceWords(fields["personalIdentificationNumber"]); got != want[0] {
			t.Errorf("%s: personal number: %s, want %s", optional, got, want[0])
		}
		if got := sourceWords(fields["optionalData"]); got != want[1] {
			t.Errorf("%s: optional data: %s, want %s", optional, got, want[1])
		}
	}
}

func TestNotesExplainAValue(t *testing.T) {
	fields := fieldsOf(t, `{"provider":"onfido","finalResult":{"nationality":"NLD","gender":"2","dateOfBirth":"1989-03-06","dateOfExpiry":"2026-02-21","issuingCountry":"QQQ"}}`, "")
	for name, want := range map[string]string{"nationality": "Netherlands", "gender": "female", "dateOfBirth": "36 years old", "dateOfExpiry": "expired 12 days ago", "issuingCountry": "", "lastName": ""} {
		if got := fields[name].Note; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestThePersonIsTakenFromTheResultElseFromTheProvider(t *testing.T) {
	e := exampleOf(t, "onfido-inconclusive")
	want := Person{FirstName: "ELIN MARTHE", LastName: "HAUGLAND BREKKE", DateOfBirth: "1991-06-14", Nationality: "NOR", DocumentNumber: "CCX204417",
		DocumentType: "passport", IssuingCountry: "NOR", PersonalNumber: "14069100000", MRZNames: "HAUGLAND BREKKE ELIN MARTHE"}
	if got := personOf(e.reading().fields()); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	stated := fieldsOf(t, `{"provider":"readid"}`, `{"userData":{"lastName":"Berg"}}`)
	if got := personOf([]Field{stated["lastName"]}); got.LastName != "" {
		t.Errorf("what the customer stated is taken for the person's name: %+v", got)
	}
}
