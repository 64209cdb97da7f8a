package store

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// chunkRows is how many rows a piece of a column holds: a column grows by pieces, so that growing never copies a million rows
// while searches wait.
const chunkRows = 4096

// column holds one value a row; rows that were never set have the zero value.
type column[T any] struct{ chunks []*[chunkRows]T }

func (c *column[T]) set(row uint32, value T) {
	for int(row/chunkRows) >= len(c.chunks) {
		c.chunks = append(c.chunks, new([chunkRows]T))
	}
	c.chunks[row/chunkRows][row%chunkRows] = value
}

// at is for a row that was set.
func (c *column[T]) at(row uint32) T { return c.chunks[row/chunkRows][row%chunkRows] }

// sortKeys are what a process is sorted and cut off by. The id is that of a processKey.
type sortKeys struct {
	uuid             [16]byte
	created, updated int64
}

// processKey is a process id as it is kept and compared by the million: a UUID in canonical form as its bytes, any other as its
// text. Keys compare as the texts do.
type processKey struct {
	uuid  [16]byte
	other string // if uuid is zero
}

const uuidLength = 36 // hyphens included (RFC 9562 section 4)

func keyOf(processID string) (k processKey) {
	if len(processID) == uuidLength {
		digits := strings.ReplaceAll(processID, "-", "")
		if n, err := hex.Decode(k.uuid[:], []byte(digits[:min(len(digits), 32)])); err == nil && n == 16 && k.String() == processID {
			return k
		}
	}
	return processKey{other: processID}
}

func (k processKey) String() string {
	if k.uuid == [16]byte{} {
		return k.other
	}
	text := make([]byte, 0, uuidLength)
	for i, part := range [][]byte{k.uuid[:4], k.uuid[4:6], k.uuid[6:8], k.uuid[8:10], k.uuid[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

func (k processKey) compare(o processKey) int {
	if k.other == "" && o.other == "" {
		return bytes.Compare(k.uuid[:], o.uuid[:])
	}
	return strings.Compare(k.String(), o.String())
}
