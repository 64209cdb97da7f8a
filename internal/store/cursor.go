package store

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/assure-portal/portal/internal/apperr"
)

// rank is the place of a process in a sorted list: by the sort's own value, then time of creation, then id, all descending.
type rank struct {
	major, created int64
	id             processKey
}

// order is negative if a stands before b in the list.
func order(a, b rank) int {
	return cmp.Or(cmp.Compare(b.major, a.major), cmp.Compare(b.created, a.created), b.id.compare(a.id))
}

// place is where a page begins or ends. The zero place is the beginning of the list.
type place struct {
	at     rank
	set    bool
	before bool // the page ends before at, instead of beginning after it
}

const macSize = 16 // bytes of the HMAC in a cursor: 128 bits

// cursor makes a place opaque and ties it to its search: HMAC-SHA-256 over the canonical query and the place.
func (s *Store) cursor(q Query, at rank) string {
	text := binary.AppendVarint(binary.AppendVarint(nil, at.major), at.created)
	text = append(text, at.id.String()...)
	return base64.RawURLEncoding.EncodeToString(append(s.mac(q, text), text...))
}

func (s *Store) mac(q Query, text []byte) []byte {
	canonical := q.Canonical()
	h := hmac.New(sha256.New, s.cursorKey)
	h.Write(binary.AppendUvarint(nil, uint64(len(canonical))))
	h.Write([]byte(canonical))
	h.Write(text)
	return h.Sum(nil)[:macSize]
}

// readCursor refuses a cursor that this store did not make for this search.
func (s *Store) readCursor(q Query) (place, error) {
	text, before := q.After, false
	if text == "" {
		text, before = q.Before, true
	}
	if text == "" {
		return place{}, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < macSize || !hmac.Equal(raw[:macSize], s.mac(q, raw[macSize:])) {
		return place{}, apperr.New(apperr.BadRequest, "This page belongs to another search.", "Start again from the search page.")
	}
	raw = raw[macSize:]
	major, n := binary.Varint(raw)
	created, k := binary.Varint(raw[n:])
	return place{at: rank{major, created, keyOf(string(raw[n+k:]))}, set: true, before: before}, nil
}

// page is one page of a sorted list, and whether there is more on either side.
type page struct {
	keys           []rank
	earlier, later bool
}

// page picks the rows next to a place. It stays where it is while rows come and go elsewhere.
func (s shelves) page(rankOf func(row uint32) rank, at place) (p page) {
	begin, step := 0, 1
	if at.set {
		begin = s.of(at.at)
	}
	nearest := order
	if at.before {
		step, nearest = -1, func(a, b rank) int { return order(b, a) }
	}
	far := false // a row stands on the far side of the place
	for i := min(begin, s.n-1); i >= 0 && i < s.n && len(p.keys) <= PageSize; i += step {
		for it := s.rows(i).Iterator(); it.HasNext(); {
			r := rankOf(it.Next())
			if d := order(r, at.at); at.set && (d == 0 || (d < 0) != at.before) {
				far = true
			} else {
				p.keep(r, nearest)
			}
		}
	}
	for i := begin - step; at.set && !far && i >= 0 && i < s.n; i -= step {
		far = !s.rows(i).IsEmpty()
	}
	return p.turned(at, far)
}

// keep holds the nearest of all that it is given, one more than a page has.
func (p *page) keep(r rank, nearest func(a, b rank) int) {
	if len(p.keys) > PageSize && nearest(r, p.keys[PageSize]) > 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(p.keys, r, nearest)
	p.keys = slices.Insert(p.keys, i, r)
	p.keys = p.keys[:min(len(p.keys), PageSize+1)]
}

// turned cuts what was picked to a page in the order of the list.
func (p page) turned(at place, far bool) page {
	more := len(p.keys) > PageSize
	p.keys = p.keys[:min(len(p.keys), PageSize)]
	if !at.before {
		p.earlier, p.later = far, more
		return p
	}
	slices.Reverse(p.keys)
	p.earlier, p.later = more, far
	return p
}

// before counts the rows that stand before a place.
func (s shelves) before(rankOf func(row uint32) rank, at rank) int {
	n, on := 0, s.of(at)
	for i := range min(on+1, s.n) {
		if i < on {
			n += int(s.rows(i).GetCardinality())
			continue
		}
		for it := s.rows(i).Iterator(); it.HasNext(); {
			if order(rankOf(it.Next()), at) < 0 {
				n++
			}
		}
	}
	return n
}
