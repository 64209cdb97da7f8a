package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// frontier is the right edge of a tree: the roots of the complete subtrees that its records form, by level. It is all
// that is needed to add a record or to compute the root, so appending reads nothing from the file.
type frontier struct {
	size  int64
	level [63]tlog.Hash
}

// ReadHashes serves tlog from the frontier. It knows no hash but those of the right edge.
func (f *frontier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		if n != f.size>>level-1 || f.size>>level&1 == 0 {
			return nil, fmt.Errorf("hash %d is not on the right edge of a tree of %d records", index, f.size)
		}
		hashes[i] = f.level[level]
	}
	return hashes, nil
}

// add appends a record by its hash and returns the hashes to store, the first at tlog.StoredHashIndex(0, size before).
func (f *frontier) add(record tlog.Hash) ([]tlog.Hash, error) {
	hashes, err := tlog.StoredHashesForRecordHash(f.size, record, f)
	if err != nil {
		return nil, err
	}
	f.level[len(hashes)-1] = hashes[len(hashes)-1]
	f.size++
	return hashes, nil
}

// root is the tree's root; of an empty tree the hash of nothing (RFC 6962, section 2.1).
func (f *frontier) root() (tlog.Hash, error) { return tlog.TreeHash(f.size, f) }

// querier is a pool or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// nodes reads the stored hashes of the trail for tlog, all that a proof asks for in one query.
func nodes(ctx context.Context, q querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list, err := json.Marshal(indexes)
		if err != nil {
			return nil, err
		}
		rows, err := q.QueryContext(ctx, "SELECT j.key, n.hash FROM json_each(?) j CROSS JOIN node n ON n.idx = j.value", string(list))
		if err != nil {
			return nil, fmt.Errorf("read hashes: %w", err)
		}
		defer rows.Close()
		hashes, missing := make([]tlog.Hash, len(indexes)), len(indexes)
		for ; rows.Next(); missing-- {
			var at int
			var hash []byte
			if err := rows.Scan(&at, &hash); err != nil {
				return nil, fmt.Errorf("read hashes: %w", err)
			}
			if len(hash) != tlog.HashSize {
				return nil, fmt.Errorf("hash %d has %d bytes", indexes[at], len(hash))
			}
			hashes[at] = tlog.Hash(hash)
		}
		if err := rows.Err(); err != nil || missing != 0 {
			return nil, errors.Join(fmt.Errorf("%d of %d hashes are missing", missing, len(indexes)), err)
		}
		return hashes, nil
	})
}

// edge reads the frontier of the tree of the first size records.
func edge(ctx context.Context, q querier, size int64) (frontier, error) {
	f := frontier{size: size}
	reader := nodes(ctx, q)
	for level := range f.level {
		if size>>level&1 == 0 {
			continue
		}
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(level, size>>level-1)})
		if err != nil {
			return f, err
		}
		f.level[level] = hashes[0]
	}
	return f, nil
}
