package evidence

import (
	"fmt"
	"strings"
	"testing"
)

// historyOf are the findings that a body's history and its neighbours lead to.
func historyOf(in Input, others ...Other) []Finding {
	var out []Finding
	in.Now = exampleNow
	for _, f := range Read(in).WithOthers(others).Findings {
		if f.Code == findFinalChanged || f.Code == FindNumberRepeated {
			out = append(out, f)
		}
	}
	return out
}

func TestAFinalStatusThatChangedIsTold(t *testing.T) {
	for _, row := range []struct {
		name, earlier, status, want string
	}{
		{"the first version", "", "accepted", ""},
		{"the usual way", "pending processing", "accepted", ""},
		{"the same final status with other bytes", "pending accepted", "accepted", ""},
		{"another final status", "pending accepted", "rejected", "it was accepted, and a later version says rejected"},
		{"not final any more", "accepted", "processing", "it was accepted, and a later version says processing"},
		{"there and back", "accepted rejected", "accepted", "it was rejected, and a later version says accepted"},
		{"the last change is told", "accepted rejected rejected", "rejected", "it was accepted, and a later version says rejected"},
		{"a status that the portal does not know is not final", "thinking", "accepted", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := historyOf(Input{Body: fmt.Appendf(nil, `{"provider":"onfido","status":%q}`, row.status), Earlier: strings.Fields(row.earlier)})
			switch {
			case row.want == "" && len(got) == 0:
			case len(got) != 1 || row.want == "" || got[0].Severity != Bad || got[0].Target != "/status" || !strings.Contains(got[0].Text, row.want):
				t.Errorf("%+v, want %q", got, row.want)
			}
		})
	}
}

const repeatedBody = `{"provider":"signicatpaper","status":"accepted","finalResult":{"firstName":"Sanne Marije","lastName":"Müller","dateOfBirth":"1989-07-30",
	"documentNumber":"NX4B70K12","issuingCountry":"NLD","nationality":"NLD","personalIdentificationNumber":"900184462"}}`

func TestANumberOfAnotherPersonIsTold(t *testing.T) {
	person := func(first, last, birth, country string) Person {
		return Person{FirstName: first, LastName: last, DateOfBirth: birth, IssuingCountry: country}
	}
	for _, row := range []struct {
		name  string
		other Other
		want  string // severity and words; empty: nothing is told
	}{
		{"another person", Other{Document: true, Person: person("Joris", "Okkerse", "1971-02-14", "NL")}, "3 The document number stands also in another process, with another name and another date of birth"},
		{"both numbers", Other{Document: true, Personal: true, Person: person("Joris", "Okkerse", "1971-02-14", "NLD")}, "3 The document number and the personal number stand also in another process, with another name and another date of birth"},
		{"another name, born on the same day", Other{Document: true, Person: person("Sanne Marije", "Okkerse", "1989-07-30", "NLD")}, "2 The document number stands also in another process, with another name"},
		{"another name, day unknown", Other{Document: true, Person: person("Joris", "Okkerse", "", "NLD")}, "2 The document number stands also in another process, with another name"},
		{"the same name, another day", Other{Personal: true, Person: person("Sanne Marije", "Müller", "1971-02-14", "NLD")}, "2 The personal number stands also in another process, with another date of birth"},
		{"a country that is not known", Other{Document: true, Person: person("Joris", "Okkerse", "1971-02-14", "")}, "3 The document number stands also in another process, with another name and another date of birth"},
		{"the same person", Other{Document: true, Person: person("Sanne Marije", "Müller", "1989-07-30", "NLD")}, ""},
		{"the same person, spelled by ICAO 9303 and dated otherwise", Other{Document: true, Person: person("SANNE MARIJE", "MUELLER", "30.07.1989", "D")}, ""},
		{"given names left out", Other{Document: true, Person: person("Sanne", "Müller", "1989-07-30", "NLD")}, ""},
		{"initials", Other{Document: true, Person: person("S.M.", "Müller", "1989-07-30", "NLD")}, ""},
		{"names in the other order", Other{Document: true, Person: person("Müller", "Sanne Marije", "1989-07-30", "NLD")}, ""},
		{"a process without a person", Other{Document: true, Person: Person{DocumentNumber: "NX4B70K12"}}, ""},
		{"a document of another country", Other{Document: true, Person: person("Joris", "Okkerse", "1971-02-14", "FRA")}, ""},
		{"a name in a script that nobody can hold against it", Other{Document: true, Person: person("小龍", "李", "1989-07-30", "NLD")}, ""},
		{"a personal number of somebody of another country whose document is of another country too",
			Other{Personal: true, Person: Person{FirstName: "Joris", LastName: "Okkerse", DateOfBirth: "1971-02-14", IssuingCountry: "FRA", Nationality: "FRA"}}, ""},
		{"a personal number of somebody of the same nationality",
			Other{Personal: true, Person: Person{FirstName: "Joris", LastName: "Okkerse", DateOfBirth: "1971-02-14", IssuingCountry: "FRA", Nationality: "NLD"}},
			"3 The personal number stands also in another process, with another name and another date of birth"},
		{"names that a zone cut off", Other{Document: true, Person: Person{FirstName: "Sanne Mar", LastName: "Müller", DateOfBirth: "1989-07-30", MRZNames: "MUELLER SANNE MARIJE"}}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.other.ProcessID = "p-2"
			got := historyOf(Input{Body: []byte(repeatedBody)}, row.other)
			words := ""
			if len(got) == 1 {
				words = fmt.Sprint(int(got[0].Severity), " ", got[0].Text)
			}
			if words != row.want || len(got) == 1 && got[0].Process != "p-2" {
				t.Errorf("%+v, want %q", got, row.want)
			}
		})
	}
}

func TestManyOtherProcessesAreToldWorstFirstAndCounted(t *testing.T) {
	var others []Other
	for i := range 9 {
		o := Other{ProcessID: fmt.Sprintf("p-%d", i), Document: true, Person: Person{FirstName: "Joris", LastName: "Okkerse", DateOfBirth: "1989-07-30"}}
		if i == 8 {
			o.Person.DateOfBirth = "1971-02-14"
		}
		others = append(others, o)
	}
	got := historyOf(Input{Body: []byte(repeatedBody)}, others...)
	if len(got) != mostOthers || got[0].Process != "p-8" || !strings.HasSuffix(got[mostOthers-1].Text, "(and in at least 4 more)") {
		t.Errorf("%+v", got)
	}
}

// Whatever the other's values are, none of them is said.
func TestNothingOfTheOtherPersonIsSaid(t *testing.T) {
	other := Person{FirstName: "Zaphirellek", LastName: "Quorvandellem", DateOfBirth: "1971-02-14", Nationality: "NLD", DocumentNumber: "NX4B70K12",
		IssuingCountry: "NLD", PersonalNumber: "771203456789", MRZNames: "QUORVANDELLEM ZAPHIRELLEK"}
	got := historyOf(Input{Body: []byte(repeatedBody)}, Other{ProcessID: "p-2", Document: true, Person: other})
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	for _, value := range []string{other.FirstName, other.LastName, other.DateOfBirth, other.DocumentNumber, other.PersonalNumber, "NLD", "1971"} {
		if strings.Contains(strings.ToLower(got[0].Text+got[0].Target), strings.ToLower(value)) {
			t.Errorf("%q says %q", got[0].Text, value)
		}
	}
}
