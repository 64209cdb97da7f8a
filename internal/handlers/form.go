package handlers

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/assure-portal/portal/internal/apperr"
)

// maxForm bounds a posted form in bytes: 1,000 pasted ids of 64 characters fit.
const maxForm = 128 << 10

// uploads are the paths to which a form posts a file: their handlers read it as it comes in.
var uploads = map[string]bool{"/audit/exports": true}

// readForm reads the posted form whole, so that nothing is done with half of one. Kinds apperr.TooLarge, apperr.Unprocessable.
func (q *request) readForm() error {
	r := q.Request()
	sent := r.Body
	if r.ContentLength > maxForm {
		discard(sent)
		return formTooLarge(nil)
	}
	if r.ContentLength != 0 && !isForm(r.Header.Get("Content-Type")) {
		return unreadableForm(nil)
	}
	r.Body = http.MaxBytesReader(q.Response(), r.Body, maxForm)
	err := r.ParseForm()
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		discard(sent)
		return formTooLarge(err)
	}
	if err != nil {
		return unreadableForm(err)
	}
	return nil
}

// maxDiscarded bounds in bytes what is read of a refused body. Whoever sends more may see a broken connection instead of
// the page that says why.
const maxDiscarded = 4 << 20

// discard reads a refused body to its end: a client that is still sending when the connection closes never reads the answer.
func discard(body io.Reader) { _, _ = io.CopyN(io.Discard, body, maxDiscarded) }

func isForm(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/x-www-form-urlencoded"
}

func formTooLarge(cause error) error {
	return apperr.Wrap(apperr.TooLarge, cause, "The form is larger than the portal takes, so nothing was done.", "Send at most 1,000 ids at once.")
}

func unreadableForm(cause error) error {
	return apperr.Wrap(apperr.Unprocessable, cause, "The form cannot be read, so nothing was done.", "Go back and use the page's own form.")
}

// post is a field of the posted form; what stands in the address does not count.
func (q *request) post(name string) string {
	return strings.ToValidUTF8(q.Request().PostForm.Get(name), "\uFFFD")
}
