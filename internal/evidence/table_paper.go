package evidence

// paperTable follows the reference, sections 6.4 and 6.9, with both spellings of section 7. The final result is documented to be made of
// the zone, so that it comes first. "qrcode.personal_number" is one member's name. Among the answers of mrzFeatureMatching the schema's
// examples have two values.
var paperTable = table{
	elements: []element{
		{"mrz", "mrz", MRZ, `firstName lastName dateOfBirth gender nationality documentType documentNumber issuingCountry dateOfExpiry
			personalIdentificationNumber personalIdentificationNumber=personalNumber`},
		{"features", "features", Print, `firstName lastName lastNameSecondLine dateOfBirth placeOfBirth gender nationality documentType documentNumber
			issuingCountry dateOfIssue dateOfExpiry personalIdentificationNumber personalIdentificationNumber=personalNumber issuingAuthority`},
		{"features", "qr code", Print, `personalIdentificationNumber=qrcode.personal_number personalIdentificationNumber=qrcode/personal_number`},
		{"mrzFeatureMatching", "feature matching", Print, `lastNameSecondLine placeOfBirth`},
	},
	silent: []string{"verification", "mrzChecksum", "mrzVerification", "mrzFeatureMatching", "featuresVerification", "redactionResult", "errors"},
}
