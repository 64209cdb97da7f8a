package demo

import (
	"strings"
	"time"
)

// readIDContent is what the chip says: consolidatedIdentityData, and with the SDK documentContent and iproovSession.
// Accepted is a verified chip that is no clone or cannot tell; a clone or a failed face is inconclusive; an unverified
// chip is rejected.
func readIDContent(m *made) content {
	if m.status == failed {
		return content{failReason: m.failure()}
	}
	if !withResult(m.status) {
		return content{}
	}
	read, full := m.chip(), m.ptype == "sdk"
	inside := read.copied()
	final := read.copied()
	c := content{detailFirst: !full, images: []string{"portrait"}}
	if m.status == accepted {
		sources := []reading{read}
		if full {
			sources = append(sources, inside)
		}
		m.sow(final, sources...)
		c.final = final.members("documentType", "firstName", "lastName", "gender", "nationality", "dateOfBirth", "documentNumber",
			"dateOfExpiry", "issuingCountry", "personalIdentificationNumber")
		if full {
			c.final.add("livenessDetected", m.spelled(true))
			c.final = append(c.final, final.members("placeOfBirth", "dateOfIssue")...)
		}
	}
	c.detail = object{{"consolidatedIdentityData", m.consolidated(read)}}
	switch {
	case full:
		c.images = []string{"portrait", "selfie"}
		c.detail.add("documentContent", m.chipContent(inside))
		c.detail.add("iproovSession", m.iproov(!m.faceFailed()))
	case m.status == accepted && m.oneIn(8):
		c.detail = object{{"session", c.detail}} // the older shape
	}
	c.depictions = c.images
	return c
}

// faceFailed says whether an inconclusive process is so by the face and not by the chip.
func (m *made) faceFailed() bool {
	return m.status == inconclusive && m.ptype == "sdk" && m.number%2 == 0
}

// chipVerdict is the two answers of the chip.
func (m *made) chipVerdict() (verified, clone string) {
	switch {
	case m.status == rejected && m.number%2 == 0:
		return "FAILED", "NOT_AVAILABLE"
	case m.status == rejected:
		return "FAILED", "SUCCEEDED"
	case m.status == inconclusive && !m.faceFailed():
		return "SUCCEEDED", "FAILED"
	case m.number%4 == 3:
		return "SUCCEEDED", "NOT_AVAILABLE"
	default:
		return "SUCCEEDED", "SUCCEEDED"
	}
}

func (m *made) consolidated(r reading) object {
	verified, clone := m.chipVerdict()
	o := object{{"chipVerification", verified}, {"chipCloneDetection", clone}}
	o = append(o, r.members("documentType", "firstName", "lastName", "gender", "nationality", "dateOfBirth", "documentNumber", "dateOfExpiry", "issuingCountry")...)
	code := "P"
	if m.doc.kind != passport {
		code = pick(m.dice, []string{"I", "ID"})
	}
	o.add("documentCode", code)
	return append(o, r.members("personalIdentificationNumber")...)
}

func (m *made) chipContent(r reading) object {
	o := r.members("dateOfBirth", "dateOfExpiry", "dateOfIssue", "documentNumber")
	o.add("issuingAuthority", m.doc.issuer.authority)
	o = append(o, r.members("issuingCountry", "personalIdentificationNumber", "firstName", "lastName", "gender")...)
	o = append(o, m.chip().members("firstName=mrzFirstName", "lastName=mrzLastName", "nationality", "placeOfBirth")...)
	return append(o, object{{"profession", ""}, {"telephone", ""}, {"title", ""}}...)
}

func (m *made) iproov(passed bool) object {
	o := object{{"attempts", m.between(1, 3)}, {"enrollmentImageSource", "Chip"}}
	if !passed {
		o.add("errorString", "The face could not be verified.")
	}
	o = append(o, object{{"finished", true}, {"hasError", false}, {"passed", passed}}...)
	o.add(pick(m.dice, []string{"iProovAssuranceType", "getiProovAssuranceType"}), "GENUINE_PRESENCE")
	return o
}

// readIDRaw is the provider's own answer, in the field names of ReadID: dates as YYMMDD, genders as words.
func readIDRaw(m *made) ([]byte, error) {
	r := m.chip()
	short := func(date string) string { return date[2:4] + date[5:7] + date[8:10] }
	verified, clone := m.chipVerdict()
	identity := object{}
	for _, f := range []member{
		{"chipCloneDetection", clone}, {"chipVerification", verified}, {"dateOfBirth", short(r["dateOfBirth"])},
		{"dateOfExpiry", short(r["dateOfExpiry"])}, {"documentNumber", r["documentNumber"]},
		{"gender", map[string]string{"F": "FEMALE", "M": "MALE"}[r["gender"]]}, {"issuingCountry", r["issuingCountry"]},
		{"nameOfHolder", strings.TrimSuffix(r["lastName"]+", "+r["firstName"], ", ")}, {"nationality", r["nationality"]},
		{"personalNumber", r["personalIdentificationNumber"]}, {"placeOfBirth", r["placeOfBirth"]},
		{"primaryIdentifier", r["lastName"]}, {"secondaryIdentifier", r["firstName"]},
	} {
		identity = append(identity, f, member{f.name + "Source", "CHIP"}, member{f.name + "SourceName", "ReadID NFC"})
	}
	created := m.created.Add(1438 * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	zone := strings.Join(mrzLines(m.person, m.doc, truth(m.person, m.doc)), "")
	return object{
		{"@odata.context", "https://readid.example.test/odata/v1/ODataServlet/$metadata#Sessions/$entity"},
		{"clientId", "test.demo.app"}, {"consolidatedIdentityData", identity}, {"creationDate", created},
		{"deviceInfo", object{{"brand", "DemoPhone"}, {"model", "D1"}, {"platform", "iOS"}}},
		{"documentContent", object{{"MRZString", zone}, {"documentNumber", r["documentNumber"]}, {"ldsVersion", "1.7"}}},
		{"exceptions", []any{}}, {"opaqueId", nil}, {"serverVersion", "4.90.0"}, {"sessionId", m.externalID()},
	}.bytes(indented)
}
