package demo

import (
	"maps"
	"strings"
	"time"
)

// Kinds of documents, in the words of Assure.
const (
	passport        = "passport"
	identityCard    = "identityCard"
	residencePermit = "residencePermit"
	driversLicense  = "driversLicense"
)

const dateForm = "2006-01-02"

// document is one paper of a person.
type document struct {
	kind          string
	number        string
	issuer        *tradition // who gave it out; a residence permit's is not the holder's home
	issue, expiry time.Time
}

// newDocument draws a document. Dates are absolute, since values depend on the seed alone: a valid one was issued
// between July 2021 and December 2025 and is good for ten years, an expired one ran out between 2021 and 2024. So the
// made-up data hangs together for demonstrations between January 2026 and July 2031.
func newDocument(d dice, p person, kind string, expired bool, hosts []*tradition) document {
	if kind == residencePermit && !p.home.needsPermit {
		kind = identityCard
	}
	if kind == identityCard && p.home.card == "" {
		kind = passport
	}
	doc := document{kind: kind, issuer: p.home}
	switch kind {
	case passport:
		doc.number = d.fill(p.home.passport)
	case identityCard:
		doc.number = d.fill(p.home.card)
	case driversLicense:
		doc.number = d.fill("55########")
	case residencePermit:
		doc.issuer = pick(d, hosts)
		doc.number = d.fill("Y@#######")
	}
	doc.issue = time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.IntN(1630))
	if expired {
		doc.issue = time.Date(2011, 1, 5, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.IntN(1400))
	}
	doc.expiry = doc.issue.AddDate(10, 0, 0)
	return doc
}

// personalNumber has the look of the country's number and is not one: the part that counts people is zeros.
func personalNumber(d dice, home *tradition, birth time.Time) string {
	template := strings.Replace(home.personal, "birth", birth.Format("020106"), 1)
	if template == home.personal {
		return d.fill(template)
	}
	date, rest := template[:6], template[6:]
	return date + d.fill(rest)
}

// reading is what one source says of a person and a document, under the names of the final result. A fact that the
// source does not state is absent.
type reading map[string]string

// truth is the document read without a mistake, names as written at home.
func truth(p person, doc document) reading {
	return reading{
		"firstName": p.first, "lastName": p.last, "lastNameSecondLine": p.second,
		"dateOfBirth": p.birth.Format(dateForm), "placeOfBirth": p.place, "gender": p.gender,
		"nationality": p.home.country, "documentType": doc.kind, "documentNumber": doc.number,
		"issuingCountry": doc.issuer.country, "dateOfIssue": doc.issue.Format(dateForm),
		"dateOfExpiry": doc.expiry.Format(dateForm), "personalIdentificationNumber": p.personal,
	}
}

// copied is another source that says the same.
func (r reading) copied() reading { return maps.Clone(r) }

// with changes some values by f, in a copy.
func (r reading) with(f func(string) string, names ...string) reading {
	out := r.copied()
	for _, name := range names {
		out[name] = f(out[name])
	}
	return out
}

// only keeps some facts, in a copy.
func (r reading) only(names ...string) reading {
	out := reading{}
	for _, name := range names {
		if r[name] != "" {
			out[name] = r[name]
		}
	}
	return out
}

// members gives the stated facts in the order of names; "a=b" calls fact a b.
func (r reading) members(names ...string) object {
	var o object
	for _, name := range names {
		fact, called, renamed := strings.Cut(name, "=")
		if !renamed {
			called = fact
		}
		o.opt(called, r[fact])
	}
	return o
}
