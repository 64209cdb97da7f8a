package evidence

import (
	"testing"

	"golang.org/x/text/language"
)

func TestCountriesAreThoseOfISO3166(t *testing.T) {
	counted := 0
	for code, name := range allCountries.names {
		region, err := language.ParseRegion(code)
		if err != nil || !region.IsCountry() || region.ISO3() != code || code == "ANT" || code == "NTZ" {
			continue // a code of ICAO alone, or one that ISO withdrew
		}
		counted++
		if canonical, known := countryCode(region.String()); !known || canonical != code {
			t.Errorf("%s of %s is read as %q", region, name, canonical)
		}
	}
	if counted != 249 {
		t.Errorf("%d countries, want the 249 of ISO 3166-1", counted)
	}
}

func TestCountryNames(t *testing.T) {
	for code, want := range map[string]string{"NL": "Netherlands", "D<<": "Germany", "TUR": "Türkiye", "XXB": "Refugee", "rks": "Kosovo", "GBD": "British Overseas Territories citizen",
		"ZZZ": "", "": "", "<": ""} {
		if got := countryName(code); got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}
