package evidence

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// everydayWords are what stands in answers and in the world beside people: countries and cities, kinds, words of checks, makes of devices,
// names of agents.
func everydayWords() []string {
	var words []string
	for code, name := range allCountries.names {
		words = append(words, name, strings.ToUpper(name), code)
	}
	words = append(words, documentTypes...)
	for word := range answerWords {
		words = append(words, word, strings.ToUpper(word))
	}
	words = append(words, strings.Fields(`Oslo Bergen Trondheim Stockholm Uppsala Helsinki Tampere Reykjavik Berlin Bremen Hamburg Dresden Leipzig Amsterdam
		Rotterdam Zwolle Antwerpen Gent Bruxelles Paris Lyon Marseille Lille Madrid Sevilla Bilbao Lisboa Porto Coimbra Roma Milano Torino Napoli
		Warszawa Krakow Gdansk Praha Brno Bratislava Budapest Szeged Bucuresti Sofia Varna Zagreb Split Riga Vilnius Kaunas Tallinn Tartu Istanbul
		Ankara Izmir Athina Valletta Dublin Galway London Leeds Kyiv Minsk Beograd Skopje Tirana Baku Hanoi Jakarta Chennai Algiers Rabat
		Samsung Apple Huawei Xiaomi Google Nokia Motorola Chrome Safari Firefox Windows Android iPhone Pixel Galaxy Linux Kotlin Sandbox Frankfurt
		PASSPORT IDENTITY_CARD DRIVING_LICENSE FRONT BACK SELFIE CHIP VISUAL AUTOMATIC GENUINE_PRESENCE FULL_MATCH CLEAR CONSIDER SUSPECTED REJECTED
		Anna Maria Martin Peter Thomas Andersen Hansen Johansson Mueller Schmidt Jansen Bakker Martinez Rossi Novak Kowalski Yilmaz Popescu Silva
		Personalausweis Reisepass Aufenthaltstitel Rijbewijs Regierungspraesidium Buergermeisteramt Polizei Politiet Kommune Gemeente Prefecture
		1.2.3 4.17.0 2026-03-02 20260302 0047 90210 10115 5003 8011 1234567 100200300 A1B2C3D4 X500 00000001 4711`)...)
	return words
}

// What stands in an answer under a name that says nothing is hardly ever taken for a misreading of the person's own data.
func TestEverydayWordsAreNotTakenForMisreadNames(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(9303, 5)), standardTable(t)}
	words := everydayWords()
	slices.Sort(words)
	noise := &value{kind: "object", key: "extra"}
	for i, word := range words {
		noise.children = append(noise.children, &value{kind: "string", key: "x" + strconv.Itoa(i), text: word, pointer: "/providerSpecific/extra/x" + strconv.Itoa(i)})
	}
	template, all, people, loud := completeBodies(t)[3], joinedTraditions(), 0, 0
	for i, tradition := range slices.Repeat(everyTradition(), 2) {
		p := g.person(tradition, all[everyTradition()[i%len(all)]])
		root := p.bodyOf(template)
		detail := root.at("providerSpecific")
		detail.children = append(slices.Clone(detail.children), noise)
		people++
		var taken []string
		for _, f := range (example{"", nil, root}).reading().fields() {
			for _, s := range f.Sources {
				if s.Found && s.Relation == Differs {
					taken = append(taken, f.Name+" "+s.Raw)
				}
			}
		}
		if len(taken) > 0 {
			loud++
			t.Logf("loud: %v: %q", p, taken)
		}
	}
	t.Logf("%d of %d people are loud beside %d everyday words", loud, people, len(words))
	if loud*30 > people { // with a thousand such words each, where an answer has a score
		t.Errorf("%d of %d people are loud beside %d everyday words", loud, people, len(words))
	}
}
