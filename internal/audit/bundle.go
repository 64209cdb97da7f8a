package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The files of a bundle.
const (
	csvFile        = "audit.csv"
	leavesFile     = "leaves.jsonl"
	hashesFile     = "hashes.bin"
	checkpointFile = "checkpoint"
	manifestFile   = "manifest.json"
	verifyFile     = "VERIFY.md"
)

// bundleFiles are all of them: whoever finds another one in a bundle would take it for verified.
var bundleFiles = []string{csvFile, leavesFile, hashesFile, checkpointFile, manifestFile, verifyFile}

// bundleVersion is the form of a bundle that VERIFY.md describes.
const bundleVersion = 1

// manifest says what a bundle holds.
type manifest struct {
	Version int               `json:"version"`
	Origin  string            `json:"origin"`
	Build   string            `json:"build"`
	Query   query             `json:"query"`
	Columns []string          `json:"columns"`
	Rows    int64             `json:"rows"`
	Size    int64             `json:"tree_size"`
	Root    string            `json:"root"`  // base64, as in the checkpoint
	Files   map[string]string `json:"files"` // name -> hex SHA-256, of all but the manifest
}

// leafLine is a line of leaves.jsonl.
type leafLine struct {
	Seq     int64                 `json:"seq"`
	Leaf    []byte                `json:"leaf"`
	Details map[string]detailLine `json:"details,omitempty"`
}

type detailLine struct {
	Salt []byte `json:"salt"`
	Body []byte `json:"body"`
}

//go:embed verify.md
var verifyText string

// WriteBundle streams the zip and appends audit.export.done, ok or failed; see WriteCSV for errors.
func (x *Export) WriteBundle(ctx context.Context, w io.Writer) error {
	defer x.trail.leaving.RUnlock()
	out := &hashedWriter{w: w, sum: sha256.New()}
	b := &bundleWriter{export: x, zip: zip.NewWriter(out), files: map[string]string{}}
	err := b.write(ctx)
	return x.end(ctx, b.rows, out, err)
}

// bundleWriter writes the files of a bundle one after the other.
type bundleWriter struct {
	export *Export
	zip    *zip.Writer
	files  map[string]string
	rows   int64
}

func (b *bundleWriter) write(ctx context.Context) error {
	x := b.export
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{csvFile, func(w io.Writer) (err error) { b.rows, err = x.writeRows(ctx, w); return err }},
		{leavesFile, func(w io.Writer) error { return x.writeLeaves(ctx, w) }},
		{hashesFile, func(w io.Writer) error { return x.writeHashes(ctx, w) }},
		{checkpointFile, func(w io.Writer) error { _, err := io.WriteString(w, x.signed.text); return err }},
		{verifyFile, func(w io.Writer) error { _, err := io.WriteString(w, x.guide()); return err }},
		{manifestFile, b.writeManifest},
	} {
		if err := b.file(f.name, f.write); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return b.zip.Close()
}

func (b *bundleWriter) file(name string, write func(io.Writer) error) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	if name == hashesFile {
		header.Method = zip.Store // hashes do not compress
	}
	w, err := b.zip.CreateHeader(header)
	if err != nil {
		return err
	}
	out := &hashedWriter{w: w, sum: sha256.New()}
	if err := write(out); err != nil {
		return err
	}
	if name != manifestFile {
		b.files[name] = out.hex()
	}
	return nil
}

func (b *bundleWriter) writeManifest(w io.Writer) error {
	x := b.export
	m := manifest{Version: bundleVersion, Origin: x.trail.key.origin, Build: x.trail.o.Build, Query: queryOf(x.options), Columns: csvColumns, Rows: b.rows,
		Size: x.signed.size, Root: base64.StdEncoding.EncodeToString(x.signed.root[:]), Files: b.files}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(m)
}

// guide is VERIFY.md, which begins with what this bundle can prove.
func (x *Export) guide() string {
	what := "This bundle holds every record below its tree size, because nothing was filtered."
	switch {
	case x.options.AllLeaves:
		what = "This bundle holds every leaf below its tree size. Apply the query in manifest.json to them again: no row can have been left out."
	case x.options.Filter.narrows():
		what = "This bundle holds the records that match the query in manifest.json. It proves each of its rows; it cannot prove that no\nmatching record was left out. Ask for leaves=all if that matters."
	}
	return strings.Replace(verifyText, "{{WHAT}}", what, 1)
}

// every reports whether the bundle holds each leaf below its size.
func (o ExportOptions) every() bool { return o.AllLeaves || !o.Filter.narrows() }

func (x *Export) writeLeaves(ctx context.Context, w io.Writer) error {
	if x.options.every() {
		return x.writeEveryLeaf(ctx, w)
	}
	erasures, err := x.erasures(ctx)
	if err != nil {
		return err
	}
	return x.chunks(ctx, func(entries []entry) error {
		var lines []byte
		for _, e := range entries {
			// Records of erasures stand among the rows, without details, so that a detail that is missing can be explained, and
			// those of restores, so that a change of origin can.
			for len(erasures) > 0 && erasures[0].seq <= e.seq {
				if erasures[0].seq < e.seq {
					if lines, err = appendLeaf(lines, entry{seq: erasures[0].seq, leaf: erasures[0].leaf}); err != nil {
						return err
					}
				}
				erasures = erasures[1:]
			}
			if lines, err = appendLeaf(lines, e); err != nil {
				return err
			}
		}
		_, err = w.Write(lines)
		return err
	})
}

// erasures are the records of erasures and of restores below the export's own record, without details.
func (x *Export) erasures(ctx context.Context) ([]entry, error) {
	return x.trail.collect(ctx, `SELECT e.seq, e.leaf, NULL, NULL, NULL FROM fact f JOIN entry e ON e.seq = f.seq
		WHERE f.action IN ('process.erase', 'trail.resume') AND f.seq < ? ORDER BY f.seq`, []any{x.seq})
}

func (x *Export) writeEveryLeaf(ctx context.Context, w io.Writer) error {
	return inOrder(ctx, readAtOnce, 0, x.seq+1, detailRows, x.visibleLeaves, func(lines []byte) error {
		_, err := w.Write(lines)
		return err
	})
}

// visibleLeaves are the lines of all records of c.
func (x *Export) visibleLeaves(ctx context.Context, c stretch) (lines []byte, err error) {
	entries, err := x.trail.entries(ctx, c.first, c.end)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.parts, err = x.visible(e); err != nil {
			return nil, err
		}
		if lines, err = appendLeaf(lines, e); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// visible is what of an entry's details goes into a bundle: of a row everything; of another record at most the ids that
// it showed, where the query asks about a process, since without them nobody could apply the query again.
func (x *Export) visible(e entry) ([]part, error) {
	r, err := readRecord(e.leaf, e.parts)
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", e.seq, err)
	}
	l, err := parseLeaf(e.leaf)
	if err != nil {
		return nil, err
	}
	if e.seq == x.seq || x.options.Filter.matches(l, r.Shown) {
		return e.parts, nil
	}
	var shown []part
	for _, p := range e.parts {
		if p.name == "shown" && x.options.Filter.Process != "" {
			shown = append(shown, p)
		}
	}
	return shown, nil
}

func appendLeaf(lines []byte, e entry) ([]byte, error) {
	line := leafLine{Seq: e.seq, Leaf: e.leaf}
	for _, p := range e.parts {
		if line.Details == nil {
			line.Details = map[string]detailLine{}
		}
		line.Details[p.name] = detailLine{p.salt, p.body}
	}
	text, err := json.Marshal(line)
	return append(append(lines, text...), '\n'), err
}

// writeHashes writes the hash of every leaf below the size.
func (x *Export) writeHashes(ctx context.Context, w io.Writer) error {
	read := func(ctx context.Context, c stretch) (hashes [][]byte, err error) {
		err = x.trail.db.Load().Chunk(ctx, func() error {
			hashes, err = leafHashes(ctx, x.trail, c.first, c.end)
			return err
		})
		return hashes, err
	}
	return inOrder(ctx, readAtOnce, 0, x.signed.size, plainRows, read, func(hashes [][]byte) error {
		_, err := w.Write(bytes.Join(hashes, nil))
		return err
	})
}

// leafHashes reads the stored hashes of the leaves from first up to but without end.
func leafHashes(ctx context.Context, t *Trail, first, end int64) (hashes [][]byte, err error) {
	rows, err := t.db.Load().Reader.QueryContext(ctx, "SELECT idx, hash FROM node WHERE idx >= ? AND idx < ? ORDER BY idx",
		tlog.StoredHashIndex(0, first), tlog.StoredHashIndex(0, end))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var index int64
		var hash []byte
		if err := rows.Scan(&index, &hash); err != nil {
			return nil, err
		}
		if level, _ := tlog.SplitStoredHashIndex(index); level == 0 {
			hashes = append(hashes, hash)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if int64(len(hashes)) != end-first {
		return nil, fmt.Errorf("%d hashes of leaves are stored between %d and %d", len(hashes), first, end)
	}
	return hashes, nil
}
