package evidence

import (
	"slices"
	"strings"
	"testing"
)

// kindsOfZones are zones of every kind beside those of TestZonesOfEverySize, of invented people but for the visas of ICAO 9303 part 7. The
// check digits were computed elsewhere.
var kindsOfZones = []struct {
	name  string
	texts []string
	want  string
}{
	{"a Dutch driving licence", []string{"D1NLD155600711804KQ7Z0M2RT8XB1"},
		"documentType=D; issuingCountry=NLD; documentNumber=5560071180; optionalData=4KQ7Z0M2RT8XB; composite:1 ok"},
	{"a French driving licence, its name cut at eight letters", []string{"D1FRA24ZZ004170391104CHAVANEL6"},
		"documentType=D; issuingCountry=FRA; lastName=CHAVANEL; documentNumber=24ZZ00417; dateOfExpiry=391104; documentNumber:0 ok; composite:6 ok"},
	{"a French driving licence with a wrong digit", []string{"D1FRA24ZZ004171391104CHAV<<<<2"},
		"documentType=D; issuingCountry=FRA; lastName=CHAV; documentNumber=24ZZ00417; dateOfExpiry=391104; documentNumber:1 want 0; composite:2 want 3"},
	{"an Estonian driving licence", []string{"D<ESTEV204418<49106140003<<<<2"},
		"documentType=D; issuingCountry=EST; documentNumber=EV204418; optionalData=49106140003; composite:2 ok"},
	{"a driving licence of a state whose layout is not known", []string{"D120004881731092200000000000<3"},
		"documentType=D; optionalData=20004881731092200000000000; composite:3 ok"},
	{"a driving licence that opens like a French one with a name", []string{"D<FRANKLIN<<<IRL<00000Q41W0000"},
		"documentType=D; optionalData=FRANKLIN<<<IRL<00000Q41W000; composite:0 want 3"},
	{"a French identity card as it was until 2021", []string{"IDFRADELMOTTE<DARRIEU<<<<<<<<<069127", "1203691004176NOEMIE<<ODILE<8907301F1"},
		"documentType=ID; issuingCountry=FRA; lastName=DELMOTTE DARRIEU; firstName=NOEMIE ODILE; documentNumber=120369100417; dateOfBirth=890730; " +
			"gender=F; optionalData=069127; documentNumber:6 ok; dateOfBirth:1 ok; composite:1 ok"},
	{"a French identity card in one run, with two wrong digits", []string{"IDFRADELMOTTE<DARRIEU<<<<<<<<<0691271203691004175NOEMIE<<ODILE<8907301F1"},
		"documentType=ID; issuingCountry=FRA; lastName=DELMOTTE DARRIEU; firstName=NOEMIE ODILE; documentNumber=120369100417; dateOfBirth=890730; " +
			"gender=F; optionalData=069127; documentNumber:5 want 6; dateOfBirth:1 ok; composite:1 want 4"},
	{"a visa of the larger size", []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
		"documentType=V; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=L8988901C; nationality=XXX; dateOfBirth=400907; " +
			"gender=F; dateOfExpiry=961210; optionalData=6ZE184226B; documentNumber:4 ok; dateOfBirth:8 ok; dateOfExpiry:9 ok"},
	{"a visa of the smaller size", []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
		"documentType=V; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=L8988901C; nationality=XXX; dateOfBirth=400907; " +
			"gender=F; dateOfExpiry=961210; documentNumber:4 ok; dateOfBirth:8 ok; dateOfExpiry:9 ok"},
}

func TestZonesOfEveryKind(t *testing.T) {
	for _, c := range kindsOfZones {
		zone, ok := readMRZ(c.texts)
		if got := zoneText(zone); !ok || got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Whichever single character of a zone was misread, the zone is still read, and either a field or a check digit tells of it.
func TestNoReplacedCharacterLosesAZoneOrPassesUnseen(t *testing.T) {
	for _, c := range kindsOfZones {
		if strings.Contains(c.want, "want") || strings.Contains(c.name, "not known") {
			continue
		}
		for at, line := range c.texts {
			for i := range line {
				for _, other := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<" {
					texts := slices.Clone(c.texts)
					texts[at] = line[:i] + string(other) + line[i+1:]
					zone, ok := readMRZ(texts)
					if same := zoneText(zone) == c.want; !ok || same && texts[at] != line && !silent(c.name, texts, at, i) {
						t.Errorf("%s: %q is read as %q", c.name, texts[at], zoneText(zone))
					}
				}
			}
		}
	}
}

// silent are the places where another character changes nothing that a zone states: how a licence's chip is protected and the version of a
// Dutch one, if the other counts as much for the check digit; and fillers for fillers between names.
func silent(name string, texts []string, at, i int) bool {
	if strings.Contains(name, "licence") {
		return (i == 1 || strings.HasPrefix(texts[0][2:], "NLD") && i == 5) &&
			checkDigit(texts[0][:29]) == texts[0][29:]
	}
	return false
}

func TestALicenceLineUnderAnyNameIsReadAndIsPersonal(t *testing.T) {
	const body = `{"provider":"signicatpictureid","finalResult":{"documentNumber":"5560071180"},"providerSpecific":{"back":{"text":"D1NLD155600711804KQ7Z0M2RT8XB1"}}}`
	f := fieldsOf(t, body, "")["documentNumber"]
	if got := sourceWords(f); got != `/providerSpecific/back/text#documentNumber "5560071180" same found` {
		t.Errorf("sources %s", got)
	}
	root, _ := parse([]byte(body))
	if class := classesOf(root)[root.at("providerSpecific", "back", "text")]; class != PersonalNumber {
		t.Errorf("the line has class %s", class)
	}
}

func TestDrivingLicenceLinesAreKnownUnderAnyName(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"D1NLD155600711804KQ7Z0M2RT8XB1", true},
		{"D1NLD155600711804KQ7Z0M2RT8XB2", false},
		{"D7NLD155600711804KQ7Z0M2RT8XB1", false},
		{"DOCUMENTATION0000000000000000000", false},
		{"D1NLD155600711804KQ7Z0M2RT8XB", false},
		{"", false},
	} {
		if got := isLicenceLine(c.text); got != c.want {
			t.Errorf("%q: %v", c.text, got)
		}
	}
}

func TestADrivingLicenceSaysNoMoreOfThePersonThanItsStatePrints(t *testing.T) {
	const head = `{"provider":"onfido","finalResult":{"firstName":"JORIS","lastName":"VAN DER LINDEN","dateOfBirth":"1987-02-03","documentType":"driversLicense",` +
		`"documentNumber":"5560071180","issuingCountry":"NLD"},"providerSpecific":{"documentVerification":{"mrzLine1":"`
	for _, c := range []struct{ name, line, field, want string }{
		{"the number is a source", "D1NLD155600711804KQ7Z0M2RT8XB1", "documentNumber", `/providerSpecific/documentVerification/mrzLine1#documentNumber "5560071180" same`},
		{"and so is the letter D", "D1NLD155600711804KQ7Z0M2RT8XB1", "documentType", `/providerSpecific/documentVerification/mrzLine1#documentType "D" equivalent`},
		{"another number differs", "D1NLD155600711304KQ7Z0M2RT8XB1", "documentNumber", `/providerSpecific/documentVerification/mrzLine1#documentNumber "5560071130" differs`},
		{"another state differs", "D1NLE155600711804KQ7Z0M2RT8XB1", "issuingCountry", `/providerSpecific/documentVerification/mrzLine1#issuingCountry "NLE" differs`},
		{"another letter differs", "P1NLD155600711804KQ7Z0M2RT8XB1", "documentType", `/providerSpecific/documentVerification/mrzLine1#documentType "P" differs`},
		{"a name is not read where none is printed", "D1NLD155600711804KQ7Z0M2RT8XB1", "lastName", ``},
		{"nor a number where the layout is not known", "D155600711800000000000000000<5", "documentNumber", ``},
		{"a French one cuts the name", "D1FRA24ZZ004170391104VAN<DER<2", "lastName", `/providerSpecific/documentVerification/mrzLine1#lastName "VAN DER" equivalent`},
	} {
		f := fieldsOf(t, head+c.line+`"}}}`, "")[c.field]
		if got := sourceWords(f); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheOnlyNameOfAZoneIsWhatTheOtherPlacesCallIt(t *testing.T) {
	const zone = `"mrzLine1":"P<IDNSUHARSONO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<","mrzLine2":"C01X00T478IDN6408125F<<<<<<<<<<<<<<<<<<<<<<0"`
	for _, c := range []struct{ name, body, field, want string }{
		{"a first name", `{"provider":"onfido","finalResult":{"firstName":"SUHARSONO"},"providerSpecific":{"documentVerification":{` + zone + `}}}`,
			"firstName", `/providerSpecific/documentVerification/mrzLine1#lastName "SUHARSONO" same`},
		{"a last name", `{"provider":"onfido","finalResult":{"lastName":"SUHARSONO"},"providerSpecific":{"documentVerification":{` + zone + `}}}`,
			"lastName", `/providerSpecific/documentVerification/mrzLine1#lastName "SUHARSONO" same`},
		{"the last of two", `{"provider":"onfido","finalResult":{"firstName":"DEWI","lastName":"SUHARSONO"},"providerSpecific":{"documentVerification":{` + zone + `}}}`,
			"lastName", `/providerSpecific/documentVerification/mrzLine1#lastName "SUHARSONO" same`},
		{"another first name", `{"provider":"onfido","providerSpecific":{"documentVerification":{"firstName":"SUHARTONO",` + zone + `}}}`,
			"firstName", `/providerSpecific/documentVerification/firstName "SUHARTONO" single, /providerSpecific/documentVerification/mrzLine1#lastName "SUHARSONO" differs`},
	} {
		if got := sourceWords(fieldsOf(t, c.body, "")[c.field]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
