package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// copyHead begins a copy of the bitmaps, before its stamp; the number changes with the format. What follows is written and read
// by encode and decode, one mirror of the other: numbers as varints, texts and bitmaps with their length before them, columns by
// pieces in little-endian order. The last four bytes are the CRC-32C of all before.
const copyHead = "portal bitmaps 2\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encoder keeps its first error and writes no more after it.
type encoder struct {
	to  *bufio.Writer
	err error
}

func (e *encoder) bytes(b []byte) {
	if e.err == nil {
		_, e.err = e.to.Write(b)
	}
}

func (e *encoder) number(n uint64) { e.bytes(binary.AppendUvarint(nil, n)) }

func (e *encoder) signed(n int64) { e.bytes(binary.AppendVarint(nil, n)) }

func (e *encoder) text(s string) {
	e.number(uint64(len(s)))
	e.bytes([]byte(s))
}

// bitmap writes a compressed one, so that a start begins with less memory; searches go on in the one that is copied.
func (e *encoder) bitmap(b *roaring.Bitmap) {
	b = b.Clone()
	b.RunOptimize()
	e.number(b.GetSerializedSizeInBytes())
	if e.err == nil {
		_, e.err = b.WriteTo(e.to)
	}
}

func (e *encoder) rows(s rowSet) {
	if s.many != nil {
		e.number(0)
		e.bitmap(s.many)
		return
	}
	e.number(uint64(len(s.few)))
	last := uint32(0)
	for _, row := range s.few {
		e.number(uint64(row - last))
		last = row
	}
}

func encodeSets[K comparable](e *encoder, sets map[K]*roaring.Bitmap, key func(K)) {
	e.number(uint64(len(sets)))
	for k, set := range sets {
		key(k)
		e.bitmap(set)
	}
}

func encodeColumn[T any](e *encoder, c column[T], appendTo func([]byte, T) []byte) {
	e.number(uint64(len(c.chunks)))
	var piece []byte
	for _, chunk := range c.chunks {
		piece = piece[:0]
		for _, value := range chunk {
			piece = appendTo(piece, value)
		}
		e.bytes(piece)
	}
}

// copyTo writes all that a memory holds, under a stamp. Nobody may change it meanwhile.
func (m *memory) copyTo(w io.Writer, stamp string) error {
	sum := crc32.New(castagnoli)
	e := &encoder{to: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<20)}
	e.bytes([]byte(copyHead))
	e.text(stamp)
	m.encode(e)
	if e.err == nil {
		e.err = e.to.Flush()
	}
	if e.err != nil {
		return e.err
	}
	_, err := w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	return err
}

func (m *memory) encode(e *encoder) {
	e.bitmap(m.all)
	e.number(uint64(len(m.facets)))
	for name, values := range m.facets {
		e.text(name)
		encodeSets(e, values, e.text)
	}
	encodeSets(e, m.severity, e.signed)
	encodeSets(e, m.created.rows, e.signed)
	encodeSets(e, m.updated.rows, e.signed)
	m.words.encode(e)
	m.crowds.encode(e)
	encodeColumn(e, m.keys, appendKeys)
	encodeColumn(e, m.worst, func(b []byte, v int8) []byte { return append(b, byte(v)) })
	e.number(uint64(len(m.others)))
	for row, id := range m.others {
		e.number(uint64(row))
		e.text(id)
	}
	for a := range m.profiles {
		m.profiles[a].encode(e)
	}
}

func appendKeys(b []byte, k sortKeys) []byte {
	b = binary.LittleEndian.AppendUint64(append(b, k.uuid[:]...), uint64(k.created))
	return binary.LittleEndian.AppendUint64(b, uint64(k.updated))
}

func (d dictionary) encode(e *encoder) {
	e.number(uint64(len(d)))
	for text, b := range d {
		e.text(text)
		e.rows(b.rows)
		e.number(uint64(len(b.words)))
		for _, w := range b.words {
			e.text(w.text)
			e.rows(w.rows)
		}
	}
}

func (c *crowds) encode(e *encoder) {
	e.number(uint64(len(c.few)))
	for k, n := range c.few {
		e.key(k)
		e.number(uint64(n))
	}
	e.number(uint64(len(c.roots)))
	for k, n := range c.roots {
		e.key(k)
		n.encode(e)
	}
	e.number(uint64(len(c.grown)))
	for _, k := range c.grown {
		e.key(k)
	}
}

func (e *encoder) key(k key) {
	e.text(k.kind)
	e.text(k.value)
}

func (n *beginners) encode(e *encoder) {
	e.text(n.label)
	e.bitmap(n.rows)
	e.number(uint64(len(n.few)))
	for letter, sample := range n.few {
		e.signed(int64(letter))
		e.number(uint64(sample))
	}
	e.number(uint64(len(n.more)))
	for letter, m := range n.more {
		e.signed(int64(letter))
		m.encode(e)
	}
}

func (p *profiles) encode(e *encoder) {
	e.number(uint64(len(p.values)))
	for _, values := range p.values {
		e.number(uint64(len(values)))
		for _, v := range values {
			e.text(v.name)
			e.text(v.value)
		}
	}
	encodeColumn(e, p.of, binary.LittleEndian.AppendUint32)
}

// decoder reads what an encoder wrote. It keeps its first error, and gives zeros after it.
type decoder struct {
	from []byte
	err  error
}

var errCopyEnds = errors.New("it ends too early")

func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.from)) {
		d.err = errors.Join(d.err, errCopyEnds)
		d.from = nil
		return nil
	}
	b := d.from[:n]
	d.from = d.from[n:]
	return b
}

func (d *decoder) number() uint64 {
	n, length := binary.Uvarint(d.from)
	d.bytes(uint64(max(length, 0)))
	if length <= 0 {
		d.bytes(uint64(len(d.from)) + 1)
		return 0
	}
	return n
}

func (d *decoder) signed() int64 {
	n := d.number()
	return int64(n>>1) ^ -int64(n&1) // as binary.AppendVarint writes it
}

func (d *decoder) text() string { return string(d.bytes(d.number())) }

// times calls each as often as the number that comes next says, while there is anything to read.
func (d *decoder) times(each func()) {
	for n := d.number(); n > 0 && d.err == nil; n-- {
		each()
	}
}

func (d *decoder) bitmap() *roaring.Bitmap {
	set, part := roaring.New(), d.bytes(d.number())
	if d.err == nil {
		d.err = set.UnmarshalBinary(part)
	}
	return set
}

func (d *decoder) rows() rowSet {
	n := d.number()
	if n == 0 {
		return rowSet{many: d.bitmap()}
	}
	few := make([]uint32, 0, min(n, fewInList))
	for last := uint32(0); n > 0 && d.err == nil; n-- {
		last += uint32(d.number())
		few = append(few, last)
	}
	return rowSet{few: few}
}

func decodeSets[K comparable](d *decoder, key func() K) map[K]*roaring.Bitmap {
	sets := map[K]*roaring.Bitmap{}
	d.times(func() {
		k := key()
		sets[k] = d.bitmap()
	})
	return sets
}

func decodeColumn[T any](d *decoder, size int, read func([]byte) T) (c column[T]) {
	d.times(func() {
		piece := d.bytes(uint64(chunkRows * size))
		chunk := new([chunkRows]T)
		for i := 0; i < chunkRows && d.err == nil; i++ {
			chunk[i] = read(piece[i*size : (i+1)*size])
		}
		c.chunks = append(c.chunks, chunk)
	})
	return c
}

// readCopy makes a memory from a copy with this stamp.
func readCopy(data []byte, stamp string) (*memory, error) {
	body := data[:max(0, len(data)-4)]
	if len(data) < 4 || binary.LittleEndian.Uint32(data[len(body):]) != crc32.Checksum(body, castagnoli) {
		return nil, errors.New("its checksum is wrong")
	}
	d := &decoder{from: body}
	if head := string(d.bytes(uint64(len(copyHead)))); head != copyHead {
		return nil, errors.New("it is of another format")
	}
	if d.text() != stamp {
		return nil, errors.New("it is another copy than the index names")
	}
	m := newMemory()
	m.decode(d)
	if d.err == nil && len(d.from) > 0 {
		d.err = fmt.Errorf("%d bytes are left over", len(d.from))
	}
	return m, d.err
}

func (m *memory) decode(d *decoder) {
	m.all = d.bitmap()
	d.times(func() {
		name := d.text()
		m.facets[name] = decodeSets(d, d.text)
	})
	m.severity = decodeSets(d, d.signed)
	for _, c := range []*calendar{&m.created, &m.updated} {
		c.rows = decodeSets(d, d.signed)
		c.sort()
	}
	m.words.decode(d)
	m.crowds.decode(d)
	m.keys = decodeColumn(d, 32, keysIn)
	m.worst = decodeColumn(d, 1, func(b []byte) int8 { return int8(b[0]) })
	d.times(func() {
		row := uint32(d.number())
		m.others[row] = d.text()
	})
	for a := range m.profiles {
		m.profiles[a].decode(d)
	}
}

func keysIn(b []byte) sortKeys {
	return sortKeys{[16]byte(b), int64(binary.LittleEndian.Uint64(b[16:])), int64(binary.LittleEndian.Uint64(b[24:]))}
}

func (w dictionary) decode(d *decoder) {
	d.times(func() {
		text, b := d.text(), &beginning{rows: d.rows()}
		d.times(func() { b.words = append(b.words, longWord{d.text(), d.rows()}) })
		b.words = slices.Clip(b.words)
		w[text] = b
	})
}

func (c *crowds) decode(d *decoder) {
	d.times(func() { c.few[d.key()] = int(d.number()) })
	d.times(func() { c.roots[d.key()] = d.beginners() })
	d.times(func() { c.grown = append(c.grown, d.key()) })
}

func (d *decoder) key() key { return key{d.text(), d.text()} }

func (d *decoder) beginners() *beginners {
	n := &beginners{label: d.text(), rows: d.bitmap(), more: map[rune]*beginners{}, few: map[rune]int{}}
	d.times(func() { n.few[rune(d.signed())] = int(d.number()) })
	d.times(func() { n.more[rune(d.signed())] = d.beginners() })
	return n
}

func (p *profiles) decode(d *decoder) {
	p.values = nil
	d.times(func() {
		var values []facetValue
		d.times(func() { values = append(values, facetValue{d.text(), d.text()}) })
		p.byText[profileText(values)] = uint32(len(p.values))
		p.values = append(p.values, values)
	})
	p.of = decodeColumn(d, 4, binary.LittleEndian.Uint32)
}
