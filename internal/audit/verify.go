package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// VerifyOptions are the inputs of an offline verification.
type VerifyOptions struct {
	File      string // a bundle or an audit.db
	Key       string // verifier key; empty: signature unchecked, with a warning
	Against   string // path of an older checkpoint; of a file with several, such as an anchor, the last counts
	Snapshots string // path of a portal.db
}

// Verdict is what was found. Exit codes are those of the contract.
type Verdict struct {
	Exit     int
	FirstBad int64 // -1: none
	Sentence string
	Warnings []string
}

// Exit codes (contract).
const (
	exitSound      = 0
	exitUnreadable = 1
	exitMismatch   = 2 // a leaf, node, CSV row or manifest does not match
	exitGap        = 3 // gap or disorder
	exitSignature  = 4 // signature or origin
	exitOlder      = 5 // shorter than, or inconsistent with, the older checkpoint
	exitErased     = 6 // a detail missing without an erasure record
	exitSnapshot   = 7 // a snapshot is not the one that its leaf names
	exitLeftOut    = 8 // a row that the query matches is missing
	exitUsage      = 64
)

// precedence is the order in which faults count: the first that was found decides.
var precedence = []int{exitUnreadable, exitSignature, exitMismatch, exitGap, exitOlder, exitErased, exitSnapshot, exitLeftOut}

// Verify needs no network, no portal and no configuration. It opens the file for reading alone.
func Verify(ctx context.Context, o VerifyOptions) Verdict {
	v, err := newInspection(ctx, o)
	if err == nil {
		defer v.close()
		err = v.file(ctx, o.File)
	}
	if err != nil {
		var usage usageError
		if errors.As(err, &usage) {
			return Verdict{Exit: exitUsage, FirstBad: -1, Sentence: "Nothing was verified: " + err.Error() + "."}
		}
		v.note(exitUnreadable, -1, "the file cannot be read: %v", err)
	}
	return v.verdict()
}

type usageError struct{ error }

// newInspection reads the key, the older checkpoint and the snapshots that it is given.
func newInspection(ctx context.Context, o VerifyOptions) (*inspection, error) {
	v := &inspection{found: map[int]finding{}, tree: newTree(), snapshotsAsked: o.Snapshots != ""}
	if o.File == "" {
		return v, usageError{errors.New("no file is given")}
	}
	if o.Key == "" {
		v.warn("no key was given, so the signature was not checked")
	} else {
		verifier, err := note.NewVerifier(strings.TrimSpace(o.Key))
		if err != nil {
			return v, usageError{errors.New("the key is not a verifier key of the form NAME+HASH+KEY")}
		}
		v.verifier, v.key = verifier, strings.TrimSpace(o.Key)
		v.meet(verifier.Name())
	}
	if o.Against != "" {
		if err := v.readOlder(o.Against); err != nil {
			return v, err
		}
	}
	if o.Snapshots != "" {
		return v, v.openSnapshots(ctx, o.Snapshots)
	}
	return v, nil
}

func (v *inspection) readOlder(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the older checkpoint: %w", err)
	}
	origin, _, _ := strings.Cut(strings.TrimLeft(string(text), "\n"), "\n")
	base, _ := epochOf(origin)
	notes := splitNotes(text, base)
	if len(notes) == 0 {
		return fmt.Errorf("%s holds no checkpoint", path)
	}
	older, err := v.checkpoint(notes[len(notes)-1], "the older checkpoint")
	if err != nil {
		return err
	}
	v.older = &older
	return nil
}

// checkpoint reads a note, checks its signature if there is a key, and that all notes are of one origin.
func (v *inspection) checkpoint(text, what string) (signed, error) {
	body, _, found := strings.Cut(text, "\n\n")
	if !found {
		return signed{}, fmt.Errorf("%s is not a signed note", what)
	}
	origin, c, err := parseCheckpoint(body + "\n")
	if err != nil {
		return signed{}, fmt.Errorf("%s: %w", what, err)
	}
	v.meet(origin)
	if base, _ := epochOf(origin); base != v.base {
		v.note(exitSignature, -1, "%s is of the trail %q, not of %q", what, origin, v.base)
	} else if v.verifier != nil && !v.signedBy(text, origin) {
		v.note(exitSignature, -1, "%s is not signed by the given key", what)
	}
	return c, nil
}

// meet takes the trail's origin from whatever tells it first. The walk begins in the first epoch.
func (v *inspection) meet(origin string) {
	if v.base == "" {
		v.base, _ = epochOf(origin)
		v.origin = v.base
	}
}

// signedBy checks a signature by the given key under the origin of a checkpoint: a trail that went on kept its key.
func (v *inspection) signedBy(text, origin string) bool {
	verifier, err := verifierNamed(v.key, origin)
	if err != nil {
		return false
	}
	_, err = openCheckpoint(text, verifier)
	return err == nil
}

// file looks at what kind of file it is.
func (v *inspection) file(ctx context.Context, path string) error {
	start, err := startOf(path)
	switch {
	case err != nil:
		return err
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return v.bundle(ctx, path)
	case bytes.HasPrefix(start, []byte("SQLite format 3\x00")):
		return v.database(ctx, path)
	}
	return errors.New("it is neither a bundle nor an audit.db")
}

func startOf(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	start := make([]byte, 16)
	n, err := io.ReadFull(file, start)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return start[:n], err
}
