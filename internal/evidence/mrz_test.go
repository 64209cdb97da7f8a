package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// zoneText is a readable picture of a zone: parts, then digits.
func zoneText(z mrzZone) string {
	var words []string
	for _, p := range z.parts {
		words = append(words, p.field+"="+p.text)
	}
	for _, d := range z.digits {
		mark := "ok"
		if !d.Valid {
			mark = "want " + d.Want
		}
		words = append(words, fmt.Sprintf("%s:%s %s", d.Part, d.Got, mark))
	}
	return strings.Join(words, "; ")
}

// The specimens of Utopia are those of ICAO 9303 parts 4 to 6 and 11.
func TestZonesOfEverySize(t *testing.T) {
	for _, c := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"TD3 in two texts", []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
			"documentType=P; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=L898902C3; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; optionalData=ZE184226B; documentNumber:6 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; optionalData:1 ok; composite:0 ok"},
		{"TD3 in one run, small letters", []string{"p<utoeriksson<<anna<maria<<<<<<<<<<<<<<<<<<<l898902c36uto7408122f1204159ze184226b<<<<<10"},
			"documentType=P; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=L898902C3; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; optionalData=ZE184226B; documentNumber:6 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; optionalData:1 ok; composite:0 ok"},
		{"TD2", []string{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"},
			"documentType=I; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=D23145890; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; documentNumber:7 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; composite:6 ok"},
		{"TD1", []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
			"documentType=I; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=D23145890; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; documentNumber:7 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; composite:6 ok"},
		{"TD1 with a long number", []string{"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"},
			"documentType=I; issuingCountry=UTO; lastName=STEVENSON; firstName=PETER JOHN; documentNumber=D23145890734; nationality=UTO; dateOfBirth=340712; " +
				"gender=M; dateOfExpiry=950712; documentNumber:9 ok; dateOfBirth:7 ok; dateOfExpiry:2 ok; composite:2 ok"},
		{"a name line that lost fillers", []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
			"documentType=P; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=L898902C3; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; optionalData=ZE184226B; documentNumber:6 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; optionalData:1 ok; composite:0 ok"},
		{"name lines that lost them all", []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA"},
			"documentType=I; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=D23145890; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; documentNumber:7 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; composite:6 ok"},
		{"the name line of a passport that lost them all", []string{"P<UTOERIKSSON", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
			"documentType=P; issuingCountry=UTO; lastName=ERIKSSON; documentNumber=L898902C3; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; optionalData=ZE184226B; documentNumber:6 ok; dateOfBirth:2 ok; dateOfExpiry:9 ok; optionalData:1 ok; composite:0 ok"},
		{"wrong digits are told and what they should be", []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8989O2C36UTO7408122F1204158ZE184226B<<<<<10"},
			"documentType=P; issuingCountry=UTO; lastName=ERIKSSON; firstName=ANNA MARIA; documentNumber=L8989O2C3; nationality=UTO; dateOfBirth=740812; " +
				"gender=F; dateOfExpiry=120415; optionalData=ZE184226B; documentNumber:6 want 0; dateOfBirth:2 ok; dateOfExpiry:8 want 9; optionalData:1 ok; composite:0 want 3"},
		{"one name, no expiry, German code, no optional data", []string{"P<D<<SUHARSONO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F<<<<<<<<<<<<<<<<<<<<<<0"},
			"documentType=P; issuingCountry=D; lastName=SUHARSONO; documentNumber=C01X00T47; nationality=D; dateOfBirth=640812; " +
				"gender=F; documentNumber:8 ok; dateOfBirth:5 ok; composite:0 ok"},
	} {
		zone, ok := readMRZ(c.texts)
		if got := zoneText(zone); !ok || got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestWhatIsNoZone(t *testing.T) {
	for name, texts := range map[string][]string{
		"nothing":                                  nil,
		"a number":                                 {"L9TX40QW7"},
		"one line of two":                          {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"},
		"nothing of a name line":                   {"P<UTO", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		"a figure too many":                        {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<100"},
		"letters beyond the zone":                  {"P<UTOÉRIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		"the first line of a card":                 {"I<UTOD231458907<<<<<<<<<<<<<<<"},
		"the first line of a French card of today": {"IDFRAT66000TY74<<<<<<<<<<<<<<<"},
		"a line with no end":                       {strings.Repeat("<", 100_000)},
		"three lines of different":                 {strings.Repeat("<", 30), strings.Repeat("<", 29), strings.Repeat("<", 30)},
	} {
		if zone, ok := readMRZ(texts); ok {
			t.Errorf("%s is read as %s", name, zoneText(zone))
		}
	}
}

func TestEveryReplacedFigureOfAZoneIsCaughtByADigit(t *testing.T) {
	lines := []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	for i, c := range lines[1] {
		if c < '0' || c > '9' {
			continue
		}
		for _, other := range strings.ReplaceAll("0123456789", string(c), "") {
			zone, _ := readMRZ([]string{lines[0], lines[1][:i] + string(other) + lines[1][i+1:]})
			wrong := 0
			for _, d := range zone.digits {
				if !d.Valid {
					wrong++
				}
			}
			if wrong == 0 {
				t.Errorf("%c for %c at %d leaves every digit right", other, c, i)
			}
		}
	}
}

func FuzzReadMRZ(f *testing.F) {
	f.Add("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "")
	f.Add("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
	f.Add("I<UTOD23145890<7<<<<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<", "", "")
	for _, kind := range kindsOfZones {
		texts := append(slices.Clone(kind.texts), "", "")
		f.Add(texts[0], texts[1], texts[2])
		f.Add(strings.Join(kind.texts, ""), "", "")
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		zone, ok := readMRZ([]string{a, b, c})
		if !ok && len(zone.parts)+len(zone.digits) > 0 {
			t.Error("no zone, and parts of it")
		}
		if len(zone.digits) != len(zone.lines) {
			t.Error("a digit without a line")
		}
		for _, p := range zone.parts {
			if p.text == "" || p.line > 2 {
				t.Errorf("part %+v", p)
			}
		}
		for _, d := range zone.digits {
			if d.Valid != (d.Got == d.Want) || len(d.Got) != 1 || d.Want < "0" || d.Want > "9" {
				t.Errorf("digit %+v", d)
			}
		}
	})
}
