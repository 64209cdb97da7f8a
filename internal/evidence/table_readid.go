package evidence

// readIDTable follows the reference, sections 6.3 and 6.9; the older wrapper "session" holds the same elements. All of it comes from the
// chip, the chip's own copy of the machine-readable zone included: no reading of it confirms another. The second names are those of the
// raw session.
var readIDTable = table{
	elements: []element{
		{"consolidatedIdentityData", "consolidated", Chip, `firstName firstName=secondaryIdentifier lastName lastName=primaryIdentifier dateOfBirth
			placeOfBirth gender nationality documentType documentType=documentCode documentNumber issuingCountry dateOfIssue dateOfExpiry
			personalIdentificationNumber personalIdentificationNumber=personalNumber fullName=nameOfHolder`},
		{"documentContent", "document content", Chip, `firstName firstName=secondaryIdentifier lastName lastName=primaryIdentifier dateOfBirth placeOfBirth
			gender nationality documentType=documentCode documentNumber issuingCountry dateOfIssue dateOfExpiry personalIdentificationNumber
			personalIdentificationNumber=personalNumber fullName=nameOfHolder issuingAuthority profession telephone jobTitle=title`},
		{"documentContent", "zone in the chip", Chip, `firstName=mrzFirstName firstName=mrzSecondaryIdentifier lastName=mrzLastName
			lastName=mrzPrimaryIdentifier`},
		{"iproovSession", "iproov", Derived, `livenessDetected=passed`},
	},
	zones:  []zonePlace{{"documentContent", "zone in the chip", []string{"MRZString"}, Chip, Chip, false}},
	silent: []string{"iproovSession", "iProovSession", "consolidatedIdentityData/chipVerification", "consolidatedIdentityData/chipCloneDetection"},
}
