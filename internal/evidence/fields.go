package evidence

import (
	"slices"
	"strings"
	"time"
)

// fieldNames are the documented fields of the final result in the contract's order.
var fieldNames = strings.Fields(`firstName lastName lastNameSecondLine dateOfBirth placeOfBirth gender nationality documentType documentNumber
	issuingCountry dateOfIssue dateOfExpiry personalIdentificationNumber similarityScore livenessDetected`)

// FieldNames are the 15 documented final result fields in the contract's order.
func FieldNames() []string { return slices.Clone(fieldNames) }

var fieldLabels = map[string]string{
	"firstName": "First name", "lastName": "Last name", "lastNameSecondLine": "Last name, second line", "dateOfBirth": "Date of birth",
	"placeOfBirth": "Place of birth", "gender": "Gender", "nationality": "Nationality", "documentType": "Document type",
	"documentNumber": "Document number", "issuingCountry": "Issuing country", "dateOfIssue": "Date of issue", "dateOfExpiry": "Date of expiry",
	"personalIdentificationNumber": "Personal number", "similarityScore": "Face similarity", "livenessDetected": "Liveness detected",

	"mobile": "Mobile number", "email": "E-mail", "iban": "IBAN", "city": "Town", "nameAtBirth": "Name at birth", "aliasName": "Other name",
	"spouseName": "Name of spouse", "widowName": "Name as widow", "optionalData": "Optional data in the MRZ", "country": "Country of residence",
	"statedMobile": "Mobile number as stated", "statedAddress": "Address as stated", "statedPostalCode": "Postal code as stated",
	"statedCity": "Town as stated", "addressLine1": "Address, first line", "addressLine2": "Address, second line", "cell": "Second mobile number",
	"alternativeFirstName": "First name, other spelling", "alternativeLastName": "Last name, other spelling",
}

// FieldLabel is a field's words for a person; a name that the portal does not know is spelled out.
func FieldLabel(name string) string {
	if label, known := fieldLabels[name]; known {
		return label
	}
	return spelledOut(name)
}

// fields compares the final result with every place that speaks of the same fact.
func (r *reading) fields() []Field {
	t, g := r.tableOf(), r.places()
	order := g.order
	var out []Field
	for _, name := range fieldNames {
		out = append(out, r.rowOf(name, r.finalValue(name), g.statements[name], t.has(name)))
	}
	for _, v := range r.unknownFinal() {
		name := finalName(v)
		out = append(out, r.rowOf(name, v, g.statements[name], false))
		order = slices.DeleteFunc(slices.Clone(order), func(other string) bool { return other == name })
	}
	for _, name := range order {
		if !slices.Contains(fieldNames, name) {
			out = append(out, r.rowOf(name, nil, g.statements[name], false))
		}
	}
	return out
}

// finalValue is a field of the final result, alone in a list or not.
func (r *reading) finalValue(name string) *value { return r.final.at(name).alone() }

// unknownFinal lists the leaves of the final result that are no documented field, in received order.
func (r *reading) unknownFinal() []*value {
	var out []*value
	for _, child := range r.final.members() {
		if r.final.at(child.key) != child || slices.Contains(fieldNames, child.key) && child.alone().leaf() {
			continue
		}
		child.walk(func(v *value) {
			if v.leaf() {
				out = append(out, v)
			}
		})
	}
	return out
}

// rowOf compares all statements of one fact with the final result's value, or where there is none with the first of them. hasPlace says
// whether the provider has a place for the fact.
func (r *reading) rowOf(name string, final *value, statements []statement, hasPlace bool) Field {
	f := Field{Name: name, Label: FieldLabel(name), Class: FieldClass(name), Present: present(final), Relation: Single,
		Known: slices.Contains(fieldNames, name)}
	row := row{comparer: comparer{field: name, at: latest(r.created, r.now)}, statements: statements}
	row.held = heldOf(final, statements)
	if main := otherSpellingOf[name]; main != "" && !f.Present {
		if row.main = row.mainOf(heldOf(r.finalValue(main), r.places().statements[main])); row.main.text != "" {
			row.held = row.main
		}
	}
	if name == "fullName" && !f.Present {
		row.whole = r.wholeName(r.places().statements)
	}
	switch {
	case f.Present:
		f.Value, f.Class, f.Note = final.text, strictest(f.Class, r.classOf(final)), r.note(name, final.text)
	case len(statements) > 0 && !row.whole.known():
		row.first = Single
		if f.Known && r.final != nil && byProvider(statements[0]) {
			row.first = Absent
		}
	}
	for i := range statements {
		f.Sources = append(f.Sources, row.source(i))
	}
	f.settle(hasPlace && !slices.ContainsFunc(statements, byProvider))
	return f
}

func present(final *value) bool { return strings.TrimSpace(final.string()) != "" }

// heldOf is what the places that state a fact are held against: the final result's value, or where there is none what the first of them states.
func heldOf(final *value, statements []statement) spelling {
	switch {
	case present(final):
		return spelling{text: final.text, isBool: final.kind == "boolean", member: initialsMember(final.text, statements), cut: cutOfCopy(final.text, statements)}
	case len(statements) > 0:
		return statements[0].spelling
	}
	return spelling{}
}

// row is one fact while its places are compared.
type row struct {
	comparer
	statements []statement
	held       spelling  // what they are held against
	whole      wholeName // where that is a name in parts
	main       spelling  // of an alternative name, the name that it may be another spelling of
	first      Relation  // of the first of them, where that is what the others are held against; else empty
}

func (w row) source(i int) Source {
	s := w.statements[i]
	source := Source{Pointer: s.pointer, Name: s.name, Medium: s.medium, Raw: s.text, Found: s.found, Class: strictest(FieldClass(w.field), s.class)}
	against := w.held.text
	if i == 0 && w.first != "" && w.main.text == "" {
		source.Relation = w.first
	} else if w.whole.known() {
		source.Relation, source.Rule = w.whole.compare(s.spelling)
		against = w.whole.nearest(s.text)
	} else {
		source.Relation, source.Rule, against = w.relationOf(s)
	}
	if source.Relation == Differs {
		source.Edit = editOf(s.text, against)
	}
	return source
}

// relationOf compares a place with the value; against is what a difference is shown to.
func (w row) relationOf(s statement) (relation Relation, rule, against string) {
	relation, rule = w.compare(s.spelling, w.held)
	against = w.held.text
	if relation == Differs && s.joined() != "" {
		relation, rule, against = w.inThree(s.spelling)
	}
	if relation == Differs && w.incomparable(s) {
		relation = Single
	}
	return relation, rule, against
}

// incomparable reports whether a statement and the value speak of one fact in ways that nobody can hold against each other.
func (w row) incomparable(s statement) bool {
	return s.member == lowerLevelMember || w.held.member == lowerLevelMember ||
		s.medium == Customer && isBankNumber(w.held.text, w.statements) || kindOfField(w.field) == nameKind && otherScript(s.text, w.held.text)
}

// isBankNumber reports whether a value is the number by which a bank knows the person in iDIN (consumer.bin). The customer, who states the
// number that the country gave, cannot know it.
func isBankNumber(value string, statements []statement) bool {
	return slices.ContainsFunc(statements, func(s statement) bool { return s.member == "consumer.bin" && s.text == value })
}

// initialsMember names the place that calls the value of the final result initials, if one does.
func initialsMember(value string, statements []statement) string {
	for _, s := range statements {
		if s.isInitials() && s.text == value {
			return s.member
		}
	}
	return ""
}

// cutOfCopy tells whether the value of the final result is the copy of a name that an MRZ may have cut: then it may be cut as well.
func cutOfCopy(value string, statements []statement) nameCut {
	for _, s := range statements {
		if s.cut != notCut && s.text == value {
			return s.cut
		}
	}
	return notCut
}

func byProvider(s statement) bool { return s.medium != Customer }

// relationRank orders relations from worst to best, as the contract does.
var relationRank = map[Relation]int{Differs: 0, Unsourced: 1, Absent: 2, Equivalent: 3, Same: 4, Single: 5}

// settle takes the row's relation from its sources, and the media that agree.
func (f *Field) settle(unsourced bool) {
	if f.Present && unsourced {
		f.Relation = Unsourced
	}
	for _, s := range f.Sources {
		if relationRank[s.Relation] < relationRank[f.Relation] {
			f.Relation, f.Rule = s.Relation, s.Rule
		}
	}
	for _, s := range f.Agreeing() {
		if !slices.Contains(f.Media, s.Medium) {
			f.Media = append(f.Media, s.Medium)
		}
	}
	f.Confirmed = len(f.Media) > 1
}

// Agreeing are the sources that state the value and may stand for a reading of their own; without a final result, those that state what the
// first of them does, and that one.
func (f Field) Agreeing() []Source {
	var agreeing []Source
	for i, s := range f.Sources {
		agrees := s.Relation == Same || s.Relation == Equivalent || !f.Present && i == 0 && s.Relation != Differs
		if agrees && s.confirms() {
			agreeing = append(agreeing, s)
		}
	}
	return agreeing
}

// confirms reports whether a source may stand beside another as a second reading. A score is none, and of a place that the portal found
// itself nobody said what it was read from.
func (s Source) confirms() bool { return s.Medium != Derived && !s.Found }

// note explains a value of the final result; it says no more about the person than the value itself.
func (r *reading) note(name, text string) string {
	switch kindOfField(name) {
	case countryKind:
		return countryName(text)
	case genderKind:
		return map[string]string{"M": "male", "F": "female", "X": "unspecified"}[genderCodes[strings.ToUpper(text)]]
	}
	date, ok := r.dateOf(name, text)
	switch {
	case !ok:
		return ""
	case name == "dateOfBirth":
		return ageWords(date, r.now)
	case name == "dateOfExpiry":
		return expiryWords(date, r.now)
	}
	return ""
}

func ageWords(birth, now time.Time) string {
	age := now.Year() - birth.Year()
	if now.Month() < birth.Month() || now.Month() == birth.Month() && now.Day() < birth.Day() {
		age--
	}
	if age < 0 || age > oldestAge {
		return ""
	}
	return counted(age, "year", "years") + " old"
}

func expiryWords(expiry, now time.Time) string {
	days := int(dayOf(now).Sub(expiry).Hours() / 24)
	switch {
	case days > 0:
		return "expired " + counted(days, "day", "days") + " ago"
	case days > -31:
		return "expires within a month"
	}
	return "valid"
}
