package evidence

import "testing"

func TestWhatFillsANameFieldMayHaveBeenCutThere(t *testing.T) {
	mrz := element{"mrz", "mrz", MRZ, "firstName lastName issuingCountry documentType"}
	for _, c := range []struct {
		name   string
		medium Medium
		body   string
		field  string
		want   nameCut
	}{
		{"both names fill a passport's", MRZ, `{"lastName":"PAPANDROPOULOUS KRASUANG","firstName":"MARIA FRANCIS"}`, "lastName", cutAnywhere},
		{"one filler is left", MRZ, `{"lastName":"PAPANDROPOULOUS KRASUANG","firstName":"MARIA FRANCI"}`, "firstName", cutBetweenWords},
		{"two are left", MRZ, `{"lastName":"PAPANDROPOULOUS KRASUANG","firstName":"MARIA FRANC"}`, "firstName", notCut},
		{"a card's of 30, whose filler is left in one of 31", Chip, `{"lastName":"PAPANDROPOULOUS KRAS","firstName":"MARIA FR"}`, "lastName", cutAnywhere},
		{"one name alone", MRZ, `{"lastName":"PAPANDROPOULOUSKRASUANGSAKULCHAIMARIAFR"}`, "lastName", cutAnywhere},
		{"print is never cut", Print, `{"lastName":"PAPANDROPOULOUSKRASUANGSAKULCHAIMARIAFR"}`, "lastName", notCut},
		{"nor is another field", MRZ, `{"lastName":"PAPANDROPOULOUSKRASUANGSAKULCHAIMARIAFR"}`, "placeOfBirth", notCut},
		{"a first name on the older French card", MRZ, `{"lastName":"GARCON GARCON","firstName":"FRANCOIS XAVIE","issuingCountry":"FRA","documentType":"identityCard"}`, "firstName", cutAnywhere},
		{"with two fillers between two names", MRZ, `{"lastName":"GARCON","firstName":"FRANCOIS XAVI","issuingCountry":"FRA","documentType":"identityCard"}`, "firstName", cutAnywhere},
		{"in another state", MRZ, `{"lastName":"GARCON","firstName":"FRANCOIS XAVIE","issuingCountry":"BEL","documentType":"identityCard"}`, "firstName", notCut},
		{"in a French passport", MRZ, `{"lastName":"GARCON","firstName":"FRANCOIS XAVIE","issuingCountry":"FRA","documentType":"passport"}`, "firstName", notCut},
		{"a surname on a French driving licence", MRZ, `{"lastName":"CHAVANEL","issuingCountry":"FRA","documentType":"driversLicense"}`, "lastName", cutAnywhere},
	} {
		root, malformed := parse([]byte(c.body))
		if malformed != "" {
			t.Fatal(malformed)
		}
		e := mrz
		e.medium = c.medium
		if got := elementCut(e, root, c.field); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
