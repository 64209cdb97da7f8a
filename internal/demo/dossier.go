package demo

import (
	"fmt"
	"strings"
	"time"
)

// openDossier begins the dossier of process i.
func (k *maker) openDossier(i int, m *made) error {
	d := newDice(k.o.Seed, "dossier", i)
	k.dossier = dossier{
		number:   i,
		id:       uuid(k.o.Seed, "dossier", i),
		external: fmt.Sprintf("customer-%06d", (417+i*37)%1_000_000), // 37 and a million have no common divisor: no number comes twice
		person:   newPerson(d, k.homeFor(d, m.kind.provider)),
	}
	k.summary.Dossiers++
	if i%3 != 1 {
		return nil
	}
	var err error
	k.dossier.userData, err = userData(d, k.dossier, m.created, layoutOf(i))
	return err
}

// homeFor draws where a person comes from: an identity method has one country, WebID mostly one.
func (k *maker) homeFor(d dice, provider string) *tradition {
	country := ""
	switch {
	case provider == "connect:idin" || provider == "signicatpaper" && d.oneIn(3):
		country = "NLD"
	case provider == "connect:itsme":
		country = "BEL"
	case provider == "webid" && !d.oneIn(3):
		country = "DEU"
	}
	for _, t := range k.traditions {
		if t.country == country {
			return t
		}
	}
	return pick(d, k.traditions)
}

// misstatedIn is how often a customer stated something that the document contradicts.
const misstatedIn = 12

// userData is what the customer stated. Names come as people type them.
func userData(d dice, of dossier, created time.Time, as layout) ([]byte, error) {
	p := of.person
	r := truth(p, document{issuer: p.home}).only("firstName", "lastName", "gender", "nationality", "dateOfBirth", "personalIdentificationNumber", "placeOfBirth")
	if d.oneIn(4) {
		r = r.with(latinTyped, "firstName", "lastName")
	}
	if d.oneIn(misstatedIn) {
		wrong := pick(d, []string{"dateOfBirth", "lastName"})
		r[wrong] = misread(d, wrong, r[wrong])
	}
	stated := r.members("firstName", "lastName", "gender", "nationality", "dateOfBirth", "personalIdentificationNumber", "placeOfBirth")
	street, house := "Testveien", d.fill("1#")
	stated = append(stated, object{{"mobile", d.fill("+4700000###")}, {"email", mailOf(p)}, {"address", object{
		{"formatted", street + " " + house + ", 0000 SIMBY " + p.home.country}, {"streetAddress", street + " " + house},
		{"houseNumber", house}, {"locality", "SIMBY"}, {"region", ""}, {"postalCode", "0000"}, {"country", p.home.country},
	}}}...)
	at := created.Add(-5 * time.Second).Format(timeForm)
	raw, err := object{{"dossierId", of.id}, {"userData", stated}, {"createdAt", at}, {"updatedAt", at}}.bytes(as)
	if err != nil {
		return nil, fmt.Errorf("user data of dossier %d: %w", of.number, err)
	}
	return raw, nil
}

// latinTyped is a name typed in a hurry: lower case without accents.
func latinTyped(name string) string { return strings.ToLower(latin(name)) }
