package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// rulesVersion changes whenever this package derives something else from the same report; the index is then rebuilt.
const rulesVersion = 5

// rules names everything that decides what an index says about the same snapshots.
func rules() string {
	return "mapping " + strconv.Itoa(evidence.MappingVersion) + ", index " + strconv.Itoa(rulesVersion)
}

// Kinds of lookup keys.
const (
	keyDocument  = "document"
	keyPersonal  = "personal"
	keyBorn      = "born"
	keyProcess   = "process"
	keyDossier   = "dossier"
	keyExternal  = "external"
	keyReference = "reference"
)

// maxFacet bounds, in bytes, a value that filters know; what an upstream sends may be of any length.
const maxFacet = 100

// key is a number, id or date under which a process is found.
type key struct{ kind, value string }

// line is what lists and exports show of a process.
type line struct {
	Person         evidence.Person
	Counts         evidence.Counts
	WorstText      string
	HasFinalResult bool
	Fields         map[string]string // final result by name
}

// entry is one process in the index.
type entry struct {
	processID                            string
	version, mapping                     int
	created, updated                     int64
	provider, processType, status, wayIn string
	nationality, country                 string
	relations, findings                  []string
	severity                             int
	restateOn                            string
	words                                []string
	keys                                 []key
	told                                 []evidence.Finding // of its own snapshots, until those about others joined them
	line                                 line
	head                                 Head // only of one that was derived
}

// source is what an entry is derived from.
type source struct {
	Head
	body, userData []byte
	earlier        []string // statuses of the versions before
}

// derive makes the entry of a process from its newest snapshot. Pure but for what evidence reads.
func derive(s source, now time.Time) entry {
	report := evidence.Read(evidence.Input{Body: s.body, UserData: s.userData, Now: now, Earlier: s.earlier})
	e := entry{processID: s.ProcessID, head: s.Head, version: s.Version, mapping: report.MappingVersion, created: sqlitedb.Millis(report.Created), updated: sqlitedb.Millis(report.Updated),
		provider: facet(report.Provider), processType: facet(report.ProcessType), status: facet(report.Status.Status), wayIn: string(s.WayIn),
		nationality: country(report.Person.Nationality), country: country(report.Person.IssuingCountry)}
	e.line = line{Person: report.Person, Counts: report.Counts(), HasFinalResult: report.HasFinalResult, Fields: map[string]string{}}
	e.relations = relationsOf(e.line.Counts)
	e.addFindings(report.Findings)
	e.told = report.Findings
	for _, f := range report.Fields {
		if f.Known && f.Present {
			e.line.Fields[f.Name] = f.Value
		}
	}
	e.words = nameWords(append(statedBy(report, "firstName", "lastName", "lastNameSecondLine"), report.Person.FirstName, report.Person.LastName, report.Person.MRZNames))
	e.keys = keysOf(s.Envelope, report)
	e.restateOn = restateOn(e.line.Fields["dateOfExpiry"], now)
	return e
}

// facet bounds a filter value. White space inside would part it from itself in the columns that hold several.
func facet(s string) string {
	return cut(strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " "), maxFacet)
}

// country is the facet of a country: the one code for all its spellings, where it is known.
func country(s string) string { return facet(evidence.CountryCode(s)) }

func relationsOf(c evidence.Counts) []string {
	var relations []string
	for _, r := range []struct {
		relation evidence.Relation
		count    int
	}{{evidence.Differs, c.Differs}, {evidence.Unsourced, c.Unsourced}, {evidence.Absent, c.Absent}, {evidence.Equivalent, c.Equivalent},
		{evidence.Same, c.Same}, {evidence.Single, c.Single}} {
		if r.count > 0 {
			relations = append(relations, string(r.relation))
		}
	}
	return relations
}

func (e *entry) addFindings(findings []evidence.Finding) {
	for _, f := range findings {
		if !slices.Contains(e.findings, f.Code) {
			e.findings = append(e.findings, f.Code)
		}
		if int(f.Severity) > e.severity {
			e.severity, e.line.WorstText = int(f.Severity), f.Text
		}
	}
}

// statedBy gives the values of fields in the final result and in every source: whoever looks for a person may hold
// either reading.
func statedBy(report evidence.Report, names ...string) []string {
	var values []string
	for _, f := range report.Fields {
		if !slices.Contains(names, f.Name) {
			continue
		}
		values = append(values, f.Value)
		for _, s := range f.Sources {
			values = append(values, s.Raw)
		}
	}
	return values
}

func keysOf(e Envelope, report evidence.Report) []key {
	keys := []key{{keyProcess, identifier(e.ProcessID)}, {keyDossier, identifier(e.DossierID)},
		{keyExternal, identifier(e.ExternalID)}, {keyReference, identifier(e.ExternalReference)}}
	for _, v := range append(statedBy(report, "documentNumber"), report.Person.DocumentNumber) {
		keys = append(keys, key{keyDocument, compact(v)})
	}
	for _, v := range append(statedBy(report, "personalIdentificationNumber"), report.Person.PersonalNumber) {
		keys = append(keys, key{keyPersonal, compact(v)})
	}
	for _, v := range append(statedBy(report, "dateOfBirth"), report.Person.DateOfBirth) {
		for _, day := range birthDates(v) {
			keys = append(keys, key{keyBorn, day})
		}
	}
	keys = slices.DeleteFunc(keys, func(k key) bool { return k.value == "" })
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.text(), b.text()) })
	return slices.Compact(keys)
}

func (k key) text() string { return k.kind + " " + k.value }

// restateWindow is how long before its expiry a document may begin to be spoken of.
const restateWindow = 90 * 24 * time.Hour

// restateOn is the UTC day on which what is said about a date of expiry may change by the passing of time: daily from
// the window before it until the day after it, then never.
func restateOn(expiry string, now time.Time) string {
	day, err := time.Parse(time.DateOnly, expiry)
	last := day.AddDate(0, 0, 1)
	if err != nil || !now.Before(last) {
		return ""
	}
	tomorrow := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	if begin := day.Add(-restateWindow); tomorrow.Before(begin) {
		return begin.Format(time.DateOnly)
	}
	return tomorrow.Format(time.DateOnly)
}

// aspects are the values of an entry under which it is filtered and counted.
func (e entry) aspects() (values [aspects][]facetValue) {
	for _, parameter := range []struct {
		name string
		has  []string
	}{{"status", []string{e.status}}, {"ending", endings(e.status)}, {"provider", []string{e.provider}}, {"type", []string{e.processType}},
		{"way_in", []string{e.wayIn}}, {"nationality", []string{e.nationality}}, {"country", []string{e.country}},
		{"relation", e.relations}, {"finding", e.findings}} {
		for _, value := range parameter.has {
			if value != "" {
				a := aspectOf[parameter.name]
				values[a] = append(values[a], facetValue{parameter.name, value})
			}
		}
	}
	return values
}

// endings are the values of the filter by how a process ended.
func endings(status string) []string {
	info := evidence.DescribeStatus(status)
	switch {
	case !info.Final:
		return []string{"open"}
	case info.WithResult:
		return []string{"final", "with-result"}
	}
	return []string{"final", "without-result"}
}

// scanEntry reads the columns that every statement on entry selects in this order.
func scanEntry(scan func(...any) error) (row uint32, e entry, err error) {
	var relations, findings, words, keys, shown string
	err = scan(&row, &e.processID, &e.version, &e.mapping, &e.created, &e.updated, &e.provider, &e.processType, &e.status, &e.wayIn,
		&e.nationality, &e.country, &relations, &findings, &e.severity, &e.restateOn, &words, &keys, &shown)
	if err != nil {
		return 0, entry{}, err
	}
	e.relations, e.findings, e.words = strings.Fields(relations), strings.Fields(findings), strings.Fields(words)
	e.keys = readKeys(keys)
	if shown == "" { // a caller that needs no line selects an empty one
		return row, e, nil
	}
	if err := json.Unmarshal([]byte(shown), &e.line); err != nil {
		return 0, entry{}, fmt.Errorf("read an index line: %w", err)
	}
	return row, e, nil
}

// readKeys reads the column of keys.
func readKeys(column string) (keys []key) {
	for text := range strings.Lines(column) {
		kind, value, _ := strings.Cut(strings.TrimSuffix(text, "\n"), " ")
		keys = append(keys, key{kind, value})
	}
	return keys
}

// columns are the values of an entry in the order of the table after row.
func (e entry) columns() ([]any, error) {
	shown, err := json.Marshal(e.line)
	if err != nil {
		return nil, err
	}
	var keys strings.Builder
	for _, k := range e.keys {
		keys.WriteString(k.text() + "\n")
	}
	return []any{e.processID, e.version, e.mapping, e.created, e.updated, e.provider, e.processType, e.status, e.wayIn,
		e.nationality, e.country, strings.Join(e.relations, " "), strings.Join(e.findings, " "), e.severity, e.restateOn,
		strings.Join(e.words, " "), keys.String(), string(shown)}, nil
}
