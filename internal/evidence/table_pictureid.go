package evidence

// pictureIDTable follows the reference, sections 6.7 and 6.9. It has no place for the kind of document.
var pictureIDTable = table{
	elements: []element{
		{"document/subject", "subject", Print, `firstName lastName dateOfBirth placeOfBirth gender nationality personalIdentificationNumber
			fullName=commonName alternativeLastName=alternativePrimaryName alternativeFirstName=alternativeSecondaryName address`},
		{"document", "document", Print, `documentNumber issuingCountry dateOfIssue dateOfExpiry issuingPlace`},
		{"document/securityChecks/selfieAndDocumentMatch", "selfie match", Derived, `similarityScore=similarityLevel`},
	},
	silent: []string{"document/securityChecks", "document/subject/photo", "document/subject/signature", "document/nonExpiring", "selfie"},
}
