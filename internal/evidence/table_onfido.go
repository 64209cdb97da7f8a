package evidence

// onfidoTable follows the reference, sections 6.1 and 6.9. Onfido reads the printed document; the lines of the machine-readable zone
// it sends beside that reading.
var onfidoTable = table{
	elements: []element{
		{"documentVerification", "document", Print, `firstName lastName dateOfBirth placeOfBirth gender nationality documentType documentNumber
			issuingCountry dateOfIssue dateOfExpiry personalIdentificationNumber
			issuingAuthority issuingState taxNumber spouseName widowName aliasName rawLicenceCategory rawVehicleClasses`},
		{"facialSimilarity", "facial similarity", Derived, `similarityScore
			similarityScore=breakdowns/faceComparison/breakdown/faceMatch/properties/score
			livenessDetected=breakdowns/visualAuthenticity/breakdown/livenessDetected/result`},
	},
	zones: []zonePlace{{"documentVerification", "MRZ", []string{"mrzLine1", "mrzLine2", "mrzLine3"}, MRZ, MRZ, false}},
	silent: []string{"documentVerification/breakdowns", "documentVerification/vehicleClassDetails", "documentVerification/passengerVehicle",
		"documentVerification/driversLicense", "facialSimilarity/breakdowns"},
}
