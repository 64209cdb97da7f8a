package evidence

// customerElement is what the customer stated (reference, section 2.3, UserData). Postal address and mobile number stand in rows of their
// own: people write them in too many ways, and have too many of them, for a comparison to say anything.
var customerElement = element{"", "customer", Customer, `firstName lastName dateOfBirth placeOfBirth gender nationality personalIdentificationNumber
	email statedMobile=mobile statedAddress=address/formatted statedAddress?=address/streetAddress statedPostalCode=address/postalCode
	statedCity=address/locality`}
