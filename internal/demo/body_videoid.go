package demo

import "strconv"

// videoIDContent is ocr and, where a human agent looked, manualApproval; the old provider name eid has the same.
// VideoID's own verdict is copied one to one; by default it wants a similarity of at least medium.
func videoIDContent(m *made) content {
	switch m.status {
	case failed:
		return content{failReason: m.failure()}
	case processing:
		return content{detail: object{{"ocr", m.ocr(m.chip(), "high", "")}}}
	case accepted, rejected, inconclusive:
		return videoIDVerdict(m)
	default:
		return content{}
	}
}

func videoIDVerdict(m *made) content {
	read := m.chip()
	agent := m.ptype == "high" || m.ptype == "attended"
	final := read.copied()
	byAgent := read.copied()
	similarity, broken := m.videoIDDoubt()
	c := content{extra: object{}}
	// The published accepted samples of this provider lack the result that the text promises: some here do, too.
	if m.status == accepted && (m.scheduled || !m.oneIn(8)) {
		sources := []reading{read}
		if agent {
			sources = append(sources, byAgent)
		}
		m.sow(final, sources...)
		c.final = final.members("firstName", "lastName", "dateOfExpiry", "dateOfBirth", "gender", "nationality", "documentNumber",
			"issuingCountry", "personalIdentificationNumber", "documentType")
		c.final.add("similarityScore", similarity)
		c.final.add("livenessDetected", m.spelled(true))
	}
	c.detail = object{{"ocr", m.ocr(read, similarity, broken)}}
	if agent {
		c.detail.add("manualApproval", m.manualApproval(byAgent))
	}
	if m.kind.provider == "eid" {
		c.extra.add("notificationUrl", "https://callback.example.test/assure") // from the days before events
		return c
	}
	c.images = []string{"front", "portrait", "selfie"}
	if m.doc.kind != passport {
		c.images = []string{"front", "back", "portrait", "selfie"}
	}
	c.depictions, c.video = c.images, true
	return c
}

// videoIDDoubt is the similarity level, in both published spellings, and the security check that failed.
func (m *made) videoIDDoubt() (similarity, broken string) {
	lowest := pick(m.dice, []string{"veryLow", "verylow"})
	switch {
	case m.status == accepted:
		return pick(m.dice, []string{"high", "high", "high", "medium"}), ""
	case m.status == inconclusive:
		return lowest, ""
	case m.expiredDocument():
		return "high", "nonExpired"
	case m.ptype == "substantialFullyAuto":
		return "low", ""
	default:
		return "medium", pick(m.dice, []string{"notFaceSpoofing", "notBWCopy", "livenessDetected"})
	}
}

func (m *made) ocr(r reading, similarity, broken string) object {
	live := broken != "livenessDetected"
	o := object{{"similarityScore", similarity}, {"livenessDetected", map[bool]string{true: "true", false: "false"}[live]}}
	o.add("features", m.ocrFeatures())
	o.add("securityChecks", m.videoIDChecks(broken))
	o = append(o, r.members("documentNumber", "dateOfExpiry", "firstName", "lastName", "documentType")...)
	o.add("idType", map[string]string{passport: "147", identityCard: "188", residencePermit: "203"}[m.doc.kind])
	o = append(o, r.members("dateOfBirth", "gender", "nationality", "personalIdentificationNumber", "issuingCountry")...)
	if m.person.home.country == "PRT" && m.doc.kind == identityCard {
		o = append(o, object{{"socialSecurityNumber", m.fill("11#######00")}, {"healthNumber", m.fill("300000###")}, {"taxNumber", m.fill("200000###")}}...)
	}
	if m.oneIn(3) {
		age := 2026 - m.person.birth.Year() + m.between(-4, 4)
		o.add("predictedAge", strconv.Itoa(age)+m.fill(".#"))
	}
	return o
}

func (m *made) ocrFeatures() any {
	if m.status == rejected && m.oneIn(2) {
		return []object{{}} // as one published sample has it
	}
	box := func(x, y, width, height int) object {
		return object{{"x", x}, {"y", y}, {"width", width}, {"height", height}}
	}
	found := func(name string, where object) object {
		if m.oneIn(9) {
			return object{{"name", name}, {"found", false}, {"side", "data"}}
		}
		return object{{"name", name}, {"found", true}, {"bbox", where}, {"side", "data"}}
	}
	return []object{
		found("Header", box(m.between(70, 95), 28, 248, 32)),
		found("OVI 2", box(596, m.between(40, 50), 32, 24)),
		found("Signature", box(402, m.between(262, 280), 217, 60)),
		found("Photo", box(32, m.between(160, 175), 141, 141)),
		found("OVI 1", box(12, m.between(40, 50), 72, 80)),
	}
}

func (m *made) videoIDChecks(broken string) object {
	names := []string{"nonExpired", "notUnderage", "dataIntegrity", "livenessDetected", "notFaceSpoofing", "notBWCopy"}
	if m.doc.kind != passport {
		names = append(names, "sidesMatch")
	}
	var o object
	for _, name := range names {
		called := name
		if name == "livenessDetected" && m.number%3 == 0 {
			called = "liveness" // the schema's name of the same check
		}
		o.add(called, object{{"valid", name != broken}})
	}
	return o
}

// manualApproval is what the agent stated, and, if rejected, why.
func (m *made) manualApproval(r reading) object {
	o := object{{"duration", m.fill("1##")}}
	o = append(o, r.members("firstName", "lastName", "dateOfExpiry", "gender", "nationality", "documentNumber", "issuingCountry",
		"dateOfBirth", "placeOfBirth=birthPlace", "personalIdentificationNumber")...)
	if m.status == rejected {
		o.add("rejectionReasons", []object{pick(m.dice, []object{
			{{"type", "Document.NotSecurityElements"}, {"message", "The security elements of the document cannot be seen."}},
			{{"type", "Photo.DoesNotMatchPerson"}, {"message", "The person is not the one on the document."}},
			{{"type", "Document.NotLegible"}, {"message", "The document cannot be read."}},
			{{"type", "Environment.NotAppropriate"}, {"message", "The surroundings do not allow an identification."}},
		})})
	}
	o.add("videoId", m.externalID())
	o.add("verificationId", m.ref("verification"))
	o.add("verifierId", uuid(m.seed, "verifier", m.IntN(4)))
	o.add("verificationDate", m.updated.Add(-1e9).Format(timeForm))
	o.add(pick(m.dice, []string{"rAuthorityId", "rAuthorityId", "rauthorityId"}), uuid(m.seed, "authority", 0))
	return o
}
