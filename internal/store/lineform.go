package store

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// LineForm is how lines of an export look. The zero form has commas and no names: lines as they are kept.
type LineForm struct {
	Semicolons bool                            // in the place of commas
	Shown      func(name, value string) string // how a value of the final result stands in a line; nil: as Masked gives it
}

func (f LineForm) shown() func(name, value string) string {
	if f.Shown == nil {
		return Masked
	}
	return f.Shown
}

// appendKept writes a whole line: what is kept, the two cells that are not, and values as the reader may see them.
func (f LineForm) appendKept(b []byte, row keptRow, v volatile) ([]byte, error) {
	k, err := readKeptLine(row.cells)
	if err != nil {
		return nil, err
	}
	between := f.delimiter()
	b = append(f.appendCells(b, k.head), between)
	b = append(append(b, csvTime(sqlitedb.Instant(v.lastSeen))...), between)
	b = append(f.appendCells(b, k.wayIn), between)
	b = append(append(b, seqCell(v.fetchSeq)...), between)
	if f.Shown == nil {
		return append(f.appendCells(b, k.tail), "\r\n"...), nil
	}
	before, after := cutCells(k.tail, cellFirstField-cellFetchSeq-1)
	_, after = cutCells(after, len(evidence.FieldNames()))
	values, err := f.values(row.named)
	if err != nil {
		return nil, err
	}
	for i, cells := range [][]byte{before, values, after} {
		if i > 0 {
			b = append(b, between)
		}
		b = f.appendCells(b, cells)
	}
	return append(b, "\r\n"...), nil
}

// values are the cells of the final result.
func (f LineForm) values(named []byte) ([]byte, error) {
	var l struct{ Fields map[string]string }
	if err := json.Unmarshal(named, &l); err != nil {
		return nil, fmt.Errorf("read an index line: %w", err)
	}
	var cells []string
	for _, name := range evidence.FieldNames() {
		cells = append(cells, f.Shown(name, l.Fields[name]))
	}
	return encodeCells(cells)
}

func (f LineForm) delimiter() byte {
	if f.Semicolons {
		return ';'
	}
	return ','
}

// appendCells writes cells that are parted by commas as this form parts them. A cell that is quoted stays so; one that holds a
// semicolon becomes so.
func (f LineForm) appendCells(b, cells []byte) []byte {
	if !f.Semicolons {
		return append(b, cells...)
	}
	for more := true; more; {
		var cell []byte
		cell, cells, more = cutCell(cells)
		if len(cell) > 0 && cell[0] != '"' && bytes.IndexByte(cell, ';') >= 0 {
			b = append(append(append(b, '"'), cell...), '"')
		} else {
			b = append(b, cell...)
		}
		if more {
			b = append(b, ';')
		}
	}
	return b
}

// cutCells parts a line after its first n cells.
func cutCells(line []byte, n int) (before, after []byte) {
	after = line
	for range n {
		_, after, _ = cutCell(after)
	}
	return bytes.TrimSuffix(line[:len(line)-len(after)], []byte(",")), after
}

// cutCell parts a line after its first cell, which keeps its quotes; more is false for the last.
func cutCell(line []byte) (cell, after []byte, more bool) {
	quoted := false
	for i, c := range line {
		switch {
		case c == '"': // two of them within a cell leave things as they were
			quoted = !quoted
		case c == ',' && !quoted:
			return line[:i], line[i+1:], true
		}
	}
	return line, nil, false
}
