package evidence

// videoIDTable follows the reference, sections 6.2 and 6.9; the older name eid has the same shape. What the software read comes
// before what an agent approved.
var videoIDTable = table{
	elements: []element{
		{"ocr", "ocr", Print, `firstName lastName dateOfBirth placeOfBirth=birthPlace placeOfBirth gender nationality documentType documentNumber
			issuingCountry dateOfIssue dateOfExpiry personalIdentificationNumber
			alternativeFirstName alternativeLastName issuingAuthority address taxNumber socialSecurityNumber healthNumber`},
		{"ocr", "ocr", Derived, `similarityScore livenessDetected livenessDetected=livenessDetected/valid`},
		{"manualApproval", "manual approval", Agent, `firstName lastName dateOfBirth placeOfBirth=birthPlace placeOfBirth gender nationality
			documentType documentNumber issuingCountry dateOfIssue dateOfExpiry personalIdentificationNumber
			alternativeFirstName alternativeLastName issuingAuthority address`},
	},
	silent: []string{"ocr/features", "ocr/securityChecks", "manualApproval/rejectionReasons", "manualApproval/verificationDate"},
}
