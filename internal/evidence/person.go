package evidence

import "strings"

// personOf takes from the fields what lists and headings show: the final result's values, else those of the first place of the provider; and
// apart from them the name that the customer stated.
func personOf(fields []Field) Person {
	values := map[string]string{}
	zone, stated := map[string]string{}, map[string]string{}
	for _, f := range fields {
		values[f.Name] = firstValue(f)
		for _, s := range f.Sources {
			if s.Medium == MRZ && zone[f.Name] == "" {
				zone[f.Name] = s.Raw
			}
			if s.Medium == Customer {
				stated[f.Name] = s.Raw
			}
		}
	}
	return Person{
		FirstName: values["firstName"], LastName: values["lastName"], DateOfBirth: values["dateOfBirth"], Nationality: values["nationality"],
		DocumentNumber: values["documentNumber"], DocumentType: values["documentType"], IssuingCountry: values["issuingCountry"],
		PersonalNumber:  values["personalIdentificationNumber"],
		StatedFirstName: stated["firstName"], StatedLastName: stated["lastName"],
		MRZNames: strings.TrimSpace(zone["lastName"] + " " + zone["firstName"]),
	}
}

func firstValue(f Field) string {
	if f.Present {
		return f.Value
	}
	for _, s := range f.Sources {
		if s.Medium != Customer {
			return s.Raw
		}
	}
	return ""
}
