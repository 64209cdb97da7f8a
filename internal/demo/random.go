package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// digest derives everything random from the seed and a purpose, so that a process has the same ids and values however
// many others there are.
func digest(seed int64, purpose string, number int) [32]byte {
	text := binary.BigEndian.AppendUint64(nil, uint64(seed))
	text = binary.BigEndian.AppendUint64(text, uint64(number))
	return sha256.Sum256(append(text, purpose...))
}

// dice is the deterministic source of made-up values. Never for anything secret.
type dice struct{ *rand.Rand }

func newDice(seed int64, purpose string, number int) dice {
	return dice{rand.New(rand.NewChaCha8(digest(seed, purpose, number)))}
}

// uuid makes an id in the shape of RFC 9562 version 8 (of our own making).
func uuid(seed int64, purpose string, number int) string {
	d := digest(seed, "uuid "+purpose, number)
	d[6] = d[6]&0x0f | 0x80
	d[8] = d[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[0:4], d[4:6], d[6:8], d[8:10], d[10:16])
}

// oneIn is true once in n throws on average.
func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// between includes both ends.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// choice is a value with its weight.
type choice[T any] struct {
	weight int
	value  T
}

func weighted[T any](d dice, from []choice[T]) T {
	total := 0
	for _, c := range from {
		total += c.weight
	}
	n := d.IntN(total)
	for _, c := range from {
		if n -= c.weight; n < 0 {
			return c.value
		}
	}
	return from[len(from)-1].value
}

// fill replaces @ by a letter, # by a digit and * by either; other characters stay.
func (d dice) fill(template string) string {
	// Letters that a reader can tell from digits; confusable ones come in by planting alone.
	const letters, digits = "CFGHJKLMNPRTVWXY", "0123456789"
	out := []byte(template)
	for i, c := range out {
		switch {
		case c == '@' || c == '*' && d.oneIn(2):
			out[i] = letters[d.IntN(len(letters))]
		case c == '#' || c == '*':
			out[i] = digits[d.IntN(len(digits))]
		}
	}
	return string(out)
}
