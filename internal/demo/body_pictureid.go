package demo

// pictureIDContent is document and selfie. By the published samples all checks passed is accepted, data that was read
// with a failed check inconclusive, missing or broken data rejected.
func pictureIDContent(m *made) content {
	switch m.status {
	case failed:
		return content{failReason: m.failure()}
	case rejected:
		return pictureIDUnread(m)
	case accepted, inconclusive:
		return pictureIDRead(m)
	default:
		return content{}
	}
}

func (m *made) pictureIDImages() []string {
	images := []string{"front"}
	if m.doc.kind != passport {
		images = append(images, "back")
	}
	if m.ptype == "documentSelfie" {
		images = append(images, "selfie")
	}
	return images
}

func area(x, y, width, height int) object {
	return object{{"x", x}, {"y", y}, {"width", width}, {"height", height}}
}

func pictureIDUnread(m *made) content {
	images := m.pictureIDImages()
	document := object{
		{"subject", object{{"signature", area(m.between(240, 280), 447, 278, 107)}}},
		{"securityChecks", object{m.pictureCheck("notTamperedDocument", true), m.pictureCheck("notBlackAndWhite", true), m.pictureCheck("dataIntegrity", false)}},
	}
	return content{
		reasons: []object{{{"type", "Document"}, {"category", "Security"}, {"subCategory", "NotUnderage"},
			{"message", "Security check 'notUnderage' failed or was not found."}}},
		images: images, depictions: images, detail: object{{"document", document}},
	}
}

// pictureCheck writes one security check as the samples or as the schema have it.
func (m *made) pictureCheck(name string, passed bool) member {
	titles := map[string]string{
		"notTamperedDocument": "Not tampered document", "nonExpired": "Document not expired", "notUnderage": "Not underage",
		"notBlackAndWhite": "Not black & white copy", "dataIntegrity": "Data integrity", "sidesMatch": "Sides match",
	}
	if m.number%4 == 0 {
		return member{name, object{{"valid", passed}}}
	}
	return member{name, object{{"name", titles[name]}, {"passed", passed}}}
}

func pictureIDRead(m *made) content {
	read := m.chip()
	final := read.copied()
	selfie := m.ptype == "documentSelfie"
	images := m.pictureIDImages()
	c := content{images: images, depictions: images}
	if m.status == accepted {
		m.sow(final, read)
		c.final = final.members("firstName", "lastName", "dateOfExpiry", "dateOfBirth", "gender", "nationality", "documentNumber", "issuingCountry")
		if selfie {
			c.final.add("similarityScore", "high")
		}
		c.final = append(c.final, final.members("personalIdentificationNumber")...)
	} else {
		c.reasons = []object{{{"type", "Document"}, {"category", "SecurityCheckFailed"}, {"subCategory", "NonExpired"},
			{"message", "Security check 'nonExpired' failed."}}}
	}
	c.detail = object{{"document", m.pictureDocument(read, selfie)}}
	if selfie {
		c.detail.add("selfie", append(object{{"status", "SUCCESS"}}, area(m.between(330, 360), 333, 417, 702)...))
	}
	return c
}

func (m *made) pictureDocument(r reading, selfie bool) object {
	o := r.members("issuingCountry", "dateOfExpiry", "documentNumber")
	subject := r.members("firstName", "lastName", "dateOfBirth", "gender", "nationality", "personalIdentificationNumber")
	subject.add("photo", area(m.between(180, 195), 456, 376, 539))
	subject.add("signature", area(1511, m.between(930, 950), 598, 156))
	o.add("subject", subject)
	checks := object{
		m.pictureCheck("notTamperedDocument", true), m.pictureCheck("nonExpired", m.status == accepted), m.pictureCheck("notUnderage", true),
		m.pictureCheck("notBlackAndWhite", true), m.pictureCheck("dataIntegrity", true),
	}
	if m.doc.kind != passport {
		checks = append(checks, m.pictureCheck("sidesMatch", true))
	}
	if selfie {
		checks.add("selfieAndDocumentMatch", object{{"name", "Selfie and photo in the document match"}, {"similarityLevel", "high"}})
	}
	o.add("securityChecks", checks)
	return o
}
