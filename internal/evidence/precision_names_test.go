package evidence

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// writtenName is a name as people write it at home, as the document prints it in Latin letters, and as its MRZ has it.
type writtenName struct{ home, latin, zone string }

// scripts are invented names in other scripts than Latin, each with the Latin letters that its document prints: first names, then last ones. Of
// scripts that ICAO 9303 has a table for, the Latin is by the table or by the state's own rule, but for Arabic, of which documents print
// how a name sounds.
var scripts = map[string][2][]string{
	"Russian":    {{"Илья Андреевич|ILIA ANDREEVICH", "Любовь|LIUBOV", "Фёдор|FEDOR"}, {"Щегольков|SHCHEGOLKOV", "Подъячева|PODIEIACHEVA", "Римский-Юрьев|RIMSKII-IUREV"}},
	"Ukrainian":  {{"Євген|YEVHEN", "Мар’яна|MARIANA", "Юстина Ївга|YUSTYNA YIVHA"}, {"Згурський|ZGHURSKYI", "Гаєвич|HAIEVYCH", "Ґалаґан|GALAGAN"}},
	"Belarusian": {{"Ігар|IHAR", "Святлана|SVIATLANA"}, {"Міховіч|MIKHOVICH", "Жураўлёва|ZHURAULIOVA"}},
	"Bulgarian":  {{"Юлиян|YULIYAN", "Щерьо|SHTERYO", "Цветелина|TSVETELINA"}, {"Кръстев|KRASTEV", "Хаджииванова|HADZHIIVANOVA", "Подъяков|PODAYAKOV"}},
	"Serbian":    {{"Живорад|ŽIVORAD", "Ђурђа|ĐURĐA", "Љиљана|LJILJANA"}, {"Шћепановић|ŠĆEPANOVIĆ", "Чкоњевић|ČKONJEVIĆ", "Џамбас|DŽAMBAS"}},
	"Macedonian": {{"Ѓорѓи|GJORGJI", "Ѕвезда|DZVEZDA"}, {"Ќосев|KJOSEV", "Љубеновски|LJUBENOVSKI"}},
	"Kazakh":     {{"Әлия|ALIYA", "Өмір|OMIR"}, {"Қасымұлы|KASYMULY", "Үсенова|USENOVA"}},
	"Greek":      {{"Ευαγγελία|EVANGELIA", "Μπάμπης|BAMPIS", "Ευθύμιος|EFTHYMIOS"}, {"Αυγέρης|AVGERIS", "Ψαρράς|PSARRAS", "Θεοχάρη-Λιάππη|THEOCHARI-LIAPPI"}},
	"Moroccan":   {{"محمد أمين|MOHAMED AMINE", "فاطمة الزهراء|FATIMA-ZAHRA"}, {"العمراني|EL AMRANI", "بن يوسف|BEN-YOUSSEF"}},
	"Egyptian":   {{"مصطفى|MOSTAFA", "عبد الرحمن|ʿABD AL-RAḤMĀN"}, {"الشاذلي|ELSHAZLY", "حجازي|HEGAZY"}},
	"Persian":    {{"پروانه|PARVANEH", "چنگیز|CHANGIZ"}, {"گلستانی|GOLESTANI", "ژاله\u200cپور|JALEHPOUR"}},
	"Hebrew":     {{"נועם|NOAM", "יעל|YA’EL"}, {"בן־דרור|BEN-DROR", "לביא|LAVI"}},
	"Georgian":   {{"ნინო|NINO"}, {"ბერიძეშვილი|BERIDZESHVILI"}},
	"Armenian":   {{"Արամ|ARAM"}, {"Տեր-Պետրոսեան|TER-PETROSYAN"}},
	"Mandarin":   {{"伟明|WEIMING", "雪|XUE"}, {"李|LI", "欧阳|OUYANG"}},
	"Japanese":   {{"優子|YŪKO", "翔太郎|SHŌTARŌ"}, {"大野|ŌNO", "小笠原|OGASAWARA"}},
	"Korean":     {{"지우|JI-WOO"}, {"남궁|NAMGUNG"}},
	"Thai":       {{"ชยาภา|CHAYAPA", "นิรันดร์|NIRAN"}, {"เดชธรรมรงค์|DEJTHAMRONG", "กระสวง|KRASUANG"}},
	"Hindi":      {{"राजेश|RAJESH", "|"}, {"कुमारी|KUMARI", "श्रीवास्तव|SHRIVASTAVA"}},
	"Single":     {{"Suharsono", "Rajeshwari", "Ni Wayan"}, {""}},
	"Hausa":      {{"Ɓalaraba", "Ɗanladi", "Ƙyauta"}, {"Ƴarima", "Ɗantata"}},
	"Long": {{"Nilavadhananda Chayapa Dejthamrong", "Maria Francisca Xaviera Josefa", "Jonathon Warren Trevor Alexander"},
		{"Papandropoulous-Krasuangsakulchai", "Bennelong Wooloomooloo Warrandyte Warnambool", "Rakotondrainibemananjara"}},
}

// states are whose documents the people of a tradition carry; of those not named, one of the standard's own specimens.
var states = map[string]string{
	"Norwegian": "NOR", "Swedish": "SWE", "Danish": "DNK", "Finnish": "FIN", "Icelandic": "ISL", "German": "DEU", "Dutch": "NLD", "French": "FRA", "Spanish": "ESP",
	"Portuguese": "PRT", "Italian": "ITA", "Catalan": "AND", "Irish": "IRL", "Polish": "POL", "Czech": "CZE", "Slovak": "SVK", "Hungarian": "HUN", "Romanian": "ROU",
	"Croatian": "HRV", "Latvian": "LVA", "Lithuanian": "LTU", "Estonian": "EST", "Turkish": "TUR", "Azerbaijani": "AZE", "Vietnamese": "VNM", "Maltese": "MLT",
	"Arabic": "TUN", "Tamil": "LKA", "Indonesian": "IDN", "Chinese": "SGP", "Hawaiian": "USA", "with a title": "AUT", "Albanian": "ALB", "Basque": "ESP",
	"Russian": "RUS", "Ukrainian": "UKR", "Belarusian": "BLR", "Bulgarian": "BGR", "Serbian": "SRB", "Macedonian": "MKD", "Kazakh": "KAZ", "Greek": "GRC",
	"Moroccan": "MAR", "Egyptian": "EGY", "Persian": "IRN", "Hebrew": "ISR", "Georgian": "GEO", "Armenian": "ARM", "Mandarin": "CHN", "Japanese": "JPN", "Korean": "KOR",
	"Thai": "THA", "Hindi": "IND", "Long": "GBR", "Single": "IDN", "Hausa": "NGA",
}

// standardTable is the transliteration of ICAO 9303 part 3, section 6, by letter, from a file that was made from the standard alone.
func standardTable(t testing.TB) map[rune][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/icao9303-transliteration.txt")
	if err != nil {
		t.Fatal(err)
	}
	table := map[rune][]string{}
	for line := range strings.Lines(string(text)) {
		point, spellings, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(point, 16, 32); err == nil && len(point) == 4 {
			table[rune(n)] = strings.Fields(spellings)
		}
	}
	if len(table) != 94+48+79 {
		t.Fatalf("%d letters in the standard's table", len(table))
	}
	return table
}

// hooked are letters of West Africa that no table has, as passports there write them.
var hooked = map[rune]rune{'Ɓ': 'B', 'Ɗ': 'D', 'Ƙ': 'K', 'Ƴ': 'Y'}

// zoneSpelling writes a Latin name as a state writes it in its MRZ. Of several spellings of a letter it takes the nth.
func zoneSpelling(table map[rune][]string, latin string, nth int) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(strings.ReplaceAll(latin, "ß", "ẞ")) {
		spellings := table[c]
		switch {
		case c >= 'A' && c <= 'Z':
			b.WriteRune(c)
		case c == ' ' || c == '-' || c == ',':
			b.WriteByte('<')
		case len(spellings) > 0:
			b.WriteString(strings.TrimPrefix(spellings[min(nth, len(spellings)-1)], "-"))
		case c == 'Ə':
			b.WriteByte("EA"[nth%2])
		case hooked[c] != 0:
			b.WriteRune(hooked[c])
		case unicode.IsLetter(c):
			if base := rune(norm.NFD.String(string(c))[0]); base <= unicode.MaxASCII {
				b.WriteRune(base)
			}
		}
	}
	return strings.Trim(strings.ReplaceAll(b.String(), "<<", "<"), "<")
}

// writtenNameOf reads one entry of the lists: "home|LATIN", or one text for both.
func writtenNameOf(table map[rune][]string, entry string, nth int) writtenName {
	home, latin, other := strings.Cut(entry, "|")
	if !other {
		latin = home
	}
	return writtenName{home, latin, zoneSpelling(table, withoutTitles(latin), nth)}
}

// withoutTitles leaves out what a document prints before or behind a name and its MRZ does not have.
func withoutTitles(name string) string {
	for _, title := range []string{"Prof. Dr. ", "Dr. ", " Jr."} {
		name = strings.Replace(name, title, "", 1)
	}
	return name
}
