package evidence

import "strings"

// isoCountries are the countries of ISO 3166-1: alpha-2, alpha-3, short English name.
const isoCountries = `AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda; AI AIA Anguilla; AL ALB Albania;
AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica; AR ARG Argentina; AS ASM American Samoa; AT AUT Austria; AU AUS Australia;
AW ABW Aruba; AX ALA Åland Islands; AZ AZE Azerbaijan; BA BIH Bosnia and Herzegovina; BB BRB Barbados; BD BGD Bangladesh; BE BEL Belgium;
BF BFA Burkina Faso; BG BGR Bulgaria; BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda;
BN BRN Brunei; BO BOL Bolivia; BQ BES Bonaire, Sint Eustatius and Saba; BR BRA Brazil; BS BHS Bahamas; BT BTN Bhutan;
BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize; CA CAN Canada; CC CCK Cocos (Keeling) Islands;
CD COD Congo (Democratic Republic); CF CAF Central African Republic; CG COG Congo; CH CHE Switzerland; CI CIV Côte d'Ivoire;
CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon; CN CHN China; CO COL Colombia; CR CRI Costa Rica; CU CUB Cuba; CV CPV Cabo Verde;
CW CUW Curaçao; CX CXR Christmas Island; CY CYP Cyprus; CZ CZE Czechia; DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM DMA Dominica;
DO DOM Dominican Republic; DZ DZA Algeria; EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara; ER ERI Eritrea;
ES ESP Spain; ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji; FK FLK Falkland Islands; FM FSM Micronesia; FO FRO Faroe Islands;
FR FRA France; GA GAB Gabon; GB GBR United Kingdom; GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey; GH GHA Ghana;
GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia; GN GIN Guinea; GP GLP Guadeloupe; GQ GNQ Equatorial Guinea; GR GRC Greece;
GS SGS South Georgia and South Sandwich Islands; GT GTM Guatemala; GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong;
HM HMD Heard and McDonald Islands; HN HND Honduras; HR HRV Croatia; HT HTI Haiti; HU HUN Hungary; ID IDN Indonesia; IE IRL Ireland;
IL ISR Israel; IM IMN Isle of Man; IN IND India; IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland;
IT ITA Italy; JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya; KG KGZ Kyrgyzstan; KH KHM Cambodia;
KI KIR Kiribati; KM COM Comoros; KN KNA Saint Kitts and Nevis; KP PRK North Korea; KR KOR South Korea; KW KWT Kuwait;
KY CYM Cayman Islands; KZ KAZ Kazakhstan; LA LAO Laos; LB LBN Lebanon; LC LCA Saint Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka;
LR LBR Liberia; LS LSO Lesotho; LT LTU Lithuania; LU LUX Luxembourg; LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC MCO Monaco;
MD MDA Moldova; ME MNE Montenegro; MF MAF Saint Martin; MG MDG Madagascar; MH MHL Marshall Islands; MK MKD North Macedonia; ML MLI Mali;
MM MMR Myanmar; MN MNG Mongolia; MO MAC Macao; MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania; MS MSR Montserrat;
MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia; MZ MOZ Mozambique; NA NAM Namibia;
NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island; NG NGA Nigeria; NI NIC Nicaragua; NL NLD Netherlands; NO NOR Norway;
NP NPL Nepal; NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand; OM OMN Oman; PA PAN Panama; PE PER Peru; PF PYF French Polynesia;
PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan; PL POL Poland; PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn Islands;
PR PRI Puerto Rico; PS PSE Palestine; PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Réunion; RO ROU Romania;
RS SRB Serbia; RU RUS Russia; RW RWA Rwanda; SA SAU Saudi Arabia; SB SLB Solomon Islands; SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden;
SG SGP Singapore; SH SHN Saint Helena; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia; SL SLE Sierra Leone;
SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname; SS SSD South Sudan; ST STP São Tomé and Príncipe; SV SLV El Salvador;
SX SXM Sint Maarten; SY SYR Syria; SZ SWZ Eswatini; TC TCA Turks and Caicos Islands; TD TCD Chad; TF ATF French Southern Territories;
TG TGO Togo; TH THA Thailand; TJ TJK Tajikistan; TK TKL Tokelau; TL TLS Timor-Leste; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga;
TR TUR Türkiye; TT TTO Trinidad and Tobago; TV TUV Tuvalu; TW TWN Taiwan; TZ TZA Tanzania; UA UKR Ukraine; UG UGA Uganda;
UM UMI U.S. Outlying Islands; US USA United States; UY URY Uruguay; UZ UZB Uzbekistan; VA VAT Holy See;
VC VCT Saint Vincent and Grenadines; VE VEN Venezuela; VG VGB British Virgin Islands; VI VIR U.S. Virgin Islands; VN VNM Vietnam;
VU VUT Vanuatu; WF WLF Wallis and Futuna; WS WSM Samoa; YE YEM Yemen; YT MYT Mayotte; ZA ZAF South Africa; ZM ZMB Zambia;
ZW ZWE Zimbabwe`

// icaoCodes are the codes that ICAO 9303 part 3, section 5, has beside ISO 3166-1. Those with a country behind "=" are another code of
// that country; the rest are states of nationality or issuers of their own, never equal to a country.
const icaoCodes = `D=DEU Germany; XKX Kosovo; RKS=XKX Kosovo; KS=XKX Kosovo; XKK=XKX Kosovo; XK=XKX Kosovo; EUE European Union; EU=EUE European Union;
ANT Netherlands Antilles; AN=ANT Netherlands Antilles; NTZ Neutral Zone; NT=NTZ Neutral Zone; IAO International Civil Aviation Organization; GBD British Overseas Territories citizen;
GBN British National (Overseas); GBO British Overseas citizen; GBP British protected person; GBS British subject; UNO United Nations;
UNA United Nations agency; UNK Resident of Kosovo (United Nations); XBA African Development Bank; XIM African Export-Import Bank;
XCC Caribbean Community; XCE Council of Europe; XCO Common Market for Eastern and Southern Africa; XEC Economic Community of West African States;
XPO Interpol; XES Organization of Eastern Caribbean States; XMP Parliamentary Assembly of the Mediterranean; XOM Order of Malta;
XDC Southern African Development Community; XXA Stateless person; XXB Refugee; XXC Refugee (other); XXX Unspecified nationality; UTO Utopia;
UT=UTO Utopia`

// countries finds the canonical code of any code or English name, and the name of any canonical code.
type countries struct {
	canonical map[string]string // by upper-case code or name
	names     map[string]string // by canonical code
}

var allCountries = readCountries()

func readCountries() countries {
	c := countries{canonical: map[string]string{}, names: map[string]string{}}
	for row := range strings.SplitSeq(isoCountries, ";") {
		alpha2, rest, _ := strings.Cut(strings.TrimSpace(row), " ")
		alpha3, name, _ := strings.Cut(rest, " ")
		c.add(alpha3, name, alpha2, alpha3, name)
	}
	for row := range strings.SplitSeq(icaoCodes, ";") {
		codes, name, _ := strings.Cut(strings.TrimSpace(row), " ")
		code, of, another := strings.Cut(codes, "=")
		if !another {
			of = code
		}
		c.add(of, name, code)
	}
	return c
}

func (c countries) add(canonical, name string, spellings ...string) {
	c.names[canonical] = name
	for _, s := range spellings {
		c.canonical[strings.ToUpper(s)] = canonical
	}
}

// countryCode is the one code for all spellings of a country: alpha-3 where ISO 3166-1 has one. MRZ fillers are no part of a code, and
// letters that only become those of A to Z as capitals are none of a code.
func countryCode(text string) (code string, known bool) {
	text = strings.Trim(text, "< ")
	upper := strings.ToUpper(text)
	if len(upper) <= len("DEU") && len(upper) != len(text) {
		return "", false
	}
	code, known = allCountries.canonical[upper]
	return code, known
}

// KnownCountry reports whether text is a code or an English name of ISO 3166-1 or ICAO 9303 part 3.
func KnownCountry(text string) bool {
	_, known := countryCode(text)
	return known
}

// countryName is the English name behind a code, or "".
func countryName(text string) string {
	code, _ := countryCode(text)
	return allCountries.names[code]
}

// CountryCode is the one code for all spellings of a country that are known, and any other text as it is.
func CountryCode(text string) string {
	if code, known := countryCode(text); known {
		return code
	}
	return text
}
