package evidence

import (
	"testing"
	"unicode/utf8"
)

// nearMiss is a pair that a rule must not equate, and nothing else either.
type nearMiss struct {
	field, source, value, why string
}

// nearMisses are what each rule might equate if it were a little laxer.
var nearMisses = map[string][]nearMiss{
	ruleDate: {
		{"dateOfBirth", "1989-07-03", "1989-07-30", "figures exchanged"},
		{"dateOfBirth", "890730", "1889-07-30", "a hundred years too old"},
		{"dateOfBirth", "07/30/1989", "1989-07-30", "the month comes second"},
		{"dateOfBirth", "03.07.89", "1989-07-30", "another day"},
		{"dateOfBirth", "1989-07", "1989-07-01", "no day"},
		{"dateOfBirth", "1989", "1989-01-01", "no month"},
		{"dateOfBirth", "19890730", "1989-07-31", "another day"},
		{"dateOfBirth", "l9890730", "1989-07-30", "a letter"},
		{"dateOfBirth", "١٩٨٩-٠٧-٣٠", "1989-07-30", "figures that no rule names"},
		{"dateOfBirth", "1989-07-30 00:00", "1989-07-30", "no spelling of a time that is known"},
		{"dateOfBirth", "30 JULI 1989", "1989-07-30", "a month of another language"},
		{"dateOfBirth", "30 JUN 1989", "1989-07-30", "another month"},
		{"dateOfBirth", "0890730", "1989-07-30", "seven figures"},
		{"dateOfExpiry", "310922", "2131-09-22", "nothing is valid so long"},
		{"dateOfIssue", "260401", "2026-04-01", "issued tomorrow"},
	},
	ruleCountry: {
		{"nationality", "AT", "AUS", "Austria and Australia"},
		{"nationality", "CH", "CHN", "Switzerland and China"},
		{"nationality", "SE", "SEN", "Sweden and Senegal"},
		{"nationality", "D", "DNK", "Germany's letter"},
		{"nationality", "DD", "DEU", "a country that is no more"},
		{"nationality", "N", "NOR", "a code of cars"},
		{"nationality", "F", "FRA", "a code of cars"},
		{"nationality", "UK", "GBR", "no code of ISO 3166-1"},
		{"nationality", "GBO", "GBR", "a nationality of its own"},
		{"nationality", "ROM", "ROU", "a code that was withdrawn"},
		{"nationality", "N0R", "NOR", "a zero"},
		{"nationality", "IRN", "IRQ", "two countries"},
		{"issuingCountry", "UNO", "UNA", "two issuers"},
		{"nationality", "", "XXX", "nothing is not unspecified"},
	},
	ruleCase: {
		{"documentNumber", "NX4B70\u212a12", "NX4B70K12", "the sign for kelvin looks like a K"},
		{"documentNumber", "NX4B70K1\u017f", "NX4B70K1S", "a long s folds to an S"},
		{"documentNumber", "NX4B7\u0131K12", "NX4B7IK12", "an i without its dot"},
		{"documentNumber", "ＮX4B70K12", "NX4B70K12", "a letter of double width"},
		{"nationality", "\u017fWE", "SWE", "a long s folds to an S"},
		{"gender", "F ", "M", "two genders"},
		{"email", "eli\u212a@example.com", "elik@example.com", "the sign for kelvin"},
	},
	ruleDiacritics: {
		{"lastName", "MÜLLER", "MÛLLER", "two marks"},
		{"lastName", "Čović", "Cović́", "a mark on another letter"},
		{"lastName", "ÖBERG", "OEBERGE", "a letter too many"},
		{"lastName", "Åberg", "Öberg", "two letters"},
		{"lastName", "ŁUKASZ", "IUKASZ", "no bare letter of it"},
		{"lastName", "Кий", "Кии", "marks make letters in Cyrillic"},
		{"lastName", "が", "か", "marks make syllables in Japanese"},
		{"documentNumber", "ÑX4B70K12", "NX4B70K12", "a number has no marks"},
	},
	ruleICAO: {
		{"lastName", "MULLER", "MAELLER", "no letter is lost so"},
		{"lastName", "MULLER", "MUELLLER", "a letter too many"},
		{"lastName", "MUELLER", "MOELLER", "two letters"},
		{"lastName", "MUXXLLER", "MUXLLER", "X stands twice"},
		{"lastName", "GROSS", "GROS", "one s is not two"},
		{"lastName", "Groß", "GROS", "sharp s is SS"},
		{"lastName", "Þórsson", "TORSSON", "thorn is TH"},
		{"lastName", "Иванов", "IVANOVA", "another ending"},
		{"lastName", "Щукин", "SHUKIN", "not its spelling"},
		{"lastName", "Παππάς", "PAPAS", "a letter is missing"},
		{"lastName", "IVАNOV", "IVANOV", "its A is Cyrillic and only looks alike"},
		{"lastName", "D'ARC", "DARK", "another letter"},
		{"documentNumber", "NXÆ4B70", "NXAE4B70", "a number has no transliteration"},
		{"documentNumber", "NX4B70B12", "NX4B70В12", "a Cyrillic letter in a number"},
	},
	ruleGender: {
		{"gender", "1", "F", "ISO 5218 counts men first"},
		{"gender", "W", "F", "no published code"},
		{"gender", "FEMALE", "MALE", "the one ends like the other"},
		{"gender", "FM", "F", "no code"},
		{"gender", "0", "M", "not known"},
		{"gender", "3", "X", "no code of ISO 5218"},
		{"gender", "", "X", "nothing is not unspecified"},
	},
	ruleDocument: {
		{"documentType", "P", "passportCard", "a book's code"},
		{"documentType", "I", "passport", "a card's code"},
		{"documentType", "D", "identityCard", "a licence's code"},
		{"documentType", "Passersatz", "passport", "no passport"},
		{"documentType", "ID3", "identityCard", "no code"},
		{"documentType", "residence permit", "identityCard", "two kinds"},
		{"documentType", "V", "residencePermit", "a visa's code"},
		{"documentType", "AC", "ID", "two codes"},
		{"documentType", "II", "passport", "a card's code"},
	},
	ruleNumber: {
		{"documentNumber", "NX4B7-0K21", "NX4B70K12", "figures exchanged"},
		{"documentNumber", "NX4B70K12+", "NX4B70K12", "a sign that groups nothing"},
		{"documentNumber", "NX4B70K", "NX4B70K12", "its end is missing"},
		{"documentNumber", "NX4B70K12NX4B70K12", "NX4B70K12", "twice"},
		{"documentNumber", "5-0", "50<0", "a zero too many"},
		{"documentNumber", "I1", "11", "a letter is no figure"},
		{"documentNumber", "00123456", "123456", "leading zeros count"},
		{"personalIdentificationNumber", "160498+000T", "160498-000T", "the sign tells the century in Finland"},
		{"personalIdentificationNumber", "160498A000T", "160498000T", "so does the letter"},
		{"personalIdentificationNumber", "19160498000T", "160498000T", "a century too many"},
		{"documentNumber", "<<", "--", "nothing is no number"},
	},
	ruleOrder: {
		{"firstName", "ANNA MARIA", "ANNA MARIA ANNA", "a name too many"},
		{"firstName", "ANNA MARIA", "MARIA HANNA", "another name"},
		{"firstName", "ANNA ANNA", "ANNA MARIA", "one name twice"},
		{"firstName", "AN NA", "NAN A", "letters of two words"},
		{"firstName", "ANNA", "NANA", "letters in another order"},
	},
	ruleBoolean: {
		{"livenessDetected", "truee", "true", "no boolean"},
		{"livenessDetected", "1", "true", "no published spelling"},
		{"livenessDetected", "false", "TRUE", "the contrary"},
		{"livenessDetected", "clear", "true", "an answer of Onfido under another name"},
		{"livenessDetected", "null", "false", "nothing is not false"},
	},
	ruleSimilarity: {
		{"similarityScore", "0.7500001", "medium", "above the threshold"},
		{"similarityScore", "0.25", "low", "at the threshold it is below"},
		{"similarityScore", "0.5", "medium", "at the threshold it is below"},
		{"similarityScore", "-0.1", "verylow", "no score"},
		{"similarityScore", "90", "high", "no score of 0 to 1"},
		{"similarityScore", "NaN", "verylow", "no number"},
		{"similarityScore", "0x1p-1", "low", "no spelling of a score"},
		{"similarityScore", "very low", "verylow", "no published spelling"},
		{"similarityScore", "0.9", "0.8", "two scores"},
	},
	ruleTruncated: {
		{"lastName", "FEATHERSTONE", "FEATHERSTONEHAUGH", "nothing says that it was cut"},
		{"lastName", "F", "FEATHERSTONEHAUGH", "nothing says that it was cut"},
		{"placeOfBirth", "FEATHERSTONEHAUGH MARJORIBANKS CHOLMON", "FEATHERSTONEHAUGH MARJORIBANKS CHOLMONDELEY", "an MRZ has no place of birth"},
	},
	ruleInitials: {
		{"firstName", "TA", "Tessa Anna", "no place of initials"},
		{"firstName", "T.A.", "Tessa Anna", "no place of initials"},
		{"lastName", "B", "Berg", "no place of initials"},
	},
	ruleMiddle: {
		{"firstName", "Elin", "Elin Marthe", "no middle name stands beside it"},
		{"firstName", "Marthe", "Elin Marthe", "no first name stands beside it"},
		{"lastName", "Brekke", "Marthe Brekke", "no middle name stands beside it"},
	},
	ruleSpacing: {
		{"firstName", "ANNAMARIA", "ANNA MARLA", "another letter"},
		{"firstName", "GYOZO E", "GYOZO", "no letter is spelled across two words"},
		{"firstName", "GYOZO E", "GYŐZŐ", "no letter is spelled across two words"},
		{"firstName", "A A MARIA", "Å MARIA", "no letter is spelled across two words"},
		{"firstName", "ANNA MARIA", "ANNAMARI A B", "a letter too many"},
		{"email", "elin@example.com", "elin@ example.com", "an address has no spaces"},
		{"email", "el.in@example.com", "elin@example.com", "a full stop counts"},
		{"dateOfBirth", "1989 07 3 0", "1989-07-30", "four parts"},
	},
	ruleTitle: {
		{"lastName", "DRMULLER", "MULLER", "no word of its own"},
		{"lastName", "MULLER DR", "MULLER", "no title stands behind"},
		{"lastName", "JR MULLER", "MULLER", "no suffix stands before"},
		{"lastName", "VON MULLER", "MULLER", "a particle is no title"},
		{"lastName", "HENRY IV", "HENRY VI", "no such suffix"},
		{"lastName", "KING II", "KING III", "two suffixes"},
		{"firstName", "Prof. Anna", "Prof. Hanna", "another name"},
		{"lastName", "DR", "PROF", "titles alone"},
	},
	ruleUnicode: {
		{"lastName", "Mu\u0301ller", "Müller", "another mark"},
		{"lastName", "ŞTEFAN", "ŠTEFAN", "cedilla and caron"},
		{"lastName", "O\"CONNOR", "OXCONNOR", "a sign is no letter"},
		{"documentNumber", "１２３４５６", "123456", "figures of double width in a number"},
		{"lastName", "ΗΑΝΝΑ", "HANNA", "its first letter is a Greek eta and only looks alike"},
	},
}

func TestNearMissesDiffer(t *testing.T) {
	for rule, misses := range nearMisses {
		for _, m := range misses {
			for _, pair := range [][2]string{{m.source, m.value}, {m.value, m.source}} {
				relation, by := comparer{m.field, at}.compare(spelling{text: pair[0]}, spelling{text: pair[1]})
				if relation != Differs {
					t.Errorf("near %s: %s: %q and %q are %s (%s), want differs: %s", rule, m.field, pair[0], pair[1], relation, by, m.why)
				}
			}
		}
	}
}

func TestNearMissesInPlacesOfTheirOwnDiffer(t *testing.T) {
	zone := func(text string) spelling { return spelling{text: text, zone: true} }
	cut := func(text string, c nameCut) spelling { return spelling{text: text, zone: true, cut: c} }
	initials := func(text string) spelling { return spelling{text: text, member: "consumer.initials"} }
	plain := func(text string) spelling { return spelling{text: text} }
	for _, c := range []struct {
		rule, field   string
		source, value spelling
		why           string
	}{
		{ruleTruncated, "lastName", cut("FEATHERSTONEHAU", cutBetweenWords), plain("Featherstonehaugh"), "a filler stands at the end: no word was cut"},
		{ruleTruncated, "lastName", cut("FEATHERSTONEHAU", notCut), plain("Featherstonehaugh"), "there was room"},
		{ruleTruncated, "lastName", cut("FEATHERSTONEHOU", cutAnywhere), plain("Featherstonehaugh"), "another letter"},
		{ruleTruncated, "lastName", cut("HAUGH", cutAnywhere), plain("Featherstonehaugh"), "its end"},
		{ruleTruncated, "lastName", cut("MARJORIBANKS", cutAnywhere), plain("Featherstonehaugh Marjoribanks"), "the second name"},
		{ruleTruncated, "lastName", cut("MUEB", cutAnywhere), plain("Müller"), "another letter behind the cut one's spelling"},
		{ruleTruncated, "firstName", cut("ANNA M X", cutAnywhere), plain("Anna Maria"), "a word too many"},
		{ruleTruncated, "firstName", plain("Anna"), cut("ANNA MARIA", cutAnywhere), "the zone has more than the print"},
		{ruleTruncated, "documentNumber", cut("NX4B70K", cutAnywhere), plain("NX4B70K12"), "numbers are never cut"},
		{ruleInitials, "firstName", initials("TB"), plain("Tessa Anna"), "another letter"},
		{ruleInitials, "firstName", initials("AT"), plain("Tessa Anna"), "another order"},
		{ruleInitials, "firstName", initials("T"), plain("Tessa Anna"), "one is missing"},
		{ruleInitials, "firstName", initials("TAM"), plain("Tessa Anna"), "one too many"},
		{ruleInitials, "firstName", initials("THA"), plain("Theodora Anna"), "without full stops these are three"},
		{ruleInitials, "firstName", initials("Te.B."), plain("Tessa Anna"), "another letter"},
		{ruleInitials, "firstName", initials("Tessa.A."), plain("Tessa Anna"), "a name is no initial"},
		{ruleDate, "dateOfBirth", zone("89073<"), plain("1989-07-29"), "the known figures differ"},
		{ruleDate, "dateOfBirth", zone("<<<<<<"), plain("1989-07-30"), "nothing is no day"},
		{ruleDate, "dateOfBirth", plain("8907<<"), plain("1989-07-30"), "only an MRZ has fillers"},
		{ruleBoolean, "livenessDetected", spelling{text: "consider", member: "result"}, plain("true"), "a doubtful answer"},
		{ruleSimilarity, "similarityScore", spelling{text: "7", member: "matchLevel"}, plain("high"), "not the highest level"},
	} {
		for _, pair := range [][2]spelling{{c.source, c.value}, {c.value, c.source}} {
			if relation, by := (comparer{c.field, at}).compare(pair[0], pair[1]); relation != Differs {
				t.Errorf("near %s: %s: %q and %q are %s (%s), want differs: %s", c.rule, c.field, pair[0].text, pair[1].text, relation, by, c.why)
			}
		}
	}
}

// No letter or figure of a number may stand for another, of whatever script, case alone excepted.
func TestNoTwoCharactersOfANumberAreEqual(t *testing.T) {
	for _, was := range "AIKSO015B8" {
		for other := rune(0x21); other < 0x2500; other++ {
			text := "NX" + string(other) + "4B70"
			if utf8.RuneCountInString(bareNumber(text)) < 7 || other == was || other == was+'a'-'A' {
				continue // what groups figures is left out
			}
			if relation, rule := (comparer{"documentNumber", at}).compare(spelling{text: text}, spelling{text: "NX" + string(was) + "4B70"}); relation != Differs {
				t.Errorf("%U stands for %c by %q", other, was, rule)
			}
		}
	}
}
