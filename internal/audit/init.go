package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Init creates a trail and its key; refuses when either exists. Returns the verifier key. The trail's first record and
// checkpoint say when it began. origin names the trail for ever, for instance portal.example.com/audit.
func Init(ctx context.Context, path, origin, keyOut string, now time.Time) (vkey string, err error) {
	for _, file := range []string{path, keyOut} {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("create the trail: %s exists already", file)
		}
	}
	if _, epoch := epochOf(origin); epoch > 1 {
		return "", fmt.Errorf("create the trail: the origin %q ends as one that goes on after a restore", origin)
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", fmt.Errorf("make the trail's key: %w", err)
	}
	k, err := parseKey(skey)
	if err != nil {
		return "", fmt.Errorf("the origin %q cannot name a trail: %w", origin, err)
	}
	if err := writeNew(keyOut, skey+"\n"); err != nil {
		return "", fmt.Errorf("write the trail's key: %w", err)
	}
	if err := createTrail(ctx, path, k, now); err != nil {
		return "", errors.Join(fmt.Errorf("create the trail: %w", err), os.Remove(keyOut))
	}
	return vkey, nil
}

// writeNew writes a file that did not exist, readable by its owner alone, through to the disk.
func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}

func createTrail(ctx context.Context, path string, k key, now time.Time) error {
	if err := writeNew(path, ""); err != nil {
		return err
	}
	db, err := sqlitedb.Open(ctx, fileOptions(path, true))
	if err != nil {
		return err
	}
	l := &log{db: db, key: k}
	d, err := newDraft(Event{Action: TrailStart, Outcome: OK, Actor: System, Facts: map[string]string{"because": "created"}}, k.origin, "")
	if err == nil {
		_, err = l.append(ctx, []*draft{d}, true, now)
	}
	return errors.Join(err, l.close())
}

// fileOptions are how a trail's file is opened. detail and shown may be erased from, never changed.
func fileOptions(path string, create bool) sqlitedb.Options {
	return sqlitedb.Options{Path: path, Create: create, Durable: true, OwnCheckpoints: true, Migrations: sqlitedb.Migrations("audit"),
		AppendOnly: []string{"entry", "node", "checkpoint", "fact", "span"}, NoUpdate: []string{"detail", "shown", "line_block"}}
}

// key signs checkpoints. Its name is the trail's origin.
type key struct {
	origin   string
	vkey     string
	seed     []byte
	signer   note.Signer
	verifier note.Verifier
}

func readKey(path string) (key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return key{}, fmt.Errorf("read the trail's key: %w", err)
	}
	k, err := parseKey(strings.TrimSpace(string(text)))
	if err != nil {
		return key{}, fmt.Errorf("the trail's key in %s cannot be used", path) // the cause could quote the key
	}
	return k, nil
}

// parseKey reads a private note key and derives the public one: PRIVATE+KEY+name+hash+base64(algorithm, seed).
func parseKey(skey string) (key, error) {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return key{}, err
	}
	encoded, err := base64.StdEncoding.DecodeString(strings.SplitN(skey, "+", 5)[4])
	if err != nil || len(encoded) != 1+ed25519.SeedSize {
		return key{}, errors.New("not an Ed25519 key")
	}
	public, ok := ed25519.NewKeyFromSeed(encoded[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return key{}, errors.New("not an Ed25519 key")
	}
	vkey, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return key{}, err
	}
	verifier, err := note.NewVerifier(vkey)
	return key{origin: signer.Name(), vkey: vkey, seed: encoded[1:], signer: signer, verifier: verifier}, err
}
