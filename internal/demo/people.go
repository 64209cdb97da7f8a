package demo

import (
	"strings"
	"time"
	"unicode"
)

// person is somebody who does not exist.
type person struct {
	first, last string // as written at home; first is empty for people of one name
	second      string // second line of the last name on Dutch documents
	gender      string // F or M
	birth       time.Time
	place       string
	personal    string // personal number; empty where documents show none
	home        *tradition
}

// tradition is how names are made in one country, and what its documents look like.
type tradition struct {
	country, alpha2      string // ISO 3166-1 alpha-3 and alpha-2
	female, male, family []string
	familyFemale         []string // where women's family names have another form
	given                int      // most given names
	families             int      // family names
	oneName              bool     // some people have a single name
	hyphen               bool     // some double names are hyphenated
	places               []string
	authority            string
	passport, card       string // templates of document numbers; card empty: the country has none
	personal             string // template of the personal number; empty: documents show none
	personalInMRZ        bool
	needsPermit          bool // residence permits exist for its people where the other countries are
}

// newPerson draws somebody of the tradition, born between 1941 and 2005.
func newPerson(d dice, home *tradition) person {
	p := person{home: home, gender: pick(d, []string{"F", "M"}), place: pick(d, home.places)}
	given, family := home.male, home.family
	if p.gender == "F" {
		given = home.female
		if home.familyFemale != nil {
			family = home.familyFemale
		}
	}
	p.birth = time.Date(d.between(1941, 2005), time.Month(d.between(1, 12)), d.between(1, 28), 0, 0, 0, 0, time.UTC)
	p.personal = personalNumber(d, home, p.birth)
	p.last = joinNames(d, family, home.families, false)
	if home.oneName && d.oneIn(2) {
		p.last = pick(d, given)
		return p
	}
	p.first = joinNames(d, given, d.between(1, home.given), home.hyphen)
	if home.country == "NLD" && p.gender == "F" && d.oneIn(3) {
		p.second = "e/v " + pick(d, home.family)
	}
	return p
}

// joinNames draws up to n different names.
func joinNames(d dice, from []string, n int, hyphen bool) string {
	var names []string
	for _, i := range d.Perm(len(from))[:n] {
		names = append(names, from[i])
	}
	if hyphen && n == 2 && d.oneIn(2) {
		return strings.Join(names, "-")
	}
	return strings.Join(names, " ")
}

// upper writes a name in capitals as the person's country does.
func (p person) upper(s string) string {
	s = strings.ReplaceAll(s, "ß", "SS")
	if p.home.country == "TUR" {
		return strings.ToUpperSpecial(unicode.TurkishCase, s)
	}
	return strings.ToUpper(s)
}

// traditions is a table of invented people's names: pieces that are common in each country, combined by chance.
func traditions() []*tradition {
	words := strings.Fields
	names := func(s string) []string { return strings.Split(s, ", ") }
	return []*tradition{
		{country: "NOR", alpha2: "NO", given: 2, families: 2, places: names("Bergen, Tromsø, Ålesund, Bodø, Molde"), authority: "POLITIET VEST",
			female: words("Elin Marthe Sunniva Åse Ragnhild Tuva Bjørg"), male: words("Håkon Eirik Sindre Øystein Torstein Leif Vegard"),
			family: words("Haugland Brekke Sørbø Øvrelid Fjeldstad Nygård Tveit Bråten"), passport: "CC@######", card: "N@#######", personal: "birth000##"},
		{country: "NLD", alpha2: "NL", given: 2, families: 1, places: names("Zwolle, Utrecht, 's-Hertogenbosch, Leeuwarden, Breda"), authority: "BURGEMEESTER VAN ZWOLLE",
			female: words("Sanne Marije Fenna Roosmarijn Liesbeth Noortje Chloë"), male: words("Joris Thijs Sjoerd Reinier Bastiaan Daniël Wouter"),
			family: names("van der Linden, de Wilde, Okkerse, van 't Hoff, Terpstra, ten Broeke, Schoonhoven, in 't Veld"), passport: "N***##*##", card: "IR**##*##", personal: "900######", personalInMRZ: true},
		{country: "PRT", alpha2: "PT", given: 2, families: 2, places: names("Lisboa, Évora, Guimarães, Portimão, Viseu"), authority: "SERVICO DE REGISTOS",
			female: words("Inês Beatriz Conceição Leonor Graça Mafalda"), male: words("João Tomás Gonçalo Simão Duarte Nuno"),
			family: names("Carvalho, Leite, Gonçalves, da Conceição, dos Santos, Araújo, Simões, Brandão"), passport: "C@######", card: "########", personal: "30######", personalInMRZ: true},
		{country: "ESP", alpha2: "ES", given: 2, families: 2, places: names("A Coruña, Málaga, Logroño, Cádiz, León"), authority: "DGP MADRID",
			female: words("Begoña Lucía Núria Inmaculada Ángela Rocío"), male: words("Íñigo Martín Álvaro Joaquín Sebastián Raúl"),
			family: names("Ibáñez, Muñoz, Peñalver, de la Fuente, Echeverría, Güell, Ordóñez, Zabaleta"), passport: "P@@######", card: "C@@######", personal: "########@", personalInMRZ: true},
		{country: "DEU", alpha2: "DE", given: 2, families: 1, hyphen: true, places: names("Musterhausen, Köln, Düsseldorf, Göttingen, Gießen"), authority: "Stadt Musterhausen",
			female: words("Tilda Jürgine Käthe Anneliese Änne Friederike"), male: words("Jörg Matthias Götz Rüdiger Lennart Björn"),
			family: names("Brandt, Weiß, Müller-Lüdenscheidt, Großkopf, Schäfer, von der Heydt, Böhmermann, Kühn-Ostermeyer"), passport: "C@@**##*#", card: "L*@*##**#"},
		{country: "POL", alpha2: "PL", given: 2, families: 1, places: names("Łódź, Kraków, Białystok, Gdańsk, Rzeszów"), authority: "PREZYDENT MIASTA",
			female: words("Małgorzata Zofia Żaneta Łucja Agnieszka"), male: words("Grzegorz Bolesław Łukasz Zdzisław Michał"), family: names("Wróblewski, Zieliński, Żurawski, Głowacki, Świątek"),
			familyFemale: names("Wróblewska, Zielińska, Żurawska-Nowak, Głowacka, Świątek"), passport: "@@#######", card: "@@@######", personal: "birth0000#", personalInMRZ: true},
		{country: "FRA", alpha2: "FR", given: 2, families: 1, hyphen: true, places: names("Saint-Étienne, Orléans, Nîmes, L'Haÿ-les-Roses, Besançon"), authority: "PREFECTURE DU GARD",
			female: words("Hélène Maëlle Françoise Zoé Anne Élodie"), male: words("Jean Benoît François Loïc Gaëtan Rémi"),
			family: names("Lefèvre, d'Aubigné, Le Goff, Château, Desprès-Morel, L'Hôpital, Garçon"), passport: "##@@#####", card: "*##@@*###"},
		{country: "TUR", needsPermit: true, alpha2: "TR", given: 2, families: 1, places: names("İzmir, Muğla, Diyarbakır, Şanlıurfa, Eskişehir"), authority: "T.C. ICISLERI BAKANLIGI",
			female: words("Ayşegül Çiğdem Işıl Gülşen İpek"), male: words("Oğuz Çağrı Ömer Tayyip Barış İlker"), family: words("Yıldırım Şahin Öztürk Çelikoğlu Güneş Aydın"),
			passport: "U########", card: "@##@#####", personal: "900#######0", personalInMRZ: true},
		{country: "ISL", alpha2: "IS", given: 2, families: 1, places: names("Reykjavík, Akureyri, Ísafjörður, Höfn"), authority: "THJODSKRA ISLANDS",
			female: words("Guðrún Þórdís Sigríður Ásta Hrafnhildur"), male: words("Þorsteinn Ásgeir Guðmundur Sæmundur Björgvin"), family: words("Jónsson Þórðarson Ægisson Guðmundsson"),
			familyFemale: words("Jónsdóttir Þórðardóttir Ægisdóttir Guðmundsdóttir"), passport: "@#######", card: "I#######", personal: "birth000#", personalInMRZ: true},
		{country: "IDN", needsPermit: true, alpha2: "ID", given: 2, families: 1, oneName: true, places: names("Yogyakarta, Surakarta, Makassar, Denpasar"), authority: "KANIM YOGYAKARTA",
			female: words("Wulandari Kartini Sulastri Ningsih Melati"), male: words("Suharyanto Sudirman Widodo Bambang Prasetyo"), family: words("Hartono Kusumawardhani Siregar Wijaya"),
			passport: "@#######", card: "", personal: ""},
		{country: "VNM", needsPermit: true, alpha2: "VN", given: 2, families: 1, places: names("Huế, Đà Nẵng, Cần Thơ, Hải Phòng"), authority: "CUC QUAN LY XNC",
			female: words("Thị Ngọc Hằng Bích Tuyết Ánh"), male: words("Văn Đức Hữu Quốc Tuấn"), family: words("Nguyễn Trần Phạm Đặng Vũ Huỳnh"),
			passport: "@#######", card: "#########", personal: "00##########", personalInMRZ: true},
		{country: "IRL", alpha2: "IE", given: 2, families: 1, places: names("Dún Laoghaire, Galway, Sligo, Tralee"), authority: "DEPT OF FOREIGN AFFAIRS",
			female: words("Sinéad Caoimhe Gráinne Róisín Aoife"), male: words("Séamus Pádraig Oisín Cillian Ruairí"), family: names("O'Shaughnessy, Ní Dhomhnaill, Mac Giolla, Ó Súilleabháin, Fitzgerald-Byrne"),
			passport: "@@#######", card: ""},
		{country: "SWE", alpha2: "SE", given: 2, families: 1, hyphen: true, places: names("Göteborg, Umeå, Västerås, Malmö, Örebro"), authority: "POLISMYNDIGHETEN",
			female: words("Åsa Märta Linnéa Ebba Solveig"), male: words("Göran Mårten Pär Sören Östen"), family: words("Björklund Sjöberg Lagerlöf Åkerman Hägglund Öberg"),
			passport: "@@#######", card: "########", personal: "birth000#", personalInMRZ: true},
		{country: "FIN", alpha2: "FI", given: 2, families: 1, places: names("Jyväskylä, Seinäjoki, Hämeenlinna, Oulu"), authority: "HELSINGIN POLIISILAITOS",
			female: words("Päivi Säde Aino Kyllikki Hilkka"), male: words("Aaro Väinö Jyrki Pentti Yrjö"), family: words("Lehtiniemi Hämäläinen Mäkelä Pöyhönen Väisänen"),
			passport: "FP#######", card: "########@", personal: "birth-000@"},
		{country: "LKA", needsPermit: true, alpha2: "LK", given: 3, families: 2, places: names("Anuradhapura, Kandy, Galle, Trincomalee"), authority: "AUTHORITY COLOMBO",
			female: words("Kumudini Chandralatha Wasanthi Dilrukshi Priyadarshani"), male: words("Wickramasinghe Senanayake Ranasinghe Dharmasena Karunaratne"), family: words("Mudiyanselage Hettiarachchige Wijesekara Abeywickrama Gunawardhana"),
			passport: "N#######", card: "", personal: "1990###00###"},
		{country: "MAR", needsPermit: true, alpha2: "MA", given: 2, families: 1, places: names("Fès, Tétouan, Meknès, Oujda, Salé"), authority: "PREFECTURE DE FES",
			female: words("Fatima Zahra Khadija Naïma Loubna"), male: words("Mohammed Abdelkarim Driss Youssef Saïd"), family: names("El Amrani, Ben Haddou, Aït Lahcen, Bouzidi, El-Khattabi"),
			passport: "@@#######", card: "@@######", personal: "@######", personalInMRZ: true},
		{country: "BEL", alpha2: "BE", given: 2, families: 1, hyphen: true, places: names("Liège, Leuven, Aalst, Huy, Braine-l'Alleud"), authority: "LIEGE",
			female: words("Anaïs Griet Céline Hadewych Noëlle"), male: words("Joachim Pieter Gédéon Matthéo Dries"), family: names("Van den Broeck, Dubois, D'Hondt, Vandeputte, De Smedt, Delvaux-Claes"),
			passport: "@@######", card: "5########", personal: "birth000##", personalInMRZ: true},
		{country: "DNK", alpha2: "DK", given: 2, families: 2, places: names("Ærøskøbing, Århus, Skagen, Næstved"), authority: "SKAGEN KOMMUNE",
			female: words("Maren Birthe Gudrun Søs Kirstine"), male: words("Mikkel Søren Jørgen Asbjørn Kåre"), family: words("Thorup Kjær Nørgaard Højlund Østergård"),
			passport: "2########", card: "", personal: "birth0000"},
	}
}
