package demo

import (
	"strings"
	"time"
)

// webIDContent is identResponse, in the spelling of the samples or of the schema. Success is accepted, a refusal
// rejected, a mismatch between what was stated and what was shown inconclusive.
func webIDContent(m *made) content {
	switch m.status {
	case failed:
		return content{
			failReason: object{{"type", "expired"}, {"message", "The user action expired."}},
			detail: object{{"identResponse", object{
				{"actionId", m.actionID()}, {"transactionId", m.id}, {"actionType", "pass"}, {"success", false}, {"mismatch", false},
				{"responseType", "expired"}, {"finishedOn", m.berlin(m.updated)}, {"identMode", m.identMode()},
			}}},
		}
	case accepted, rejected, inconclusive:
		return webIDIdentified(m)
	default:
		return content{}
	}
}

func webIDIdentified(m *made) content {
	read := truth(m.person, m.doc)
	read["nationality"] = m.nationality()
	delete(read, "personalIdentificationNumber") // WebID states none, so a disagreement planted there would show nowhere
	final := read.copied()
	c := content{}
	lines := read.only("documentNumber", "dateOfBirth", "dateOfExpiry")
	if m.status == accepted {
		m.sow(final, read, read, lines)
		c.final = final.members("firstName", "lastName", "dateOfExpiry", "dateOfBirth", "gender", "nationality", "documentType", "documentNumber")
	}
	if m.status == inconclusive {
		read["lastName"] += "-" + pick(m.dice, []string{"Weiss", "Sommer", "Okafor"})
	}
	success := m.status != rejected
	response := object{
		{"actionId", m.actionID()}, {"transactionId", m.id}, {"actionType", m.sampled("pass", "video_ident")}, {"success", success},
		{"mismatch", m.status == inconclusive}, {"responseType", "ident"}, {"finishedOn", m.berlin(m.updated)},
		{"identMode", m.identMode()}, {"identifiedOn", m.berlin(m.updated)},
	}
	if !success {
		response[len(response)-1].value = nil
	}
	response.add("idDocument", m.idDocument(read, lines))
	response.add("user", m.webIDUser(read))
	if m.ptype == "accountid" {
		response.add("productInfos", object{{"bankAccount", object{{"iban", m.fill("DE0012345678000000####")}}}})
	}
	if !success {
		response.add("rejectionReason", pick(m.dice, []string{"document_not_accepted", "photo_does_not_match", "user_not_cooperative"}))
	}
	if m.ptype == "videoid" {
		response.add("agentId", m.fill("agent-##"))
	}
	c.detail = object{{"identResponse", response}}
	return c
}

// sampled chooses between the word of the published samples and one of the schema.
func (m *made) sampled(inSample, inSchema string) string {
	if m.number%3 == 0 {
		return inSchema
	}
	return inSample
}

// nationality is alpha-2 in the published samples and alpha-3 in the schema.
func (m *made) nationality() string {
	return m.sampled(m.person.home.alpha2, m.person.home.country)
}

func (m *made) actionID() string { return newDice(m.seed, "action", m.number).fill("9########") }

func (m *made) identMode() string {
	if m.ptype == "accountid" {
		return "pay_ident"
	}
	return "video_ident"
}

// berlin writes a time with the offset of Germany, by the rule of the European Union to within the day.
func (m *made) berlin(t time.Time) string {
	hours := 1
	if month := t.Month(); month > time.March && month < time.October || month == time.March && t.Day() > 27 || month == time.October && t.Day() < 27 {
		hours = 2
	}
	return t.In(time.FixedZone("", hours*3600)).Format(time.RFC3339)
}

func (m *made) idDocument(r, lines reading) object {
	words := map[string]string{identityCard: "Personalausweis", passport: "Reisepass"}
	authority, number := m.sampled("authority", "issuingAuthority"), m.sampled("idNumber", "documentNumber")
	o := object{{authority, m.doc.issuer.authority}}
	o = append(o, r.members("dateOfExpiry", "dateOfIssue")...)
	o.add("documentType", words[m.doc.kind])
	o = append(o, r.members("documentNumber="+number)...)
	o.add("mrz", strings.Join(mrzLines(m.person, m.doc, lines), m.sampled("\n", "")))
	o.add("nameAtBirth", "")
	o = append(o, r.members("nationality", "placeOfBirth")...)
	if m.number%3 == 0 {
		o.opt("issuingCountry", m.doc.issuer.alpha2)
	}
	return o
}

func (m *made) webIDUser(r reading) object {
	o := object{{"title", ""}}
	o = append(o, r.members("firstName="+m.sampled("firstname", "firstName"), "lastName="+m.sampled("lastname", "lastName"), "dateOfBirth")...)
	o.add("address", object{
		{"street", "Teststraße"}, {"streetNumber", m.fill("1#")}, {"addressLine1", ""}, {"addressLine2", ""}, {"region", ""},
		{"zip", m.fill("00###")}, {"city", "Musterhausen"}, {"country", "DE"},
	})
	o.add("contact", object{{"email", mailOf(m.person)}, {"mobile", m.fill("+490000000###")}})
	return append(o, r.members("gender")...)
}

// mailOf is an address that cannot exist (RFC 2606).
func mailOf(p person) string {
	local := strings.ToLower(strings.Trim(mrzName(p.first)+"."+mrzName(p.last), "."))
	return strings.ReplaceAll(local, "<", "") + "@example.com"
}
