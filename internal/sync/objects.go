package sync

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// object is one piece of a file: the bytes as they stand there, or why they were not read.
type object struct {
	body    []byte
	line    int // of JSON Lines, from 1; 0: the whole file
	refused string
}

// readError is a file that failed while it was read.
type readError struct{ cause error }

func (e readError) Error() string { return "reading a file: " + e.cause.Error() }
func (e readError) Unwrap() error { return e.cause }

// eachObject hands out a whole file, or each line of it if it is JSON Lines: by its name, or because its first line is
// an object of its own and more follows. Memory is bounded by max, the most bytes that an object may have.
func eachObject(f io.Reader, lines bool, max int64, take func(object) error) error {
	r := &lineReader{in: bufio.NewReaderSize(f, 64<<10), max: max}
	if lines {
		return r.lines(take)
	}
	first, long, err := r.line()
	if err != nil && err != io.EOF {
		return readError{err}
	}
	if !long && err == nil && json.Valid(first) {
		first, lines, err = r.blank(first)
	}
	switch {
	case err != nil && err != io.EOF:
		return readError{err}
	case lines:
		return r.after(first, take)
	}
	return r.whole(first, long, take)
}

// lineReader reads lines of at most max bytes.
type lineReader struct {
	in   *bufio.Reader
	max  int64
	read int // lines so far
}

// line reads one line with its end. A longer one is cut after max bytes, read to its end and reported as long.
// At the end of the file the error is io.EOF, and the line is what stood there.
func (r *lineReader) line() (line []byte, long bool, err error) {
	r.read++
	for {
		part, err := r.in.ReadSlice('\n')
		if room := r.max + 2 - int64(len(line)); int64(len(part)) > room {
			part, long = part[:room], true
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long || int64(len(bytes.TrimRight(line, "\r\n"))) > r.max, err
		}
	}
}

// blank reads white space after the first line; more reports that something else follows, and then it is JSON Lines.
func (r *lineReader) blank(first []byte) (_ []byte, more bool, err error) {
	for {
		c, err := r.in.ReadByte()
		if err != nil || int64(len(first)) > r.max {
			return first, false, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n"), rune(c)) {
			return first, true, r.in.UnreadByte()
		}
		if first = append(first, c); c == '\n' {
			r.read++
		}
	}
}

// whole hands out the file as one object.
func (r *lineReader) whole(start []byte, long bool, take func(object) error) error {
	rest, err := io.ReadAll(io.LimitReader(r.in, r.max+1))
	if err != nil {
		return readError{err}
	}
	body := append(start, rest...)
	switch {
	case long || int64(len(body)) > r.max:
		return take(object{refused: tooLarge(r.max)})
	case len(bytes.TrimSpace(body)) == 0:
		return take(object{refused: "the file is empty"})
	}
	return take(object{body: body})
}

// after hands out the first line, already read with what is blank after it, and then the rest line by line.
func (r *lineReader) after(first []byte, take func(object) error) error {
	line, _, _ := bytes.Cut(first, []byte("\n"))
	if err := take(object{body: bytes.TrimRight(line, "\r"), line: 1}); err != nil {
		return err
	}
	return r.lines(take)
}

// lines hands out every line that is not blank, without its end.
func (r *lineReader) lines(take func(object) error) error {
	found := r.read > 0
	for {
		line, long, err := r.line()
		if err != nil && err != io.EOF {
			return readError{err}
		}
		o := object{body: bytes.TrimRight(line, "\r\n"), line: r.read}
		if long {
			o.body, o.refused = nil, tooLarge(r.max)
		}
		if long || len(bytes.TrimSpace(line)) > 0 {
			found = true
			if err := take(o); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
	}
	if !found {
		return take(object{refused: "the file is empty"})
	}
	return nil
}

func tooLarge(max int64) string { return fmt.Sprintf("is larger than %d bytes", max) }
