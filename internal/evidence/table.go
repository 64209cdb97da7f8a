package evidence

import (
	"slices"
	"strings"
)

// table says where one provider states the facts. It is ours, read off the reference, and no claim of the provider. The order is the
// order of the sources on the page; where there is no final result the others are compared with the first.
type table struct {
	elements []element
	zones    []zonePlace
	silent   []string // elements that hold answers to checks, ids and measurements: none of it states a fact about the person
}

// element is one part of providerSpecific and the facts in it.
type element struct {
	path   string // member names below providerSpecific, joined by "/"
	name   string // short name on the page
	medium Medium
	// states lists the fields that it states, separated by white space: "field" where the member has the same name, else
	// "field=member", the member's path joined by "/". "field?=member" is used only if nothing before it states the field.
	states string
}

// zonePlace is where the lines of a machine-readable zone stand: one member a line, or one that holds them all.
type zonePlace struct {
	path   string
	name   string
	lines  []string
	medium Medium
	bare   Medium // of a text too short for a zone, which then is the document number alone
	found  bool   // in no table: the portal found it
}

// tableOf is the provider's own table; empty for one that the portal does not know.
func (r *reading) tableOf() table {
	switch family(r.provider) {
	case "onfido":
		return onfidoTable
	case "signicatvideoid":
		return videoIDTable
	case "readid":
		return readIDTable
	case "signicatpaper":
		return paperTable
	case "webid":
		return webIDTable(r.webIDMedium())
	case "signicatpictureid":
		return pictureIDTable
	case "facetec":
		return faceTecTable
	case "connect":
		return connectTable
	}
	return table{}
}

// everyTable are all tables together. No two speak of one element, so that elements are read wherever they stand, under whatever name of a
// provider.
func (r *reading) everyTable() table {
	return joined(onfidoTable, videoIDTable, readIDTable, paperTable, webIDTable(r.webIDMedium()), pictureIDTable, faceTecTable, connectTable)
}

func joined(tables ...table) table {
	var all table
	for _, t := range tables {
		all.elements = append(all.elements, t.elements...)
		all.zones = append(all.zones, t.zones...)
		all.silent = append(all.silent, t.silent...)
	}
	return all
}

// fact is one entry of states.
type fact struct {
	field, member string
	ifUnstated    bool
}

func (e element) facts() []fact {
	words := strings.Fields(e.states)
	facts := make([]fact, 0, len(words))
	for _, word := range words {
		field, member, renamed := strings.Cut(word, "=")
		if !renamed {
			member = field
		}
		field, ifUnstated := strings.CutSuffix(field, "?")
		facts = append(facts, fact{field, member, ifUnstated})
	}
	return facts
}

// zoneFields are what a machine-readable zone states.
var zoneFields = strings.Fields("firstName lastName dateOfBirth gender nationality documentType documentNumber issuingCountry dateOfExpiry")

// has reports whether the provider has a place for a field, stated this time or not.
func (t table) has(field string) bool {
	if len(t.zones) > 0 && slices.Contains(zoneFields, field) {
		return true
	}
	return slices.ContainsFunc(t.elements, func(e element) bool {
		return slices.ContainsFunc(e.facts(), func(f fact) bool { return f.field == field })
	})
}
