package evidence

import (
	"strings"
	"testing"
	"time"
)

// at is the time of the process in these tests.
var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestRulesEquateWhatTheyName(t *testing.T) {
	for _, c := range []struct{ field, source, value, rule string }{
		{"dateOfBirth", "890730", "1989-07-30", ruleDate},
		{"dateOfBirth", "19890730", "1989-07-30", ruleDate},
		{"dateOfBirth", "30.07.1989", "1989-07-30", ruleDate},
		{"dateOfBirth", "30/7/1989", "1989-07-30", ruleDate},
		{"dateOfBirth", "30 JUL 1989", "1989-07-30", ruleDate},
		{"dateOfBirth", "1989-07-30T00:00:00Z", "1989-07-30", ruleDate},
		{"dateOfBirth", "260301", "2026-03-01", ruleDate},
		{"dateOfBirth", "210101", "1921-01-01", ruleDate},
		{"dateOfExpiry", "310922", "2031-09-22", ruleDate},
		{"dateOfExpiry", "991231", "1999-12-31", ruleDate},
		{"dateOfIssue", "210922", "2021-09-22", ruleDate},
		{"nationality", "D", "DEU", ruleCountry},
		{"nationality", "D<<", "DEU", ruleCountry},
		{"nationality", "DE", "D", ruleCountry},
		{"nationality", "NL", "NLD", ruleCountry},
		{"nationality", "nld", "NLD", ruleCase},
		{"nationality", "Netherlands", "NLD", ruleCountry},
		{"issuingCountry", "RKS", "XKX", ruleCountry},
		{"issuingCountry", "GBR", "GB", ruleCountry},
		{"gender", "MALE", "M", ruleGender},
		{"gender", "1", "M", ruleGender},
		{"gender", "2", "female", ruleGender},
		{"gender", "f", "F", ruleCase},
		{"gender", "<", "X", ruleGender},
		{"documentType", "Personalausweis", "identityCard", ruleDocument},
		{"documentType", "IDENTITY_CARD", "identityCard", ruleDocument},
		{"documentType", "P", "passport", ruleDocument},
		{"documentType", "PO", "passport", ruleDocument},
		{"documentType", "ID", "identityCard", ruleDocument},
		{"documentType", "IR", "residencePermit", ruleDocument},
		{"documentType", "PASSPORT", "passport", ruleCase},
		{"documentNumber", "NX4 B70-K12", "NX4B70K12", ruleNumber},
		{"documentNumber", "nx4b70k12", "NX4B70K12", ruleCase},
		{"personalIdentificationNumber", "160498000T", "160498-000T", ruleNumber},
		{"similarityScore", "verylow", "veryLow", ruleCase},
		{"similarityScore", "0.76", "high", ruleSimilarity},
		{"similarityScore", "0.75", "medium", ruleSimilarity},
		{"similarityScore", "0.5", "low", ruleSimilarity},
		{"similarityScore", "0.25", "verylow", ruleSimilarity},
		{"livenessDetected", "TRUE", "true", ruleCase},
		{"placeOfBirth", "zürich", "ZUERICH", ruleICAO},
		{"email", "Elin@Example.com", "elin@example.com", ruleCase},
	} {
		relation, rule := comparer{c.field, at}.compare(spelling{text: c.source}, spelling{text: c.value})
		if relation != Equivalent || rule != c.rule {
			t.Errorf("%s: %q and %q: %s (%s), want equivalent (%s)", c.field, c.source, c.value, relation, rule, c.rule)
		}
	}
}

func TestRulesDoNotEquateWhatOnlyLooksAlike(t *testing.T) {
	for _, c := range []struct{ field, source, value, why string }{
		{"dateOfBirth", "890730", "2089-07-30", "nobody is born in the future"},
		{"dateOfBirth", "260303", "2026-03-03", "nor tomorrow"},
		{"dateOfBirth", "890730", "1789-07-30", "nobody is that old"},
		{"dateOfBirth", "1989-30-07", "1989-07-30", "there is no such month"},
		{"dateOfBirth", "07.30.1989", "1989-07-30", "the day comes first"},
		{"dateOfBirth", "1989-07-3O", "1989-07-30", "a letter is no figure"},
		{"dateOfBirth", "1989-02-30", "1989-03-02", "there is no such day"},
		{"dateOfExpiry", "310922", "1931-09-22", "no document is that old"},
		{"dateOfIssue", "270922", "2027-09-22", "nothing is issued in the future"},
		{"dateOfBirth", "1989-07-30T23:30:00Z", "1989-07-31", "another zone is another day"},
		{"nationality", "DE", "DNK", "two countries"},
		{"nationality", "GBD", "GBR", "a nationality of its own"},
		{"nationality", "XXA", "XXB", "stateless and refugee"},
		{"nationality", "NX", "NLD", "no country"},
		{"nationality", "ZZ", "zZx", "no countries"},
		{"gender", "M", "F", "two genders"},
		{"gender", "X", "M", "unspecified is none of the two"},
		{"gender", "1", "2", "two genders"},
		{"documentType", "P", "identityCard", "a passport's code"},
		{"documentType", "V", "passport", "a visa's code"},
		{"documentType", "PP1", "passport", "no code"},
		{"documentType", "Reisepass", "identityCard", "a passport"},
		{"documentType", "unknown", "passport", "no kind"},
		{"documentType", "P", "I", "two codes"},
		{"documentNumber", "NX4B7OK12", "NX4B70K12", "letter O is not zero"},
		{"documentNumber", "NX4B70K1", "NX4B70K12", "a figure is missing"},
		{"documentNumber", "0NX4B70K12", "NX4B70K12", "a leading zero counts"},
		{"documentNumber", "--", " ", "nothing is not a number"},
		{"personalIdentificationNumber", "900000023", "900000032", "two figures exchanged"},
		{"similarityScore", "0.751", "medium", "above the threshold"},
		{"similarityScore", "low", "verylow", "two levels"},
		{"similarityScore", "1.2", "high", "no score"},
		{"similarityScore", "7", "high", "not FaceTec's highest level"},
		{"livenessDetected", "false", "true", "the contrary"},
		{"livenessDetected", "yes", "true", "no published spelling"},
		{"email", "elin@example.org", "elin@example.com", "two addresses"},
	} {
		if relation, rule := (comparer{c.field, at}).compare(spelling{text: c.source}, spelling{text: c.value}); relation != Differs {
			t.Errorf("%s: %q and %q are %s (%s), want differs: %s", c.field, c.source, c.value, relation, rule, c.why)
		}
	}
}

func TestSomePlacesHaveReadingsOfTheirOwn(t *testing.T) {
	for _, c := range []struct {
		name          string
		field         string
		source, value spelling
		relation      Relation
		rule          string
	}{
		{"FaceTec's highest level is high", "similarityScore", spelling{text: "8", member: "matchLevel"}, spelling{text: "high"}, Equivalent, ruleSimilarity},
		{"FaceTec's level 1 is no score of 1", "similarityScore", spelling{text: "1", member: "matchLevel"}, spelling{text: "high"}, Differs, ""},
		{"a boolean is the string true", "livenessDetected", spelling{text: "true", isBool: true}, spelling{text: "true"}, Equivalent, ruleBoolean},
		{"a boolean is the same boolean", "livenessDetected", spelling{text: "true", isBool: true}, spelling{text: "true", isBool: true}, Same, ""},
		{"a clear liveness check is true", "livenessDetected", spelling{text: "clear", member: "result"}, spelling{text: "true"}, Equivalent, ruleBoolean},
		{"a doubtful one is not", "livenessDetected", spelling{text: "consider", member: "result"}, spelling{text: "true"}, Differs, ""},
		{"initials are those of the name", "firstName", spelling{text: "T.A.", member: "consumer.initials"}, spelling{text: "Tessa Anna"}, Equivalent, ruleInitials},
		{"other initials are not", "firstName", spelling{text: "TB", member: "consumer.initials"}, spelling{text: "Tessa Anna"}, Differs, ""},
		{"initials elsewhere are another name", "firstName", spelling{text: "TA", member: "given_name"}, spelling{text: "Tessa Anna"}, Differs, ""},
		{"unknown figures of an MRZ date are fillers", "dateOfBirth", spelling{text: "89<<<<", zone: true}, spelling{text: "1989-07-30"}, Equivalent, ruleDate},
		{"the known ones must agree", "dateOfBirth", spelling{text: "88<<<<", zone: true}, spelling{text: "1989-07-30"}, Differs, ""},
		{"only an MRZ has fillers", "dateOfBirth", spelling{text: "89<<<<"}, spelling{text: "1989-07-30"}, Differs, ""},
	} {
		relation, rule := comparer{c.field, at}.compare(c.source, c.value)
		if relation != c.relation || rule != c.rule {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, relation, rule, c.relation, c.rule)
		}
	}
}

func TestTheEditSpellsBothValues(t *testing.T) {
	for _, c := range []struct{ source, value, want string }{
		{"NX4B7OK12", "NX4B70K12", "NX4B7 -O +0 K12"},
		{"CARVALHO LEIT", "CARVALHO LEITE", "CARVALHO LEIT +E"},
		{"Ökonom", "Okonom", "-Ö +O konom"},
		{"", "AB", "+AB"},
		{"AB", "", "-AB"},
	} {
		var words []string
		for _, s := range editOf(c.source, c.value) {
			words = append(words, map[string]string{spanSame: "", spanRemoved: "-", spanAdded: "+"}[s.Kind]+s.Text)
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.source, c.value, got, c.want)
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("firstName", "MÜLLER", "MUELLER")
	f.Add("dateOfBirth", "890730", "1989-07-30")
	f.Add("documentNumber", "NX4B70K12", "NX4B7OK12")
	f.Fuzz(func(t *testing.T, field, a, b string) {
		c := comparer{field, at}
		one, rule := c.compare(spelling{text: a}, spelling{text: b})
		other, _ := c.compare(spelling{text: b}, spelling{text: a})
		if one != other {
			t.Errorf("%s: %q to %q is %s, the other way %s", field, a, b, one, other)
		}
		if (one == Equivalent) != (rule != "") {
			t.Errorf("%s by rule %q", one, rule)
		}
		var source, value strings.Builder
		for _, s := range editOf(a, b) {
			if s.Kind != spanAdded {
				source.WriteString(s.Text)
			}
			if s.Kind != spanRemoved {
				value.WriteString(s.Text)
			}
		}
		if source.String() != string([]rune(a)) || value.String() != string([]rune(b)) {
			t.Errorf("the edit spells %q and %q", source.String(), value.String())
		}
	})
}

func TestKindsOfDocumentsAreKnownWithAndWithoutAccents(t *testing.T) {
	for kind, names := range map[string][]string{
		"identityCard": {"Carte nationale d'identité", "CARTE NATIONALE D’IDENTITÉ", "carte nationale d'identite", "Carte d'identité", "Carta d'identità",
			"Personalausweis", "Vorläufiger Personalausweis", "Cartão de Cidadão", "Henkilökortti", "Dowód osobisty", "Identity Card", "ID card"},
		"driversLicense":  {"driversLicence", "Führerschein", "FÜHRERSCHEIN", "Fuehrerschein", "Fuhrerschein", "Führerschein", "Permis de conduire", "Permiso de conducción", "Körkort", "Kørekort", "Carta de condução", "Driving licence"},
		"residencePermit": {"Titre de séjour", "TITRE DE SÉJOUR", "Titre de sejour", "Aufenthaltstitel"},
		"passport":        {"Reisepaß", "Passeport", "Reisepass"},
		"":                {"Führerscheinn", "Identité", "carte", "Füherschein"},
	} {
		for _, name := range names {
			if got := documentName(name); got != kind {
				t.Errorf("%q is read as %q, want %q", name, got, kind)
			}
		}
	}
}
