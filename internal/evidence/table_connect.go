package evidence

// connectTable follows the reference, sections 6.5 and 6.9: standard claims of OpenID Connect Core 1.0, section 5.1, and those that single
// identity methods add. Nothing here is normalised. A token that came as a string is read, and its signature is not verified. The
// country of residence stands for the nationality only where no claim states one, as the example has it.
var connectTable = table{
	elements: []element{
		{"userInfo", "user info", IdentityProvider, connectClaims},
		{"idtoken", "id token", IdentityProvider, connectClaims},
	},
	silent: []string{"error", "idtoken/iss", "idtoken/aud", "idtoken/amr", "idtoken/exp", "idtoken/iat"},
}

const connectClaims = `firstName=given_name firstName=middle_name firstName=consumer.initials lastName=family_name lastName=consumer.legallastname
	dateOfBirth=birthdate dateOfBirth=consumer.dateofbirth gender gender=consumer.gender nationality nationality?=address/country
	placeOfBirth=place_of_birth placeOfBirth=place_of_birth/locality placeOfBirth=birthplace
	personalIdentificationNumber=signicat.national_id personalIdentificationNumber=national_id personalIdentificationNumber=consumer.bin
	fullName=name email mobile=phone_number streetAddress=address/street_address postalCode=address/postal_code city=address/locality
	region=address/region country=address/country`
