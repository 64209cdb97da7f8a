package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// anchorTail is how much of the anchor is read at start; a checkpoint has about 200 bytes.
const anchorTail = 1 << 20

// anchor is a file in other hands that remembers every checkpoint, so that a trail cannot be cut back unnoticed.
// Safe for concurrent use.
type anchor struct {
	path   string
	mu     sync.Mutex
	origin string // of the checkpoints that are appended
	size   int64  // of the newest of them in the file
}

// read finds the newest checkpoint of the key's origin in the anchor; zero if there is none yet. A file that has something
// in it but no checkpoint of this trail, or one of a later epoch, is an error.
func (a *anchor) read(k key) (newest signed, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	epochs, err := a.epochs(k)
	if err != nil {
		return signed{}, err
	}
	_, own := epochOf(k.origin)
	for epoch, notes := range epochs {
		if epoch > own {
			return signed{}, fmt.Errorf("the trail went on as %q: is this a copy from before?", originOf(k.base(), epoch))
		}
		for _, c := range notes {
			if epoch == own && c.size >= newest.size {
				newest = c
			}
		}
	}
	a.origin, a.size = k.origin, newest.size
	return newest, nil
}

// epochs reads the checkpoints that stand in the anchor, by epoch; none if the file does not exist yet.
func (a *anchor) epochs(k key) (map[int][]signed, error) {
	text, err := tailOf(a.path, anchorTail)
	if errors.Is(err, os.ErrNotExist) || a.path == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the anchor: %w", err)
	}
	found := map[int][]signed{}
	for _, text := range splitNotes(text, k.base()) {
		k, err := k.under(text)
		if err != nil {
			continue
		}
		if c, err := openCheckpoint(text, k.verifier); err == nil {
			_, epoch := epochOf(c.origin)
			found[epoch] = append(found[epoch], c)
		}
	}
	if len(found) == 0 && len(text) > 0 {
		return nil, fmt.Errorf("the anchor %s holds no checkpoint of this trail", a.path)
	}
	return found, nil
}

func tailOf(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(max(0, info.Size()-most), io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// catchUp appends the checkpoints that the anchor has not seen, through to the disk.
func (a *anchor) catchUp(ctx context.Context, db *sqlitedb.DB) error {
	if a.path == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	rows, err := db.Reader.QueryContext(ctx, `SELECT size, note FROM checkpoint WHERE size > ?1
		AND substr(note, 1, length(?2) + 1) = ?2 || char(10) ORDER BY size`, a.size, a.origin)
	if err != nil {
		return fmt.Errorf("read the checkpoints for the anchor: %w", err)
	}
	defer rows.Close()
	var text []byte
	size := a.size
	for rows.Next() {
		var one string
		if err := rows.Scan(&size, &one); err != nil {
			return fmt.Errorf("read the checkpoints for the anchor: %w", err)
		}
		text = append(append(text, one...), '\n')
	}
	if err := rows.Err(); err != nil || len(text) == 0 {
		return err
	}
	if err := a.write(text); err != nil {
		return fmt.Errorf("write the anchor: %w", err)
	}
	a.size = size
	return nil
}

func (a *anchor) write(text []byte) error {
	file, err := os.OpenFile(a.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// The empty line before it ends whatever a write that broke off has left.
	_, err = file.Write(append([]byte{'\n'}, text...))
	return errors.Join(err, file.Sync(), file.Close())
}
