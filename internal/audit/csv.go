package audit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/tlog"
)

// csvColumns are the columns of audit.csv, in the contract's order.
var csvColumns = []string{"seq", "time", "actor", "actor_name", "role", "action", "outcome", "process_id", "dossier_id", "version",
	"snapshot_sha256", "rows", "purpose", "case", "detail", "request_id", "session", "ip", "build", "erased", "leaf_hash"}

// csvStart tells spreadsheets that the file is UTF-8.
const csvStart = "\uFEFF"

// csvLine adds the line of an entry as its requester asked to see it.
func csvLine(line []byte, e entry, o ExportOptions) ([]byte, error) {
	shown := csvShown{parts: len(e.parts)}
	if o.Identity || o.Detail {
		r, err := readRecord(e.leaf, e.parts)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", e.seq, err)
		}
		if err := shown.take(r, o); err != nil {
			return nil, err
		}
	}
	l, err := parseLeaf(e.leaf)
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", e.seq, err)
	}
	return appendRow(line, &l, tlog.RecordHash(e.leaf), shown, o), nil
}

// csvShown is what of a record's details stands in its line.
type csvShown struct {
	parts                          int // how many are there
	name, address, caseRef, detail string
}

func (c *csvShown) take(r Record, o ExportOptions) error {
	if o.Identity {
		c.name, c.address, c.caseRef = r.ActorName, r.Address, r.Case
	}
	if !o.Detail {
		return nil
	}
	text, err := encode(detailOf(r))
	c.detail = string(text)
	return err
}

// appendRow adds the cells of csvColumns.
func appendRow(b []byte, l *leaf, hash tlog.Hash, shown csvShown, o ExportOptions) []byte {
	comma, p := o.comma(), l.process()
	cells := func(cells ...string) {
		for _, cell := range cells {
			b = appendCell(append(b, comma), cell)
		}
	}
	b = strconv.AppendInt(b, l.Seq, 10)
	cells(l.Time, l.Actor, shown.name, l.Role, string(l.Action), string(l.Outcome), p.ID, p.Dossier)
	b = append(b, comma)
	if p.Version != 0 {
		b = strconv.AppendInt(b, int64(p.Version), 10)
	}
	cells(p.SHA256)
	b = strconv.AppendInt(append(b, comma), l.Rows, 10)
	cells(l.Purpose, shown.caseRef, shown.detail, l.Request, l.Session, shown.address, l.Build)
	b = strconv.AppendBool(append(b, comma), shown.parts < len(l.Commit))
	b = hex.AppendEncode(append(b, comma), hash[:])
	return append(b, "\r\n"...)
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

// appendCells adds a line (RFC 4180). encoding/csv would turn a lone LF inside a cell into CRLF.
func appendCells(line []byte, cells []string, o ExportOptions) []byte {
	for i, cell := range cells {
		if i > 0 {
			line = append(line, o.comma())
		}
		line = appendCell(line, cell)
	}
	return append(line, "\r\n"...)
}

func appendCell(line []byte, cell string) []byte {
	if isPlain(cell) {
		return append(line, cell...)
	}
	cell = GuardCell(cell)
	if !needsQuotes(cell) {
		return append(line, cell...)
	}
	return append(append(append(line, '"'), strings.ReplaceAll(cell, `"`, `""`)...), '"')
}

// isPlain tells quickly of most cells that they need neither guard nor quotes: no more than letters, digits and . - _ : /,
// the first of them a letter or digit.
func isPlain(cell string) bool {
	for i := 0; i < len(cell); i++ {
		switch c := cell[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '-' || c == '.' || c == '_' || c == ':' || c == '/'):
		default:
			return false
		}
	}
	return true
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
