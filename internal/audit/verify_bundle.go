package audit

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/tlog"
)

// Bounds on what is read of a bundle at once: it may come from anybody.
const (
	maxSmallFile = 1 << 20
	maxLine      = 4 << 20 // of leaves.jsonl and of audit.csv
)

// bundleReader reads a bundle's three long files side by side, record by record, so that memory stays flat.
type bundleReader struct {
	*inspection
	files    map[string]*zip.File
	sums     map[string]*hashedReader
	manifest manifest
	options  ExportOptions
	signed   signed
	hashes   *bufio.Reader
	leaves   *lineReader[leafLine]
	rows     *lineReader[csvText]
	wrong    bool // the manifest contradicts the bundle
}

// bundle verifies an exported bundle.
func (v *inspection) bundle(ctx context.Context, path string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	b := &bundleReader{inspection: v, files: map[string]*zip.File{}, sums: map[string]*hashedReader{}}
	for _, f := range archive.File {
		if b.files[f.Name] != nil {
			return fmt.Errorf("it holds %s twice", f.Name)
		}
		b.files[f.Name] = f
		if !slices.Contains(bundleFiles, f.Name) {
			b.note(exitMismatch, -1, "it holds %q, which is no part of a bundle", f.Name)
		}
	}
	if err := b.begin(); err != nil {
		return err
	}
	defer b.closeFiles()
	if err := b.walk(ctx); err != nil {
		return err
	}
	return b.end()
}

// begin reads the small files and opens the long ones.
func (b *bundleReader) begin() error {
	text, err := b.small(manifestFile)
	if err != nil {
		return err
	}
	if err := decodeStrict(text, &b.manifest); err != nil || b.manifest.Version != bundleVersion {
		return fmt.Errorf("%s is not one of version %d", manifestFile, bundleVersion)
	}
	if b.options, err = b.manifest.Query.options(); err != nil {
		return fmt.Errorf("the query in %s cannot be read", manifestFile)
	}
	if text, err = b.small(checkpointFile); err != nil {
		return err
	}
	if b.signed, err = b.checkpoint(string(text), "the checkpoint"); err != nil {
		return err
	}
	if _, err := b.small(verifyFile); err != nil {
		return err
	}
	b.compareManifest()
	return b.openLong()
}

func (b *bundleReader) compareManifest() {
	m := b.manifest
	if m.Origin != b.signed.origin {
		b.note(exitSignature, -1, "the manifest is of the trail %q, the checkpoint of %q", m.Origin, b.signed.origin)
	}
	if len(m.Files) != len(bundleFiles)-1 {
		b.note(exitMismatch, -1, "the manifest does not name the %d files of a bundle beside itself, and no other", len(bundleFiles)-1)
	}
	if m.Size != b.signed.size || m.Root != base64.StdEncoding.EncodeToString(b.signed.root[:]) || !slices.Equal(m.Columns, csvColumns) {
		b.note(exitMismatch, -1, "the manifest does not match the checkpoint")
	}
}

// hashedReader hashes what is read of a file.
type hashedReader struct {
	file io.ReadCloser
	*hashedWriter
}

func (h *hashedReader) Read(p []byte) (int, error) {
	n, err := h.file.Read(p)
	h.sum.Write(p[:n])
	return n, err
}

func (b *bundleReader) open(name string) (io.Reader, error) {
	f := b.files[name]
	if f == nil {
		return nil, fmt.Errorf("it holds no %s", name)
	}
	file, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b.sums[name] = &hashedReader{file, newHash()}
	return b.sums[name], nil
}

func (b *bundleReader) small(name string) ([]byte, error) {
	r, err := b.open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxSmallFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxSmallFile {
		return nil, fmt.Errorf("%s is too long", name)
	}
	return text, nil
}

func (b *bundleReader) openLong() error {
	hashes, err := b.open(hashesFile)
	if err != nil {
		return err
	}
	leaves, err := b.open(leavesFile)
	if err != nil {
		return err
	}
	rows, err := b.open(csvFile)
	if err != nil {
		return err
	}
	b.hashes = bufio.NewReaderSize(hashes, 64<<10)
	b.leaves = newLineReader(leaves, readLeafLine)
	b.rows = newLineReader(rows, func(r *bufio.Reader) (csvText, int64, error) { return readCSVLine(r, b.options.comma()) })
	return b.readHeader()
}

func (b *bundleReader) readHeader() error {
	line, err := readCSVRaw(b.rows.from)
	if err != nil {
		return fmt.Errorf("%s: %w", csvFile, err)
	}
	if !bytes.Equal(line, appendCells([]byte(csvStart), csvColumns, b.options)) {
		b.note(exitMismatch, -1, "%s does not begin with its header", csvFile)
	}
	return nil
}

func (b *bundleReader) closeFiles() {
	for _, r := range b.sums {
		r.file.Close()
	}
}

// walk goes through the tree's records by hashes.bin, and takes leaf and row where there is one.
func (b *bundleReader) walk(ctx context.Context) error {
	for seq := int64(0); seq < b.signed.size; seq++ {
		var hash tlog.Hash
		if _, err := io.ReadFull(b.hashes, hash[:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				b.note(exitMismatch, -1, "%s holds fewer than the %d hashes of the checkpoint", hashesFile, b.signed.size)
				return nil
			}
			return fmt.Errorf("%s: %w", hashesFile, err)
		}
		if err := b.one(ctx, seq, hash); err != nil {
			return err
		}
		if _, err := b.tree.add(hash); err != nil {
			return err
		}
		if err := b.compareOlder(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundleReader) one(ctx context.Context, seq int64, hash tlog.Hash) error {
	line, hasLeaf, err := b.leaves.at(seq)
	if err != nil {
		return fmt.Errorf("%s: %w", leavesFile, err)
	}
	row, isRow, err := b.rows.at(seq)
	if err != nil {
		return fmt.Errorf("%s: %w", csvFile, err)
	}
	if !hasLeaf {
		if isRow {
			b.note(exitMismatch, seq, "row %d has no leaf", seq)
		}
		if b.options.every() {
			b.note(exitGap, seq, "record %d is missing", seq)
		}
		return nil
	}
	parts := line.parts()
	x := examine(line.Leaf, parts)
	if !b.record(seq, &x, hash) {
		return nil
	}
	b.details(&x, seq, parts, isRow)
	b.compareRow(seq, entry{seq, line.Leaf, parts}, x.leaf, row, isRow)
	return b.snapshot(ctx, seq, &x.leaf)
}

func (l leafLine) parts() (parts []part) {
	for name, d := range l.Details {
		parts = append(parts, part{name, d.Salt, d.Body})
	}
	return parts
}

// compareRow makes the row again and applies the query again.
func (b *bundleReader) compareRow(seq int64, e entry, l leaf, row csvText, isRow bool) {
	r, err := readRecord(e.leaf, e.parts)
	if err != nil {
		b.note(exitMismatch, seq, "record %d cannot be read", seq)
		return
	}
	last, listMissing := seq == b.signed.size-1, l.Commit["shown"] != "" && r.Shown == nil
	wanted := last || b.options.Filter.matches(l, r.Shown)
	if isRow {
		if want, err := csvLine(nil, e, b.options); err != nil || !bytes.Equal(want, row.raw) {
			b.note(exitMismatch, seq, "row %d does not match its record", seq)
		}
		if !wanted && !(b.options.Filter.Process != "" && listMissing) {
			b.note(exitMismatch, seq, "row %d does not match the query", seq)
		}
	}
	if !isRow && wanted {
		b.note(exitLeftOut, seq, "record %d matches the query and is no row", seq)
	}
	if !isRow && !wanted && listMissing && b.options.Filter.Process != "" && b.options.every() {
		b.wrong = true // nobody can tell whether this list showed the process
	}
	if last {
		b.compareQuery(l, r)
	}
}

// compareQuery checks the query of the manifest against the one that was recorded.
func (b *bundleReader) compareQuery(l leaf, r Record) {
	text, err := encode(b.manifest.Query)
	if l.Action != AuditExport {
		b.note(exitMismatch, l.Seq, "the last record is not of this export")
	} else if l.Commit["term"] != "" && r.Term == "" {
		b.warn("the query of this export was erased from its record and cannot be compared")
	} else if err != nil || r.Term != string(text) {
		b.note(exitMismatch, -1, "the query in the manifest is not the one that was recorded")
	}
}

// end looks at what is left over and at the sums.
func (b *bundleReader) end() error {
	if err := b.leftOver(); err != nil {
		return err
	}
	if b.tree.tlog.size == b.signed.size {
		same, err := b.matches(b.signed)
		if err != nil {
			return err
		}
		if !same {
			b.note(exitMismatch, -1, "the hashes are not those over which the checkpoint was signed")
		}
	}
	if b.signed.origin != b.origin {
		b.note(exitSignature, -1, "the checkpoint is of %q, its records of %q", b.signed.origin, b.origin)
	}
	if b.rows.count != b.manifest.Rows {
		b.note(exitMismatch, -1, "the manifest speaks of %d rows, there are %d", b.manifest.Rows, b.rows.count)
	}
	if err := b.compareSums(); err != nil {
		return err
	}
	b.finish()
	b.inspection.rows = b.rows.count
	b.filtered, b.completeness = !b.options.every(), b.options.AllLeaves && !b.wrong
	if b.wrong {
		b.warn("lists were erased, so nobody can tell whether they showed the process that the query names")
	}
	return nil
}

// leftOver reads the files to their ends: what nothing asked for does not belong.
func (b *bundleReader) leftOver() error {
	if n, err := io.Copy(io.Discard, b.hashes); err != nil {
		return fmt.Errorf("%s: %w", hashesFile, err)
	} else if n > 0 && b.tree.tlog.size == b.signed.size {
		b.note(exitMismatch, -1, "%s holds more than the %d hashes of the checkpoint", hashesFile, b.signed.size)
	}
	if seq, disorder, err := b.leaves.rest(); err != nil {
		return fmt.Errorf("%s: %w", leavesFile, err)
	} else if disorder {
		b.note(exitGap, seq, "leaf %d stands out of order", seq)
	}
	if seq, disorder, err := b.rows.rest(); err != nil {
		return fmt.Errorf("%s: %w", csvFile, err)
	} else if disorder && seq < 0 {
		b.note(exitMismatch, -1, "a row does not begin with the number of a record")
	} else if disorder {
		b.note(exitGap, seq, "row %d stands out of order", seq)
	}
	return nil
}

// compareSums is last: a fault that names a record says more than a sum.
func (b *bundleReader) compareSums() error {
	for _, name := range bundleFiles {
		if name == manifestFile {
			continue
		}
		if _, err := io.Copy(io.Discard, b.sums[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if b.manifest.Files[name] != b.sums[name].hex() {
			b.note(exitMismatch, -1, "%s is not the file that the manifest names", name)
		}
	}
	return nil
}

// lineReader gives the lines of a file whose lines carry ascending numbers. A line that comes too late, or belongs to no
// number that was asked for, is kept aside as disorder.
type lineReader[T any] struct {
	from     *bufio.Reader
	read     func(*bufio.Reader) (T, int64, error)
	next     T
	seq      int64
	has      bool
	count    int64
	disorder []int64 // the first
}

func newLineReader[T any](r io.Reader, read func(*bufio.Reader) (T, int64, error)) *lineReader[T] {
	return &lineReader[T]{from: bufio.NewReaderSize(r, 64<<10), read: read}
}

// at gives the line of seq if it is the next. Numbers must be asked for in ascending order.
func (r *lineReader[T]) at(seq int64) (line T, ok bool, err error) {
	for {
		if !r.has {
			if r.next, r.seq, err = r.read(r.from); errors.Is(err, io.EOF) {
				return line, false, nil
			} else if err != nil {
				return line, false, err
			}
			r.has = true
			r.count++
		}
		switch {
		case r.seq == seq:
			r.has = false
			return r.next, true, nil
		case r.seq > seq:
			return line, false, nil
		}
		r.has = false
		if len(r.disorder) == 0 {
			r.disorder = append(r.disorder, r.seq)
		}
	}
}

// rest reads to the end and tells of the first line that nobody asked for at its place.
func (r *lineReader[T]) rest() (seq int64, disorder bool, err error) {
	const beyond = 1<<63 - 1
	if _, _, err := r.at(beyond); err != nil {
		return 0, false, err
	}
	if len(r.disorder) == 0 {
		return 0, false, nil
	}
	return r.disorder[0], true, nil
}

func readLeafLine(r *bufio.Reader) (line leafLine, seq int64, err error) {
	text, err := readUntil(r, func(b []byte) bool { return b[len(b)-1] == '\n' })
	if err != nil {
		return line, 0, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return line, 0, errors.New("a line is empty") // and no end: more may follow
	}
	if err := decodeStrict(text, &line); err != nil {
		if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return line, 0, fmt.Errorf("a line is not JSON: %w", err)
		}
		return line, 0, fmt.Errorf("a line is not a leaf: %w", err)
	}
	return line, line.Seq, nil
}

// csvText is a line of audit.csv as it stands.
type csvText struct{ raw []byte }

func readCSVLine(r *bufio.Reader, comma byte) (line csvText, seq int64, err error) {
	if line.raw, err = readCSVRaw(r); err != nil {
		return line, 0, err
	}
	number, _, _ := bytes.Cut(line.raw, []byte{comma})
	if seq, err = parseSeq(number); err != nil {
		seq = -1 // belongs nowhere
	}
	return line, seq, nil
}

// readCSVRaw reads up to the line end that stands outside quotes.
func readCSVRaw(r *bufio.Reader) ([]byte, error) {
	return readUntil(r, func(b []byte) bool { return bytes.HasSuffix(b, []byte("\r\n")) && bytes.Count(b, []byte{'"'})%2 == 0 })
}

// readUntil adds up lines until they are whole. io.EOF means that nothing is left; a piece without its end is a fault.
func readUntil(r *bufio.Reader, whole func([]byte) bool) ([]byte, error) {
	var line []byte
	for {
		piece, err := r.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case len(line) > maxLine:
			return nil, errors.New("a line is too long")
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return nil, err
		case whole(line):
			return line, nil
		}
	}
}
