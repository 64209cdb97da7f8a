package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A trail that goes on after a restore does so as another epoch: its origin gets this mark and a number from 2 on, so
// that no two checkpoints of one origin ever contradict each other. The key stays; only its name follows.
const epochMark = "/epoch"

// epochOf splits an origin into the name that the trail was made with and its epoch, 1 for the first.
func epochOf(origin string) (base string, epoch int) {
	at := strings.LastIndex(origin, epochMark)
	if at < 0 {
		return origin, 1
	}
	digits := origin[at+len(epochMark):]
	n, err := strconv.Atoi(digits)
	if err != nil || n < 2 || strconv.Itoa(n) != digits {
		return origin, 1
	}
	return origin[:at], n
}

func originOf(base string, epoch int) string {
	if epoch < 2 {
		return base
	}
	return base + epochMark + strconv.Itoa(epoch)
}

// named is the same key under the origin of another epoch.
func (k key) named(origin string) (key, error) {
	if origin == k.origin {
		return k, nil
	}
	public, ok := ed25519.NewKeyFromSeed(k.seed).Public().(ed25519.PublicKey)
	if !ok {
		return key{}, errors.New("not an Ed25519 key")
	}
	vkey, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return key{}, err
	}
	hash := strings.SplitN(vkey, "+", 3)[1]
	const ed25519Algorithm = 1 // C2SP signed-note
	return parseKey("PRIVATE+KEY+" + origin + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{ed25519Algorithm}, k.seed...)))
}

// under is the key under the origin of a checkpoint of the same trail.
func (k key) under(text string) (key, error) {
	origin, _, _ := strings.Cut(text, "\n")
	if base, _ := epochOf(origin); base != k.base() {
		return key{}, fmt.Errorf("%w: it is of %q", errSignature, origin)
	}
	return k.named(origin)
}

func (k key) base() string {
	base, _ := epochOf(k.origin)
	return base
}

// verifierNamed gives the verifier of a verifier key under another origin.
func verifierNamed(vkey, origin string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	public, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(public) != 1+ed25519.PublicKeySize {
		return nil, errors.New("not a verifier key")
	}
	named, err := note.NewEd25519VerifierKey(origin, public[1:])
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(named)
}

// before reports whether an origin is of the same trail as another, in the same epoch or an earlier one.
func before(origin, other string) bool {
	base, epoch := epochOf(origin)
	otherBase, otherEpoch := epochOf(other)
	return base == otherBase && epoch <= otherEpoch
}
