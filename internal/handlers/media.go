package handlers

import (
	"errors"
	"net/http"
	"slices"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
)

func (s *Server) image(q *request) error {
	depiction := q.Param("depiction")
	if _, known := depictionWords[depiction]; !known {
		return apperr.New(apperr.NotFound, "There is no such image.", "Images are front, back, selfie and portrait.")
	}
	return s.media(q, depiction)
}

func (s *Server) video(q *request) error { return s.media(q, "video") }

// media sends an attachment as received; the record is durable before the first byte.
func (s *Server) media(q *request, name string) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	e := about(q.event(audit.ProcessImage), head)
	e.Classes, e.Facts = []string{string(evidence.Image)}, map[string]string{"image": name}
	held, err := s.Store.HeldMedia(q.ctx(), head.ProcessID)
	if err != nil {
		return err
	}
	if slices.Contains(held, name) {
		return s.sendHeld(q, e, head, name)
	}
	return s.fetchMedia(q, e, head, name)
}

func (s *Server) sendHeld(q *request, e audit.Event, head store.Head, name string) error {
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	m, err := s.Store.Media(q.ctx(), receipt, head.ProcessID, name)
	if err != nil {
		return err
	}
	return q.sendMedia(m.ContentType, m.Body)
}

// fetchMedia asks Assure for an attachment that is not kept: one record before the call, one after.
func (s *Server) fetchMedia(q *request, e audit.Event, head store.Head, name string) error {
	if s.Assure == nil || head.DossierID == "" {
		return apperr.New(apperr.NotFound, "This image is not kept in the portal, and Assure cannot be asked for it.", "")
	}
	if name == "video" && !hasVideo(head.Provider, head.ProcessType) {
		return apperr.New(apperr.NotFound, "This provider makes no video.", "")
	}
	before := e
	before.Outcome = audit.Unknown
	if _, err := q.record(before); err != nil {
		return err
	}
	m, err := s.askForMedia(q, head, name)
	if err != nil {
		e.Outcome = audit.Failed
		if _, appendErr := q.record(e); appendErr != nil {
			return appendErr
		}
		return err
	}
	if _, err := q.record(e); err != nil {
		return err
	}
	s.keepMedia(q, head, name, m)
	return q.sendMedia(m.ContentType, m.Body)
}

// keepMedia keeps what was fetched, if the portal keeps images. Whoever asked sees it in any case.
func (s *Server) keepMedia(q *request, head store.Head, name string, m assure.Media) {
	if !s.KeepImages {
		return
	}
	if err := s.Store.SaveMedia(q.ctx(), head.ProcessID, name, store.Media{ContentType: m.ContentType, Body: m.Body}, s.Now()); err != nil {
		s.Log.Warn("an image was not kept", "request", q.id(), "error", err.Error())
	}
}

func (s *Server) askForMedia(q *request, head store.Head, name string) (assure.Media, error) {
	var m assure.Media
	var err error
	if name == "video" {
		m, err = s.Assure.Video(q.ctx(), head.DossierID, head.ProcessID)
	} else {
		m, err = s.Assure.Image(q.ctx(), head.DossierID, head.ProcessID, assure.Depiction(name))
	}
	switch {
	case err == nil:
		return m, nil
	case assure.IsNotFound(err), notOffered(err):
		return m, apperr.Wrap(apperr.NotFound, err, "Assure has no such image for this process.", "It may have been deleted there.")
	case assure.IsForbidden(err):
		return m, apperr.Wrap(apperr.NotFound, err, "This image was redacted at the source and cannot be shown.", "")
	}
	return m, apperr.Wrap(apperr.Upstream, err, "Assure did not give the image.", "Try again in a minute.")
}

// notOffered reports that Assure has no such image for processes of this provider: it answers 400 then.
func notOffered(err error) bool {
	api, ok := errors.AsType[*assure.APIError](err)
	return ok && api.Status == http.StatusBadRequest
}

// mediaPolicy is the content security policy of an attachment opened by itself. A browser shows it in a document of its
// own making, which it lays out with inline styles; nothing in it can run or load anything.
const mediaPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// sendMedia sends the bytes of an attachment as received.
func (q *request) sendMedia(contentType string, body []byte) error {
	q.Response().Header().Set("Content-Security-Policy", mediaPolicy)
	return q.Blob(http.StatusOK, mediaType(contentType), body)
}

// mediaType lets only images and video through as what they say; anything else is a download.
func mediaType(contentType string) string {
	switch contentType {
	case "image/jpeg", "image/png", "video/mp4", "video/quicktime":
		return contentType
	}
	return "application/octet-stream"
}
