package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// errSignature says that a checkpoint is not signed by the key at hand or is of another trail.
var errSignature = errors.New("the checkpoint is not signed by this trail's key")

// checkpointBody is the text under the signature (C2SP tlog-checkpoint): origin, size, root, a line each.
func checkpointBody(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

// parseCheckpoint reads the body; origin stands in the first line.
func parseCheckpoint(body string) (origin string, c signed, err error) {
	bad := errors.New("not a checkpoint")
	lines := strings.Split(body, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return "", c, bad
	}
	c.size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || c.size < 0 || strconv.FormatInt(c.size, 10) != lines[1] {
		return "", c, bad
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return "", c, bad
	}
	c.origin, c.root = lines[0], tlog.Hash(root)
	return lines[0], c, nil
}

// openCheckpoint checks the signature and that the checkpoint is of the trail that the key is named after.
func openCheckpoint(text string, verifier note.Verifier) (signed, error) {
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return signed{}, fmt.Errorf("%w: %w", errSignature, err)
	}
	origin, c, err := parseCheckpoint(n.Text)
	if err != nil {
		return signed{}, err
	}
	if origin != verifier.Name() {
		return signed{}, fmt.Errorf("%w: it is of %q", errSignature, origin)
	}
	c.text = text
	return c, nil
}

// sign makes the checkpoint over all records and writes it, unless it would contradict the newest one: two checkpoints
// of one trail that are not consistent would destroy what the trail proves.
func (l *log) sign(ctx context.Context, tx *sql.Tx, edge frontier, now time.Time) (signed, error) {
	root, err := edge.root()
	if err != nil {
		return signed{}, err
	}
	if err := l.extends(ctx, tx, edge.size, root); err != nil {
		return signed{}, fmt.Errorf("refuse to sign: %w", err)
	}
	text, err := note.Sign(&note.Note{Text: checkpointBody(l.key.origin, edge.size, root)}, l.key.signer)
	if err != nil {
		return signed{}, fmt.Errorf("sign a checkpoint: %w", err)
	}
	result, err := tx.ExecContext(ctx, "INSERT INTO checkpoint (size, note) SELECT ?1, ?2 WHERE coalesce((SELECT max(size) FROM checkpoint), 0) = ?3",
		edge.size, string(text), l.signed.size)
	if err != nil {
		return signed{}, err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return signed{}, errors.Join(errors.New("somebody else has signed a checkpoint of this trail"), err)
	}
	return signed{l.key.origin, edge.size, root, string(text), now}, nil
}

// extends proves from the stored hashes that the tree to be signed extends the newest checkpoint's.
func (l *log) extends(ctx context.Context, tx *sql.Tx, size int64, root tlog.Hash) error {
	if l.signed.size == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(size, l.signed.size, nodes(ctx, tx))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, size, root, l.signed.size, l.signed.root)
}

// splitNotes finds the whole signed notes of a trail, of all its epochs, in a text that holds many: each from its origin's
// line to its last signature. What a write that broke off has left is skipped.
func splitNotes(text []byte, base string) []string {
	var notes []string
	var current []byte
	for line := range bytes.Lines(text) {
		found, _ := epochOf(string(bytes.TrimSuffix(line, []byte("\n"))))
		switch {
		case found == base:
			current = append([]byte(nil), line...)
		case current != nil:
			current = append(current, line...)
			if bytes.HasPrefix(line, []byte("— ")) && bytes.HasSuffix(line, []byte("\n")) {
				notes, current = append(notes, string(current)), nil
			}
		}
	}
	return notes
}
