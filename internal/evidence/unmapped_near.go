package evidence

import (
	"slices"
	"strings"
	"unicode"
)

// A value that is found by itself alone, under a name that says nothing, would be lost by the first letter that is misread: the very
// disagreement that a reviewer must see. So a leaf that is nearly one of the facts is a place of it as well, where three things hold: the
// likeness can hardly be chance, the text has the shape of the fact, and its name is none that says something else.

// nearKeys are the values that a leaf may nearly be, as they are compared.
type nearKey struct {
	field  string
	text   string // as stated
	folded []rune
}

// fewestInNear is how many letters and figures a number has that another is hardly like by chance; postal codes have fewer.
const fewestInNear = 6

// longestNear bounds what is compared letter by letter: no number of a document or person, and no name in a zone, is longer.
const longestNear = 80

func (d *detective) indexNear() {
	d.elses = d.t.namesOfOthers()
	for _, field := range fieldNames {
		if held := d.held[field].text; len(d.valueKeys(field, held)) > 0 && len(held) <= longestNear {
			d.near = append(d.near, nearKey{field, held, d.nearForm(field, held)})
		}
	}
	if d.whole.first.text != "" && d.whole.last.text != "" {
		for _, order := range d.whole.orders() {
			d.near = append(d.near, nearKey{"fullName", order, d.nearForm("fullName", order)})
		}
	}
}

// nearForm is a value without what rules equate: days as eight figures, names and numbers in capitals without marks and signs.
func (d *detective) nearForm(field, text string) []rune {
	if kindOfField(field) != dayKind {
		return []rune(foldValue(text))
	}
	if date, ok := d.r.dateOf(field, text); ok {
		return []rune(date.Format("20060102"))
	}
	return nil
}

// fieldByNearValue is the fact of which a leaf states nearly the value, or "".
func (d *detective) fieldByNearValue(v *value, names []string) string {
	if len(d.near) == 0 || len(v.text) > longestNear || d.saysElse(names[len(names)-1]) || d.ofOthers(names) || uuidPattern.MatchString(v.text) {
		return ""
	}
	form := []rune(foldValue(v.text))
	named := likeName(v.text) && !countryOrKind(v.text)
	for _, key := range d.near {
		if key.isNear(d, v.text, form, named) && d.distinct(key.field, v, names) {
			return key.field
		}
	}
	return ""
}

// isNear reports whether a text is nearly the key's; form is the text as names and numbers are compared, named whether it may be a name.
func (key nearKey) isNear(d *detective, text string, form []rune, named bool) bool {
	switch kindOfField(key.field) {
	case dayKind:
		return plausible(key.field, text) && d.nearDay(key, text)
	case numberKind:
		return len(form) == len(key.folded) && len(form) >= fewestInNear && sameShape(text, key.text) && editsApart(form, key.folded, 1) <= 1
	}
	fewest, most := shortestSecret, 1
	if len(key.folded) >= 2*shortestSecret {
		most = 2 // a letter that is spelled with two, misread
	}
	if key.field == "fullName" {
		fewest = 2 * shortestSecret
	}
	return named && len(key.folded) >= fewest && editsApart(form, key.folded, most) <= most
}

// nearDay reports whether a day has one figure other than the key's. Documents are issued and expire whole years apart: there another year
// is another day, not a misread one.
func (d *detective) nearDay(key nearKey, text string) bool {
	form := d.nearForm(key.field, text)
	if len(form) != len(key.folded) || editsApart(form, key.folded, 1) != 1 {
		return false
	}
	return key.field == "dateOfBirth" || string(form[:4]) == string(key.folded[:4])
}

// sameShape reports whether two numbers are as long and have figures in mostly the same places: of those where only one has, there is one at
// most.
func sameShape(a, b string) bool {
	x, y := bareNumber(a), bareNumber(b)
	if len(x) != len(y) {
		return false
	}
	other := 0
	for i := range len(x) {
		if figures(x[i:i+1]) != figures(y[i:i+1]) {
			other++
		}
	}
	return other <= 1
}

// likeName reports whether a text may be a name: words that begin with a capital, a figure among the letters at most, and nothing that codes
// have.
func likeName(text string) bool {
	first := []rune(strings.TrimSpace(text))
	if len(first) == 0 || strings.ContainsAny(text, "_{}@/:=") || answerWords[strings.ToLower(text)] || figureCount(text) > 1 {
		return false
	}
	return !unicode.IsLower(first[0]) || strings.Contains(text, " ")
}

// countryOrKind reports whether a text is a country or a kind of document, as many a family name nearly is: Germann.
func countryOrKind(text string) bool { return documentName(text) != "" || KnownCountry(text) }

// saysElse are words in a name that say what a leaf holds, and it is none of the facts.
var saysElse = wordSet(`city town village municipality place region province county state country street road address locality postal zip postcode
	office authority bank company organisation organization employer brand product model vendor manufacturer platform os browser version app sdk
	application language locale currency timezone algorithm provider network type kind category status result level mode method reason message
	description comment error profession occupation job title religion marital eye hair colour color nickname alias maiden`)

// saysElse reports whether a name says of a leaf that it is none of the facts: by a word in it, or because a table
// knows it for another.
func (d *detective) saysElse(name string) bool {
	says, known := d.elses[name]
	if !known {
		says = slices.ContainsFunc(splitName(name), func(word string) bool { return saysElse[strings.ToLower(word)] })
		d.elses[name] = says
	}
	return says
}

// namesOfOthers are the names of members that state what the final result has no field for: a town, an authority.
func (t table) namesOfOthers() map[string]bool {
	names := map[string]bool{}
	for _, e := range t.elements {
		for _, f := range e.facts() {
			if !slices.Contains(fieldNames, f.field) && f.field != "fullName" {
				names[f.member[strings.LastIndex(f.member, "/")+1:]] = true
			}
		}
	}
	return names
}

// misread reports whether a text that is no value of a field, be it no day or no country, is nearly the one that the field has. A code of a
// country has the form of one, whatever it says.
func (d *detective) misread(field, text string) bool {
	switch kindOfField(field) {
	case dayKind:
		form := []rune(foldValue(text))
		return slices.ContainsFunc(d.valueKeys(field, d.held[field].text), func(key string) bool {
			return len(key) == len(form) && editsApart(form, []rune(key), 1) <= 1
		})
	case countryKind:
		return isCountryForm(text)
	}
	return false
}

// isCountryForm reports whether a text is two or three capitals or figures, as the codes of ISO 3166-1 are when they are read well or badly.
func isCountryForm(text string) bool {
	return (len(text) == 2 || len(text) == 3) && !answerWords[strings.ToLower(text)] &&
		!strings.ContainsFunc(text, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') })
}
