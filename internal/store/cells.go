package store

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

// Places among the cells of a line: of the two that change without a new snapshot, or with no change of the index, and of the values
// of the final result.
const (
	cellLastSeen   = 11
	cellFetchSeq   = 13
	cellFirstField = 18
)

// Cells are the contract's cells of a line of /processes.csv, without a guard against formulas. shown says how a value of the final
// result stands in it.
func (r ExportRow) Cells(shown func(name, value string) string) []string {
	cells := []string{r.ProcessID, r.DossierID, r.ExternalReference, r.ExternalID, r.Provider, r.ProcessType, r.Status,
		csvTime(r.CreatedAt), csvTime(r.UpdatedAt), csvTime(r.FirstSeenAt), csvTime(r.ReceivedAt), csvTime(r.LastSeenUpstream), r.wayInCell(), seqCell(r.FetchSeq),
		strconv.Itoa(r.Version), r.SHA256, strconv.Itoa(r.MappingVersion), strconv.FormatBool(r.HasFinalResult)}
	for _, name := range evidence.FieldNames() {
		cells = append(cells, shown(name, r.Fields[name]))
	}
	for _, n := range []int{r.Counts.Same, r.Counts.Equivalent, r.Counts.Differs, r.Counts.Unsourced, r.Counts.Absent, r.Counts.Single} {
		cells = append(cells, strconv.Itoa(n))
	}
	return append(cells, strings.Join(r.Findings, "|"))
}

// Masked is a value of the final result in an export without names.
func Masked(name, value string) string {
	if evidence.FieldClass(name) == evidence.Plain {
		return value
	}
	return evidence.Mask(value)
}

// csvTime is the contract's form of a time in CSV.
func csvTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// seqCell is the number of a record; empty where there is none.
func seqCell(seq int64) string {
	if seq < 0 {
		return ""
	}
	return strconv.FormatInt(seq, 10)
}

// wayInCell says who imported a process by hand, because the contract wants it told everywhere.
func (r ExportRow) wayInCell() string {
	if r.WayIn != ByImport {
		return string(r.WayIn)
	}
	by := r.ImportedBy
	if by == "" {
		by = "unknown"
	}
	return "imported by hand by " + by + " " + csvTime(r.FirstSeenAt)
}

// encodeCells writes cells as a part of a CSV line (RFC 4180), guarded against formulas.
func encodeCells(cells []string) ([]byte, error) {
	guarded := make([]string, len(cells))
	for i, c := range cells {
		guarded[i] = audit.GuardCell(c)
	}
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	w.UseCRLF = true
	if err := w.Write(guarded); err != nil {
		return nil, err
	}
	w.Flush()
	return bytes.TrimSuffix(line.Bytes(), []byte("\r\n")), w.Error()
}
