package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// spellingsOfADay are all spellings of a day that are read (reference, section 5, ICAO 9303 part 3, section 4.8, and what providers write).
func spellingsOfADay(iso string) map[string]string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil { // a day of no calendar: only its figures can be put in another order
		year, month, d := iso[:4], iso[5:7], iso[8:]
		return map[string]string{"documented": iso, "run together": year + month + d, "as in an MRZ": year[2:] + month + d, "day first": d + "." + month + "." + year,
			"day first with slashes": d + "/" + month + "/" + year, "with slashes": year + "/" + month + "/" + d, "as a time": iso + "T00:00:00Z"}
	}
	return map[string]string{"documented": iso, "run together": t.Format("20060102"), "as in an MRZ": t.Format("060102"), "day first": t.Format("02.01.2006"),
		"day first with slashes": t.Format("02/01/2006"), "day first with dashes": t.Format("02-01-2006"), "day first, two figures": t.Format("2.1.06"),
		"with slashes": t.Format("2006/01/02"), "with a short month": strings.ToUpper(t.Format("02 Jan 2006")), "with a long month": t.Format("2 January 2006"),
		"as a time": iso + "T00:00:00Z", "as a time with an offset": iso + "T00:00:00.000+02:00", "with an offset": iso + "+02:00"}
}

// Created in March 2026, read some days later.
func codesOfDates(t *testing.T, where, dates string) []string {
	t.Helper()
	final, detail := dates, `{}`
	if where == "detail" {
		final, detail = "", `{"features":{`+dates+`}}`
	}
	body := fmt.Sprintf(`{"provider":"signicatpaper","status":"rejected","createdAt":"2026-03-02T09:14:05Z","finalResult":{%s},"providerSpecific":%s}`, final, detail)
	root, malformed := parse([]byte(body))
	if malformed != "" {
		t.Fatal(malformed)
	}
	return codesOf(newReading(root, Input{Body: []byte(body), Now: exampleNow}).report().Findings)
}

func TestFactsAboutDatesAreFoundInEverySpelling(t *testing.T) {
	for _, c := range []struct{ name, field, day, code string }{
		{"expired long ago", "dateOfExpiry", "2016-10-20", findExpired},
		{"expired in the last century", "dateOfExpiry", "1989-12-31", findExpired},
		{"expired the day before creation", "dateOfExpiry", "2026-03-01", findExpired},
		{"expired since", "dateOfExpiry", "2026-03-03", findExpired},
		{"expires soon", "dateOfExpiry", "2026-03-20", findExpiresSoon},
		{"a child", "dateOfBirth", "2010-07-30", findUnderAge},
		{"a day short of eighteen", "dateOfBirth", "2008-03-03", findUnderAge},
		{"no thirtieth of February", "dateOfBirth", "1990-02-30", findImpossibleDate},
		{"no thirteenth month", "dateOfExpiry", "2030-13-31", findImpossibleDate},
		{"no thirty-first of June", "dateOfIssue", "2020-06-31", findImpossibleDate},
	} {
		for spelling, text := range spellingsOfADay(c.day) {
			for _, where := range []string{"final", "detail"} {
				if codes := codesOfDates(t, where, `"`+c.field+`":"`+text+`"`); !slices.Contains(codes, c.code) {
					t.Errorf("%s, %s, in the %s: %q has %v, and not %s", c.name, spelling, where, text, codes, c.code)
				}
			}
		}
	}
}

func TestNothingIsSaidOfDatesThatAreWell(t *testing.T) {
	saidOfDates := []string{findExpired, findExpiresSoon, findUnderAge, findImpossibleDate}
	for field, days := range map[string][]string{
		"dateOfBirth":  {"1930-01-01", "1989-07-30", "2008-03-02", "1926-03-07"}, // the last is older than most, and the century before is not possible yet
		"dateOfIssue":  {"2026-03-02", "1999-12-31", "2020-02-29"},
		"dateOfExpiry": {"2026-04-20", "2036-03-01", "2070-01-01"},
	} {
		for _, day := range days {
			for spelling, text := range spellingsOfADay(day) {
				for _, code := range codesOfDates(t, "final", `"`+field+`":"`+text+`"`) {
					if slices.Contains(saidOfDates, code) {
						t.Errorf("%s %q (%s): %s", field, text, spelling, code)
					}
				}
			}
		}
	}
	for _, text := range []string{"1989", "89<<<<", "yesterday", "07/30/1989", "30071989", "30 Juil 1989"} { // not read, and no claim that no calendar has it
		for _, code := range codesOfDates(t, "final", `"dateOfBirth":"`+text+`"`) {
			if slices.Contains(saidOfDates, code) {
				t.Errorf("%q: %s", text, code)
			}
		}
	}
}

// Only whole years can contradict each other: of two figures the century is the one that is possible.
func TestImpossibleDatesAreFoundInEverySpelling(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields map[string]string
		short  bool // two figures for a year say it too
	}{
		{"born in the future", map[string]string{"dateOfBirth": "2031-01-01"}, false},
		{"born 126 years ago", map[string]string{"dateOfBirth": "1900-01-01"}, false},
		{"issued in the future", map[string]string{"dateOfIssue": "2027-01-01"}, false},
		{"issued before birth", map[string]string{"dateOfBirth": "2001-05-05", "dateOfIssue": "1999-05-05"}, true},
		{"expired before it was issued", map[string]string{"dateOfIssue": "2024-05-05", "dateOfExpiry": "2020-05-05"}, true},
	} {
		forms := spellingsOfADay("2020-05-05")
		for form := range forms {
			var dates []string
			for field, day := range c.fields {
				dates = append(dates, `"`+field+`":"`+spellingsOfADay(day)[form]+`"`)
			}
			if short := len(forms[form]) < len("20200505"); short && !c.short {
				continue
			}
			if codes := codesOfDates(t, "final", strings.Join(dates, ",")); !slices.Contains(codes, findImpossibleDate) {
				t.Errorf("%s, %s: %v has %v", c.name, form, dates, codes)
			}
		}
	}
}

func TestNotesOfDatesInEverySpelling(t *testing.T) {
	for spelling, text := range spellingsOfADay("1989-03-06") {
		if f := fieldsOf(t, `{"provider":"connect:nbid","finalResult":{"dateOfBirth":"`+text+`"}}`, "")["dateOfBirth"]; f.Note != "36 years old" {
			t.Errorf("%s: %q has the note %q", spelling, text, f.Note)
		}
	}
}
