package demo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Machine-readable zones after ICAO Doc 9303 parts 3 (transliteration, check digits), 4 (TD3) and 5 (TD1).

const (
	td3Width = 44
	td1Width = 30
)

// latin writes a name as a chip or MRZ does: capitals A to Z and spaces.
func latin(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(mrzName(name), "<", " "))
}

// mrzName transliterates one name: Doc 9303 part 3 section 6; apostrophes go, hyphens and spaces become fillers.
func mrzName(name string) string {
	name = strings.NewReplacer(
		"Ä", "AE", "ä", "AE", "Ö", "OE", "ö", "OE", "Ü", "UE", "ü", "UE", "ß", "SS", "Å", "AA", "å", "AA",
		"Æ", "AE", "æ", "AE", "Ø", "OE", "ø", "OE", "Þ", "TH", "þ", "TH", "Ð", "D", "ð", "D", "Đ", "D", "đ", "D",
		"Ł", "L", "ł", "L", "ı", "I", "ñ", "N", "Ñ", "N",
	).Replace(norm.NFC.String(name))
	var out strings.Builder
	for _, r := range norm.NFD.String(name) {
		switch r = unicode.ToUpper(r); {
		case r >= 'A' && r <= 'Z':
			out.WriteRune(r)
		case r == ' ' || r == '-':
			out.WriteByte('<')
		}
	}
	return out.String()
}

// mrzNames is the name field: last name, two fillers, first names, cut or filled to width.
func mrzNames(p person, width int) string {
	names := mrzName(p.last)
	if p.first != "" {
		names += "<<" + mrzName(p.first)
	}
	return padded(names, width)
}

func padded(s string, width int) string {
	if len(s) > width {
		return s[:width]
	}
	return s + strings.Repeat("<", width-len(s))
}

// checkDigit is Doc 9303 part 3 section 4.9: weights 7, 3, 1, modulo 10.
func checkDigit(s string) string {
	sum := 0
	for i, c := range s {
		value := 0
		switch {
		case c >= '0' && c <= '9':
			value = int(c - '0')
		case c >= 'A' && c <= 'Z':
			value = int(c-'A') + 10
		}
		sum += value * []int{7, 3, 1}[i%3]
	}
	return string(rune('0' + sum%10))
}

// checked is a field with its check digit.
func checked(field string) string { return field + checkDigit(field) }

// mrzDate takes YYYY-MM-DD to YYMMDD.
func mrzDate(date string) string { return date[2:4] + date[5:7] + date[8:10] }

// mrzState is the code of a state in an MRZ: Germany's is a single letter (Doc 9303 part 3 section 5).
func mrzState(country string) string {
	if country == "DEU" {
		return "D<<"
	}
	return country
}

// mrzLines writes the zone of the document with the facts of a reading (number and dates), so that a misread value can
// stand in it. The check digits are always those of the true document, as a wrong reading of a genuine one would show.
func mrzLines(p person, doc document, r reading) []string {
	want := trueLines(p, doc, truth(p, doc))
	got := trueLines(p, doc, r)
	for i := range got {
		got[i] = keepChecks(got[i], want[i], checkPositions(doc.kind, i))
	}
	return got
}

func keepChecks(got, want string, positions []int) string {
	line := []byte(got)
	for _, at := range positions {
		line[at] = want[at]
	}
	return string(line)
}

// checkPositions are the places of check digits in a line, counted from 0.
func checkPositions(kind string, line int) []int {
	switch {
	case kind == passport && line == 1:
		return []int{9, 19, 27, 42, 43}
	case kind != passport && line == 0:
		return []int{14}
	case kind != passport && line == 1:
		return []int{6, 14, 29}
	default:
		return nil
	}
}

func trueLines(p person, doc document, r reading) []string {
	optional := ""
	if p.home.personalInMRZ {
		optional = strings.ReplaceAll(p.personal, "-", "")
	}
	number, birth, expiry := padded(r["documentNumber"], 9), checked(mrzDate(r["dateOfBirth"])), checked(mrzDate(r["dateOfExpiry"]))
	issuer, home := mrzState(doc.issuer.country), mrzState(p.home.country)
	if doc.kind == passport {
		personal := padded(optional, 14)
		second := checked(number) + home + birth + p.gender + expiry + checked(personal)
		second += checkDigit(second[0:10] + second[13:20] + second[21:43])
		return []string{"P<" + issuer + mrzNames(p, td3Width-5), second}
	}
	code := "I<"
	if doc.kind == residencePermit {
		code = "IR"
	}
	first := code + issuer + checked(number) + padded(optional, 15)
	second := birth + p.gender + expiry + home + padded("", 11)
	second += checkDigit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
	return []string{first, second, mrzNames(p, td1Width)}
}
