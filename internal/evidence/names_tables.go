package evidence

import "strings"

// The tables of this file say how a letter may be written in an MRZ. Each row is a letter, a colon and its spellings; "-" is none. Rows are
// parted by white space.

// latinSpellings is ICAO 9303 part 3, section 6.A, complete. Behind "|" stand spellings of single states that the table does not have but
// their documents do, and the letters of Azerbaijan, Greenland and West Africa.
const latinSpellings = `
	À:A Á:A Â:A Ã:A Ä:AE,A Å:AA,A Æ:AE Ç:C È:E É:E Ê:E Ë:E Ì:I Í:I Î:I Ï:I Ð:D|DH Ñ:N,NXX Ò:O Ó:O Ô:O Õ:O Ö:OE,O Ø:OE|O
	Ù:U Ú:U Û:U Ü:UE,UXX,U Ý:Y Þ:TH
	Ā:A Ă:A Ą:A Ć:C Ĉ:C Ċ:C Č:C Ď:D Đ:D|DJ Ē:E Ĕ:E Ė:E Ę:E Ě:E Ĝ:G Ğ:G Ġ:G Ģ:G Ĥ:H Ħ:H Ĩ:I Ī:I Ĭ:I Į:I İ:I Ĳ:IJ Ĵ:J Ķ:K
	Ĺ:L Ļ:L Ľ:L Ŀ:L Ł:L Ń:N Ņ:N Ň:N Ŋ:N Ō:O Ŏ:O Ő:O Œ:OE Ŕ:R Ŗ:R Ř:R Ś:S Ŝ:S Ş:S Š:S Ţ:T Ť:T Ŧ:T Ũ:U Ū:U Ŭ:U Ů:U Ű:U Ų:U
	Ŵ:W Ŷ:Y Ÿ:Y Ź:Z Ż:Z Ž:Z ẞ:SS
	Ə:|E,A ĸ:|Q Ɓ:|B Ɗ:|D Ɖ:|D Ɛ:|E Ƒ:|F Ƙ:|K Ɲ:|N Ɔ:|O Ʋ:|V Ƴ:|Y`

// cyrillicSpellings is ICAO 9303 part 3, section 6.B, complete, the national exceptions of the table behind the first spelling. Behind "|" stand
// what the table lacks: the soft sign; the letters by which Bulgaria (Transliteration Act of 2009) and Ukraine (resolution 55 of 2010)
// write names; Latin letters of Serbian, Macedonian and Montenegrin, whose documents print both scripts; Ћ, Ѓ and the letters of the
// Turkic and Mongolian alphabets.
const cyrillicSpellings = `
	Ё:E,IO Ђ:D|DJ,Đ Є:IE,YE Ѕ:DZ І:I Ї:I,YI Ј:J Љ:LJ Њ:NJ Ќ:K,KJ|Ḱ Ў:U Џ:DZ,DJ|DŽ
	А:A Б:B В:V Г:G,H Д:D Е:E Ж:ZH,Z|Ž З:Z И:I,Y Й:I,Y К:K Л:L М:M Н:N О:O П:P Р:R С:S Т:T У:U Ф:F Х:KH,H Ц:TS,C Ч:CH,C|Č Ш:SH,S|Š
	Щ:SHCH,SHT Ъ:IE|A,- Ы:Y Ь:|-,Y Э:E Ю:IU,YU Я:IA,YA Ѫ:U Ѵ:Y Ґ:G Ғ:G,GJ Һ:C|H
	Ћ:|C,Ć Ѓ:|G,GJ,Ǵ Ә:|A Қ:|K Ң:|N Ө:|O,U Ұ:|U Ү:|U`

// greekSpellings is ELOT 743 (ISO 843, type 2), by which Greece and Cyprus write passports: ICAO 9303 has no table of Greek.
const greekSpellings = `
	Α:|A Β:|V Γ:|G,N Δ:|D Ε:|E Ζ:|Z Η:|I Θ:|TH Ι:|I Κ:|K Λ:|L Μ:|M Ν:|N Ξ:|X Ο:|O Π:|P Ρ:|R Σ:|S Τ:|T Υ:|Y,U,V,F Φ:|F Χ:|CH Ψ:|PS Ω:|O`

// arabicSpellings is ICAO 9303 part 3, section 6.C, complete. Vowel signs are not encoded, shadda doubles what stands before it (note 3), and
// teh marbuta is XAH at the end of a name, else XTA (note 2): spellings takes care of these.
const arabicSpellings = `
	ء:XE آ:XAA أ:XAE ؤ:U إ:I ئ:XI ا:A ب:B ة:XTA ت:T ث:XTH ج:J ح:XH خ:XKH د:D ذ:XDH ر:R ز:Z س:S ش:XSH ص:XSS ض:XDZ ط:XTT ظ:XZZ
	ع:E غ:G ف:F ق:Q ك:K ل:L م:M ن:N ه:H و:W ى:XAY ي:Y
	ٱ:XXA ٹ:XXT ټ:XRT پ:P ځ:XKE څ:XXH چ:XC ڈ:XXD ډ:XDR ڑ:XXR ړ:XRR ږ:XRX ژ:XJ ښ:XXS ڜ:- ڢ:- ڧ:- ڨ:- ک:XKK ګ:XXK ڭ:XNG گ:XGG
	ں:XNN ڼ:XXN ھ:XDO ۀ:XYH ہ:XXG ۂ:XGE ۃ:XTG ی:XYA ۍ:XXY ې:Y ے:XYB ۓ:XBE`

// unencoded are the signs of Arabic that the table does not encode.
const unencoded = "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0652\u0670"

const (
	shadda     = '\u0651'
	tehMarbuta = 'ة'
)

// pairSpellings are two letters that are written otherwise together than each alone: resolution 55 of Ukraine, and ELOT 743.
var pairSpellings = map[[2]rune]pairSpelling{{'З', 'Г'}: {text: "ZGH"}, {'Μ', 'Π'}: {text: "B", atStart: true}}

type pairSpelling struct {
	text    string
	atStart bool // of a word alone
}

// icaoSpellings are the tables above by letter.
var icaoSpellings = readSpellings(latinSpellings, cyrillicSpellings, greekSpellings, arabicSpellings)

func readSpellings(tables ...string) map[rune][][]rune {
	read := map[rune][][]rune{}
	for _, table := range tables {
		for row := range strings.FieldsSeq(table) {
			letter, spellings, _ := strings.Cut(row, ":")
			for s := range strings.FieldsFuncSeq(spellings, func(c rune) bool { return c == ',' || c == '|' }) {
				key := []rune(letter)[0]
				read[key] = append(read[key], []rune(strings.TrimPrefix(s, "-")))
			}
		}
	}
	return read
}

// lostSpellings are what a letter without marks may stand for, spelled out, where the marks were lost.
var lostSpellings = map[rune][][]rune{
	'A': {[]rune("AE"), []rune("AA")}, 'O': {[]rune("OE")}, 'U': {[]rune("UE"), []rune("UXX")}, 'N': {[]rune("NXX")},
}
