package evidence

// customerElement is what the customer stated (reference, section 2.3, UserData).
var customerElement = element{"", "customer", Customer, `firstName lastName dateOfBirth placeOfBirth gender nationality personalIdentificationNumber
	mobile email street=address/streetAddress houseNumber=address/houseNumber postalCode=address/postalCode city=address/locality
	region=address/region country=address/country`}
