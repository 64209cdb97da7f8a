package evidence

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// FindNumberRepeated is the code of the one finding that depends on other processes, which come, change and go by themselves.
const FindNumberRepeated = findNumberRepeated

// Other is another process that states a number of this one.
type Other struct {
	ProcessID string
	Document  bool // it states a document number of this one
	Personal  bool // it states a personal number of this one
	Person    Person
}

// finalChanged tells that a status of Assure was final and yet another one followed: the documentation says that it never does
// (reference, section 4). An answer that was imported late can look the same.
func (f *finder) finalChanged() {
	statuses := append(slices.Clone(f.r.earlier), f.r.status.Status)
	for i := len(statuses) - 1; i > 0; i-- {
		was, is := DescribeStatus(statuses[i-1]), statuses[i]
		if was.Final && is != was.Status {
			f.add(findFinalChanged, Bad, "/status", "A final status changed: it was "+was.Status+", and a later version says "+statusWord(is)+". By the rule a final status stays")
			return
		}
	}
}

func statusWord(status string) string {
	if status == "" {
		return "nothing"
	}
	return status
}

// mostOthers is how many other processes are told one by one.
const mostOthers = 5

// WithOthers adds what Repeated tells.
func (r Report) WithOthers(others []Other) Report {
	r.Findings = WorstFirst(slices.Concat(r.Findings, Repeated(r.Person, others)))
	return r
}

// Repeated tells of other processes that state a number of a person's process, where their person is another. Two facts that contradict
// each other are no misreading any more; one alone may be. Nothing is said of the other person but which facts are not this one's. Whoever
// gives the others bounds them.
func Repeated(p Person, others []Other) []Finding {
	var told []Finding
	for _, o := range others {
		name, birth := contradicts(p, o.Person)
		if !name && !birth || o.elsewhere(p) {
			continue
		}
		finding := Finding{Code: findNumberRepeated, Severity: Notice, Process: o.ProcessID, Field: o.field(),
			Text: o.numbers() + " in another process, with " + contradictionWords(name, birth)}
		if name && birth {
			finding.Severity = Bad
		}
		told = append(told, finding)
	}
	told = WorstFirst(told)
	if more := len(told) - mostOthers; more > 0 {
		told = told[:mostOthers]
		told[mostOthers-1].Text += " (and in at least " + strconv.Itoa(more) + " more)"
	}
	return told
}

// WorstFirst puts findings in the order of a page, of equal weight in the order in which they come. It sorts in place.
func WorstFirst(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int { return int(b.Severity) - int(a.Severity) })
	return findings
}

func (o Other) numbers() string {
	switch {
	case o.Document && o.Personal:
		return "The document number and the personal number stand also"
	case o.Personal:
		return "The personal number stands also"
	}
	return "The document number stands also"
}

func (o Other) field() string {
	if o.Document {
		return "documentNumber"
	}
	return "personalIdentificationNumber"
}

func contradictionWords(name, birth bool) string {
	switch {
	case name && birth:
		return "another name and another date of birth"
	case name:
		return "another name"
	}
	return "another date of birth"
}

// elsewhere reports whether the other's number was given by another country, so that two equal ones are a coincidence. A number that is
// the person's own is taken for another country's only if nationalities differ too.
func (o Other) elsewhere(p Person) bool {
	issued := otherCountry(p.IssuingCountry, o.Person.IssuingCountry)
	if o.Personal {
		return issued && otherCountry(p.Nationality, o.Person.Nationality)
	}
	return issued
}

func otherCountry(a, b string) bool {
	x, known := countryCode(a)
	y, also := countryCode(b)
	return known && also && x != y
}

// contradicts reports which facts of two persons are not those of one. What one of them lacks contradicts nothing.
func contradicts(a, b Person) (name, birth bool) {
	if a.DateOfBirth != "" && b.DateOfBirth != "" {
		relation, _ := comparer{field: "dateOfBirth"}.compare(spelling{text: a.DateOfBirth}, spelling{text: b.DateOfBirth})
		birth = relation == Differs
	}
	return otherName(a, b), birth
}

// otherName reports whether no rule makes one name of two: whole, given and family name apart, or as an MRZ has them. Given names that one
// side leaves out, or has by their initials, are no other name.
func otherName(a, b Person) bool {
	whole, other := spaced(a.FirstName+" "+a.LastName), spaced(b.FirstName+" "+b.LastName)
	if whole == "" || other == "" || otherScript(whole, other) {
		return false
	}
	_, same := sameName(whole, other)
	_, family := sameName(a.LastName, b.LastName)
	return !same && !(family && givenAgree(a.FirstName, b.FirstName)) && !zoneAgrees(a, b) && !zoneAgrees(b, a)
}

func givenAgree(a, b string) bool {
	if a == "" || b == "" || sameInitials(a, b) || sameInitials(b, a) {
		return true
	}
	x, y := zoneWords(strings.ToUpper(norm.NFC.String(a))), zoneWords(strings.ToUpper(norm.NFC.String(b)))
	for i := range min(len(x), len(y)) {
		if !transliterated(x[i], y[i]) {
			return false
		}
	}
	return true
}

// shortestFull is the length from which the names of an MRZ may have been cut at its end (ICAO 9303 parts 4, 5 and 6: 30 to 39 characters).
const shortestFull = 28

// zoneAgrees reports whether the names in the zone of a are those of b, cut where a zone ends.
func zoneAgrees(a, b Person) bool {
	if a.MRZNames == "" {
		return false
	}
	for _, names := range []string{spaced(b.LastName + " " + b.FirstName), b.MRZNames} {
		if _, same := sameName(a.MRZNames, names); same {
			return true
		}
		if len([]rune(a.MRZNames)) >= shortestFull && truncatedName(cutAnywhere, a.MRZNames, names) {
			return true
		}
	}
	return false
}
