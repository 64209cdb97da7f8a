package audit

import (
	"os"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

// forest is a tree of up to most records of which every size can be asked for.
type forest struct {
	t       *testing.T
	records []tlog.Hash
	stored  []tlog.Hash
}

func plant(t *testing.T, most int64) *forest {
	t.Helper()
	f := &forest{t: t}
	for n := range most {
		f.records = append(f.records, tlog.RecordHash([]byte{byte(n), byte(n >> 8)}))
		hashes, err := tlog.StoredHashesForRecordHash(n, f.records[n], f)
		if err != nil {
			t.Fatal(err)
		}
		f.stored = append(f.stored, hashes...)
	}
	return f
}

func (f *forest) ReadHashes(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, i := range indexes {
		hashes = append(hashes, f.stored[i])
	}
	return hashes, nil
}

func (f *forest) root(size int64) tlog.Hash {
	f.t.Helper()
	root, err := tlog.TreeHash(size, f)
	if err != nil {
		f.t.Fatal(err)
	}
	return root
}

func slicesOf(hashes []tlog.Hash) (all [][]byte) {
	for i := range hashes {
		all = append(all, hashes[i][:])
	}
	return all
}

// inclusion asks both libraries whether p proves a record.
func (f *forest) inclusion(p tlog.RecordProof, size, seq int64, root tlog.Hash) (one, other error) {
	return tlog.CheckRecord(p, size, root, seq, f.records[seq]),
		proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(seq), uint64(size), f.records[seq][:], slicesOf(p), root[:])
}

// consistency asks both libraries whether p proves that a tree extends an older one.
func consistency(p tlog.TreeProof, older, size int64, olderRoot, root tlog.Hash) (one, other error) {
	return tlog.CheckTree(p, size, root, older, olderRoot),
		proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(older), uint64(size), slicesOf(p), olderRoot[:], root[:])
}

// flipped changes single bits of a proof, each for one call of check: every bit, or one in each hash.
func flipped(t *testing.T, hashes []tlog.Hash, everyBit bool, turn int64, check func() (one, other error)) {
	t.Helper()
	for i := range hashes {
		for bit := range int64(256) {
			if !everyBit && bit != (turn*31+int64(i)*97)%256 {
				continue
			}
			hashes[i][bit/8] ^= 1 << (bit % 8)
			if one, other := check(); one == nil || other == nil {
				t.Fatalf("bit %d of hash %d was changed: %v, %v", bit, i, one, other)
			}
			hashes[i][bit/8] ^= 1 << (bit % 8)
		}
	}
	if one, other := check(); one != nil || other != nil {
		t.Fatalf("a good proof was refused: %v, %v", one, other)
	}
}

// Of trees of every size up to 300 every record is proven, and every smaller tree; a changed bit in any hash is refused.
// PORTAL_TORTURE=full changes every bit for some records and trees of each size, else it is one bit a hash, a different
// one each time.
func TestBothLibrariesRefuseAProofWithAChangedBit(t *testing.T) {
	const most = 300
	whole := os.Getenv("PORTAL_TORTURE") == "full"
	f := plant(t, most)
	for size := int64(1); size <= most; size++ {
		root := f.root(size)
		for seq := range size {
			p, err := tlog.ProveRecord(size, seq, f)
			if err != nil {
				t.Fatal(err)
			}
			everyBit := whole && (seq == 0 || seq == size-1 || seq == size/2 || seq == size*7/9)
			flipped(t, p, everyBit, size+seq, func() (one, other error) { return f.inclusion(p, size, seq, root) })
		}
		for older := int64(1); older < size; older++ {
			p, err := tlog.ProveTree(size, older, f)
			if err != nil {
				t.Fatal(err)
			}
			everyBit, olderRoot := whole && (older == 1 || older == size-1 || older == size*5/9), f.root(older)
			flipped(t, p, everyBit, size+older, func() (one, other error) { return consistency(p, older, size, olderRoot, root) })
		}
	}
}
