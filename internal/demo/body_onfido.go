package demo

// onfidoContent is documentVerification and, with a selfie or video, facialSimilarity. By the published captions all
// clear is accepted, suspected or caution is inconclusive, and an unreadable document is rejected.
func onfidoContent(m *made) content {
	face := m.ptype != "document"
	switch m.status {
	case failed:
		return content{failReason: m.failure()}
	case processing:
		return onfidoUnderWay(m, face)
	case rejected:
		return onfidoUnreadable(m, face)
	case accepted, inconclusive:
		return onfidoRead(m, face)
	default:
		return content{}
	}
}

func onfidoUnderWay(m *made, face bool) content {
	if !face {
		return content{}
	}
	return content{detail: object{{"facialSimilarity", m.similarity("high", false)[:5]}}}
}

func onfidoUnreadable(m *made, face bool) content {
	document := object{
		{"result", "consider"}, {"subResult", "rejected"}, {"documentType", "unknown"}, {"imageIntegrity", "consider"},
		{"breakdowns", onfidoBreakdowns(breakdownVerdict{consider: "imageIntegrity/imageQuality", only: []string{"imageIntegrity", "ageValidation", "compromisedDocument"}})},
	}
	c := content{detail: object{{"documentVerification", document}}}
	if face {
		c.detail = object{{"facialSimilarity", object{{"result", "consider"}, {"similarityScore", "medium"}}}, {"documentVerification", document}}
	}
	m.onfidoMedia(&c, face)
	return c
}

// onfidoRead is a document that could be read, accepted or with a doubt.
func onfidoRead(m *made, face bool) content {
	print := m.capitals()
	if m.doc.kind == driversLicense {
		print = print.only("firstName", "lastName", "dateOfBirth", "documentType", "documentNumber", "issuingCountry", "dateOfIssue", "placeOfBirth", "personalIdentificationNumber")
	}
	lines := print.only("documentNumber", "dateOfBirth", "dateOfExpiry")
	final := print.copied()
	doubtFace := m.status == inconclusive && face && m.oneIn(2)
	score := "high"
	if doubtFace {
		score = pick(m.dice, []string{"medium", "low", "veryLow"})
	}
	c := content{}
	if m.status == accepted {
		sources := []reading{print, print}
		if m.doc.kind != driversLicense {
			sources = append(sources, lines)
		}
		m.sow(final, sources...)
		c.final = onfidoFinal(m, final, face, score)
	}
	c.detail = object{{"documentVerification", onfidoDocument(m, print, lines, m.status == inconclusive && !doubtFace)}}
	if face {
		c.detail.add("facialSimilarity", m.similarity(score, doubtFace))
	}
	m.onfidoMedia(&c, face)
	return c
}

func onfidoFinal(m *made, r reading, face bool, score string) object {
	o := r.members("firstName", "lastName", "dateOfBirth", "dateOfExpiry", "gender", "nationality", "documentType", "documentNumber", "issuingCountry")
	if face {
		o.add("similarityScore", score)
	}
	if m.ptype == "documentVideo" {
		o.add("livenessDetected", m.spelled(true))
	}
	return append(o, r.members("dateOfIssue", "placeOfBirth", "personalIdentificationNumber")...)
}

func onfidoDocument(m *made, print, lines reading, doubt bool) object {
	o := print.members("firstName", "lastName", "dateOfBirth", "dateOfExpiry", "gender", "nationality", "documentType", "documentNumber",
		"issuingCountry", "dateOfIssue", "placeOfBirth", "personalIdentificationNumber")
	verdict := breakdownVerdict{mrz: m.doc.kind != driversLicense}
	result, sub, authenticity := "clear", "clear", "clear"
	if doubt {
		result, sub, authenticity = "consider", pick(m.dice, []string{"suspected", "caution"}), "consider"
		verdict.consider = "visualAuthenticity/" + pick(m.dice, []string{"fonts", "digitalTampering", "originalDocumentPresent", "securityFeatures"})
	}
	if verdict.mrz {
		for i, line := range mrzLines(m.person, m.doc, lines) {
			o.add([]string{"mrzLine1", "mrzLine2", "mrzLine3"}[i], line)
		}
	}
	o = append(o, object{{"result", result}, {"subResult", sub}, {"ageValidation", "clear"}, {"dataValidation", "clear"}}...)
	if verdict.mrz {
		o.add("dataConsistency", "clear")
	} else {
		o = append(o, m.licence()...)
	}
	o = append(o, object{{"imageIntegrity", "clear"}, {"compromisedDocument", "clear"}, {"visualAuthenticity", authenticity}}...)
	o.add("breakdowns", onfidoBreakdowns(verdict))
	return o
}

// licence is the driving-licence part, beta at Assure.
func (m *made) licence() object {
	since, until := m.person.birth.AddDate(18, 2, 5).Format(dateForm), m.doc.expiry.Format(dateForm)
	class := func(name string) object {
		return object{{"category", name}, {"obtainmentDate", since}, {"expiryDate", until}}
	}
	return object{
		{"driversLicense", true}, {"restrictedLicence", false}, {"rawVehicleClasses", "AM,B"},
		{"vehicleClassDetails", []object{class("AM"), class("B")}}, {"manualTransmissionRestriction", false},
		{"passengerVehicle", object{{"obtainmentDate", since}, {"expiryDate", until}}},
	}
}

// similarity is facialSimilarity; score bands are Onfido's: above 0.75 high, 0.5 medium, 0.25 low.
func (m *made) similarity(level string, doubt bool) object {
	low := map[string]int{"high": 7600, "medium": 5100, "low": 2600, "veryLow": 100}[level]
	result := "clear"
	if doubt {
		result = "consider"
	}
	check := func(result string, properties ...member) object {
		return object{{"result", result}, {"properties", object(properties)}}
	}
	authenticity := object{{"spoofingDetection", check("clear", member{"score", float64(m.between(9000, 9999)) / 10000})}}
	if m.ptype == "documentVideo" {
		authenticity.add("livenessDetected", check("clear"))
	}
	faceMatch := check(result, member{"score", float64(low+m.IntN(2300)) / 10000}, member{"documentId", m.ref("onfido document")})
	return object{
		{"result", result}, {"imageIntegrity", "clear"}, {"faceComparison", result}, {"visualAuthenticity", "clear"}, {"similarityScore", level},
		{"breakdowns", object{
			{"imageIntegrity", object{{"result", "clear"}, {"breakdown", object{{"faceDetected", check("clear")}, {"sourceIntegrity", check("clear")}}}}},
			{"faceComparison", object{{"result", result}, {"breakdown", object{{"faceMatch", faceMatch}}}}},
			{"visualAuthenticity", object{{"result", "clear"}, {"breakdown", authenticity}}},
		}},
	}
}

func (m *made) onfidoMedia(c *content, face bool) {
	c.images = []string{"front"}
	if m.doc.kind != passport {
		c.images = append(c.images, "back")
	}
	switch {
	case m.ptype == "documentVideo":
		c.video = true
	case face:
		c.images = append(c.images, "selfie")
	}
	c.depictions = c.images
}
