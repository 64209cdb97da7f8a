package demo

// paperContent is the reading of a photo: printed features, MRZ, and how the two compare. Accepted is read and
// verified, inconclusive read without an MRZ, rejected an error or a failed verification.
func paperContent(m *made) content {
	switch m.status {
	case failed:
		return content{failReason: m.failure()}
	case inconclusive:
		return paperWithoutMRZ(m)
	case accepted, rejected:
		return paperWithMRZ(m)
	default:
		return content{}
	}
}

// personalKey is one of the two published spellings.
func (m *made) personalKey() string {
	if m.number%2 == 0 {
		return "personalNumber"
	}
	return "personalIdentificationNumber"
}

func paperWithMRZ(m *made) content {
	zone := truth(m.person, m.doc).only("firstName", "lastName", "dateOfExpiry", "nationality", "gender", "documentType", "issuingCountry",
		"documentNumber", "dateOfBirth", "personalIdentificationNumber")
	printed := truth(m.person, m.doc)
	final := printed.copied()
	c := content{images: []string{"front"}, extra: object{{"redactionRequested", false}}}
	both := m.doc.kind != passport || m.oneIn(2)
	// The published rejected sample has a result although the text promises none: half of ours do.
	if m.status == accepted || m.number%2 == 0 {
		sources := []reading{zone}
		if both {
			sources = append(sources, printed)
		}
		m.sow(final, sources...)
		c.final = final.members("firstName", "lastName", "dateOfExpiry", "gender", "nationality", "documentType", "documentNumber", "issuingCountry", "dateOfBirth")
		if both {
			c.final = append(c.final, final.members("dateOfIssue", "placeOfBirth", "lastNameSecondLine")...)
		}
	}
	c.detail = m.paperDetail(printed, zone, both)
	m.redaction(&c)
	c.depictions = c.images
	return c
}

func (m *made) paperDetail(printed, zone reading, both bool) object {
	personal := m.personalKey()
	good := m.status == accepted
	kind := "MRZ_ONLY"
	if both {
		kind = "MRZ_FEATURE_COMPARISON"
	}
	o := object{{"verification", object{{"type", kind}, {"status", m.spelled(good)}}}}
	if both {
		features := printed.members("firstName", "lastName", "lastNameSecondLine", "dateOfExpiry")
		features.add("issuingAuthority", m.doc.issuer.authority)
		features = append(features, printed.members("gender", "documentNumber", "dateOfBirth", "personalIdentificationNumber="+personal, "dateOfIssue", "placeOfBirth")...)
		o.add("features", features)
	}
	o.add("mrz", zone.members("firstName", "lastName", "dateOfExpiry", "nationality", "gender", "documentType", "issuingCountry",
		"documentNumber", "dateOfBirth", "personalIdentificationNumber="+personal))
	checksums := object{{"dateOfExpiry", "VALID"}, {"documentNumber", "VALID"}, {"dateOfBirth", "VALID"}}
	if zone["personalIdentificationNumber"] != "" {
		checksums.add(personal, "VALID")
	}
	o.add("mrzChecksum", checksums)
	expiry := "VALID"
	if !good {
		expiry = "INVALID"
	}
	o.add("mrzVerification", object{{"dateOfExpiry", expiry}, {"documentType", "VALID"}, {"issuingCountry", "VALID"}, {"dateOfBirth", "VALID"}})
	if both {
		o.add("mrzFeatureMatching", m.paperMatching(printed, zone))
	}
	if !good {
		o.add("errors", []string{"Invalid date_of_expiry: NOT in the future, value " + zone["dateOfExpiry"]})
	}
	return o
}

// paperMatching compares what was printed with the MRZ, in Paper's words.
func (m *made) paperMatching(printed, zone reading) object {
	var o object
	for _, name := range []string{"dateOfExpiry", "lastName", "issuingAuthority", "firstName", "documentNumber", "dateOfBirth", "driving_permits", "personalIdentificationNumber", "dateOfIssue"} {
		called, result := name, "FULL_MATCH"
		switch {
		case name == "issuingAuthority":
			result = "FOUND"
		case name == "driving_permits":
			result = "MISSING"
		case name == "dateOfIssue":
			result = "VALID"
		case zone[name] == "":
			result = "MISSING"
		case zone[name] != printed[name]:
			result = "LEVENSHTEIN1"
		}
		if name == "personalIdentificationNumber" {
			called = m.personalKey()
		}
		o.add(called, result)
	}
	return o
}

// redaction stands for Dutch documents, whose number and photo may be asked to be blacked out. An image whose redaction
// is not complete is listed and cannot be fetched.
func (m *made) redaction(c *content) {
	if m.person.home.country != "NLD" || m.oneIn(3) {
		return
	}
	complete := !m.oneIn(3)
	c.extra = object{{"redactionRequested", true}}
	c.detail.add("redactionResult", object{{"isPartialRedaction", true}, {"isFullRedaction", complete}})
	if !complete {
		c.redacted = []string{"front"}
	}
}

func paperWithoutMRZ(m *made) content {
	printed := truth(m.person, m.doc)
	found := func(name string) string {
		if printed[name] == "" {
			return "MISSING"
		}
		return "FOUND"
	}
	return content{
		images: []string{"front"}, depictions: []string{"front"},
		detail: object{
			{"verification", object{{"type", "FEATURES_ONLY"}, {"status", m.spelled(true)}}},
			{"features", printed.members("firstName", "lastName", "dateOfBirth", "documentNumber", "personalIdentificationNumber="+m.personalKey())},
			{"featuresVerification", object{
				{"dateOfExpiry", "MISSING"}, {"lastName", found("lastName")}, {"issuingAuthority", "MISSING"}, {"firstName", found("firstName")},
				{"documentNumber", "FOUND"}, {pick(m.dice, []string{"drivingPermits", "driving_permits"}), "MISSING"}, {"dateOfBirth", "FOUND"},
				{"personalIdentificationNumber", found("personalIdentificationNumber")}, {"dateOfIssue", "MISSING"},
			}},
		},
	}
}
