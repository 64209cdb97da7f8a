package audit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// csvColumns are the columns of audit.csv, in the contract's order.
var csvColumns = []string{"seq", "time", "actor", "actor_name", "role", "action", "outcome", "process_id", "dossier_id", "version",
	"snapshot_sha256", "rows", "purpose", "case", "detail", "request_id", "session", "ip", "build", "erased", "leaf_hash"}

// csvStart tells spreadsheets that the file is UTF-8.
const csvStart = "\uFEFF"

// csvRow is a record as its requester asked to see it.
func csvRow(r Record, o ExportOptions) ([]string, error) {
	name, address, caseRef, detail := "", "", "", ""
	if o.Identity {
		name, address, caseRef = r.ActorName, r.Address, r.Case
	}
	if o.Detail {
		text, err := encode(detailOf(r))
		if err != nil {
			return nil, err
		}
		detail = string(text)
	}
	version := ""
	if r.Version != 0 {
		version = strconv.Itoa(r.Version)
	}
	return []string{strconv.FormatInt(r.Seq, 10), r.Time.UTC().Format(timeFormat), r.Actor, name, r.Role, string(r.Action), string(r.Outcome), r.ProcessID,
		r.DossierID, version, r.SnapshotSHA256, strconv.FormatInt(r.Rows, 10), r.Purpose, caseRef, detail, r.RequestID, r.Session, address,
		r.Build, strconv.FormatBool(r.Erased), hex.EncodeToString(r.LeafHash[:])}, nil
}

// csvDetail is what has no column of its own.
type csvDetail struct {
	Issuer  string            `json:"issuer,omitempty"`
	Mapping int               `json:"mapping,omitempty"`
	Classes []string          `json:"classes,omitempty"`
	Facts   map[string]string `json:"facts,omitempty"`
	Because string            `json:"because,omitempty"`
	Term    string            `json:"term,omitempty"`
	Shown   []string          `json:"shown,omitempty"`
}

func detailOf(r Record) csvDetail {
	return csvDetail{r.Issuer, r.MappingVersion, r.Classes, r.Facts, r.Because, r.Term, r.Shown}
}

// csvLine is the line of an entry.
func csvLine(line []byte, e entry, o ExportOptions) ([]byte, error) {
	r, err := readRecord(e.leaf, e.parts)
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", e.seq, err)
	}
	cells, err := csvRow(r, o)
	if err != nil {
		return nil, err
	}
	return appendCells(line, cells, o), nil
}

// appendCells adds a line (RFC 4180). encoding/csv would turn a lone LF inside a cell into CRLF.
func appendCells(line []byte, cells []string, o ExportOptions) []byte {
	for i, cell := range cells {
		if i > 0 {
			line = append(line, o.comma())
		}
		cell = GuardCell(cell)
		if !needsQuotes(cell) {
			line = append(line, cell...)
			continue
		}
		line = append(append(append(line, '"'), strings.ReplaceAll(cell, `"`, `""`)...), '"')
	}
	return append(line, "\r\n"...)
}

func (o ExportOptions) comma() byte {
	if o.Semicolon {
		return ';'
	}
	return ','
}

// needsQuotes treats both delimiters alike: a spreadsheet that splits at the other one must not see a cell begin inside.
func needsQuotes(cell string) bool {
	return strings.ContainsAny(cell, "\",;\t\r\n") || strings.HasPrefix(cell, " ") || strings.HasSuffix(cell, " ")
}

// GuardCell puts a ' before a cell that a spreadsheet would read as a formula (contract, CSV): one that begins, after
// any space or invisible character, with =, +, - or @ or their full-width forms, or with a tab or line break.
func GuardCell(cell string) string {
	begin := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	if strings.IndexAny(begin, "=+-@＝＋－＠") == 0 || strings.IndexAny(cell, "\t\r\n") == 0 {
		return "'" + cell
	}
	return cell
}
