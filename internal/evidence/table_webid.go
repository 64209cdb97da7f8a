package evidence

import "strings"

// webIDTable follows the reference, sections 6.6 and 6.9, with both spellings of section 7. medium is who looked at the document.
// The member mrz holds the zone's lines or, as in the published samples, the document number alone, which then proves nothing beside
// idNumber.
func webIDTable(medium Medium) table {
	return table{
		elements: []element{
			{"identResponse/user", "user", medium, `firstName=firstname firstName lastName=lastname lastName dateOfBirth gender gender=sex
				title street=address/street houseNumber=address/streetNumber addressLine1=address/addressLine1
				addressLine2=address/addressLine2 region=address/region
				postalCode=address/zip city=address/city country=address/country email=contact/email mobile=contact/mobile
				phone=contact/phone cell=contact/cell`},
			{"identResponse/idDocument", "id document", medium, `documentType documentNumber=idNumber documentNumber nationality issuingCountry dateOfIssue
				dateOfExpiry placeOfBirth nameAtBirth issuingAuthority=authority issuingAuthority`},
			{"identResponse", "product", medium, `iban=productInfos/bankAccount/iban`},
		},
		zones: []zonePlace{{"identResponse/idDocument", "MRZ", []string{"mrz"}, MRZ, medium, false}},
		silent: []string{"identResponse/actionId", "identResponse/transactionId", "identResponse/finishedOn", "identResponse/identifiedOn",
			"identResponse/agentId", "identResponse/customParameters"},
	}
}

// webIDMedium is who identified the person: an agent in a call, unless the answer says that a bank, an eID or a program did.
func (r *reading) webIDMedium() Medium {
	ident := r.element("identResponse")
	mode := strings.ToLower(ident.at("identMode").string() + " " + ident.at("actionType").string())
	switch {
	case r.ptype == "accountid", strings.Contains(mode, "pay_"), strings.Contains(mode, "eid_"):
		return IdentityProvider
	case strings.Contains(mode, "auto"):
		return Print
	}
	return Agent
}
