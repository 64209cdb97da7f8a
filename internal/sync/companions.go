package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/store"
)

// Parts of a process beside its body, its images and its archive.
const (
	externalID = "external-id"
	userData   = "userdata"
	video      = "video"
)

// parts names what belongs to a process beside its body and is to be asked for: the provider's id where the listing told
// none, what the customer stated, and the attachments of a finished one that are to be kept.
func (r *Runner) parts(e store.Envelope, p assure.Process) (names []string) {
	if e.ExternalID == "" && p.Status.Final() && p.Provider != "facetec" && !isConnect(p.Provider) {
		names = append(names, externalID)
	}
	return append(append(names, userData), r.wanted(p)...)
}

// complete reads what is owed to a process, part by part. What fails stays owed and is tried again, an answer that was no use
// less often. That does not make the process itself wait, nor an answer that was no use the other parts. What was read is
// noted at once, so that a kill repeats no more than the request that was under way.
func (r *Runner) complete(ctx context.Context, e store.Envelope, owed []string) error {
	var failed []string
	var worst error
	for i, name := range owed {
		err := r.part(ctx, e, name)
		switch {
		case err == nil:
			err = r.o.Store.PaidOff(ctx, e.ProcessID, slices.Concat(failed, owed[i:]), slices.Concat(failed, owed[i+1:]))
		case upstream(err):
			failed, worst = append(failed, name), err
		}
		if err != nil && (ctx.Err() != nil || fatal(err)) {
			return err
		}
		if assure.IsRetryable(err) {
			break
		}
	}
	r.owe(e.ProcessID, worst)
	return nil
}

// owe has what failed tried again after a pause.
func (r *Runner) owe(processID string, err error) {
	if err == nil {
		r.owing.end(processID)
		return
	}
	r.o.Log.Warn("what belongs to a process was not read", "process", processID, "err", err)
	least := retryAfter(err)
	if !assure.IsRetryable(err) {
		least = unusablePause
	}
	r.owing.add(processID, r.o.Now(), least)
}

// part reads one part. One that is not to be kept any more, or is held, is not asked for.
func (r *Runner) part(ctx context.Context, e store.Envelope, name string) error {
	switch {
	case name == externalID:
		return r.externalID(ctx, e)
	case name == userData:
		return r.stated(ctx, e)
	case name == store.Archive && !r.o.KeepArchives, name != store.Archive && !r.o.KeepImages:
		return nil
	}
	held, err := r.o.Store.HeldMedia(ctx, e.ProcessID)
	if err != nil {
		return fmt.Errorf("which attachments are kept: %w", err)
	}
	if slices.Contains(held, name) {
		return nil
	}
	return r.attachment(ctx, e, name)
}

// unusablePause is how long an answer that came and was no use is not asked for again.
const unusablePause = time.Hour

// payOwed reads what is still owed to processes.
func (u *run) payOwed(ctx context.Context) error {
	after := ""
	for {
		ids, err := u.o.Store.Owed(ctx, after, batch)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		var rows []store.Listed
		for _, id := range ids {
			if !u.owing.hold(id, u.o.Now()) && !u.failed.hold(id, u.o.Now()) {
				rows = append(rows, store.Listed{ProcessID: id})
			}
		}
		if err := u.each(ctx, rows, u.payOne); err != nil {
			return err
		}
	}
}

// payOne asks for what is owed to a process that this run saw at Assure. One that it did not see is read first: where it is
// gone, a 404 says nothing of its parts, and what is owed stays until it comes back.
func (u *run) payOne(ctx context.Context, row store.Listed) error {
	head, err := u.o.Store.Head(ctx, row.ProcessID, 0)
	if apperr.Is(err, apperr.NotFound) || err == nil && head.DossierID == "" {
		return u.o.Store.Settle(ctx, row.ProcessID) // never arrived, or was erased
	}
	if err != nil {
		return err
	}
	owed, err := u.o.Store.OwedParts(ctx, row.ProcessID)
	if err != nil {
		return err
	}
	row.DossierID = head.DossierID
	at := head.LastSeenUpstream // after now: by a clock that was put back since
	if seen := !at.Before(u.progress.Started) && !at.After(u.o.Now()); seen && len(owed) > 0 {
		return u.account(ctx, row, store.Saved{}, u.complete(ctx, head.Envelope, owed))
	}
	saved, err := u.read(ctx, head.Envelope, "") // its answer says what there is to ask for
	return u.account(ctx, row, saved, err)
}

// externalID asks for the provider's id where no listing told it. The next listing does, so a failure here is none.
func (r *Runner) externalID(ctx context.Context, e store.Envelope) error {
	id, err := r.o.Client.ExternalID(ctx, e.DossierID, e.ProcessID)
	if err != nil || id == "" {
		return ctx.Err()
	}
	return r.o.Store.SetExternalID(ctx, e.ProcessID, id)
}

func (r *Runner) stated(ctx context.Context, e store.Envelope) error {
	answer, err := r.o.Client.UserData(ctx, e.DossierID)
	if absent(err) {
		return nil
	}
	if err != nil {
		return unread{err}
	}
	if _, err := r.o.Store.SaveUserData(ctx, e.DossierID, answer.Body, answer.ReceivedAt); err != nil {
		return fmt.Errorf("keeping what the customer stated: %w", err)
	}
	return nil
}

// wanted names the attachments of a finished process that are to be kept.
func (r *Runner) wanted(p assure.Process) (names []string) {
	if !p.Status.Final() {
		return nil
	}
	if r.o.KeepImages {
		names = attached(p)
	}
	if r.o.KeepArchives && p.Status.HasResult() { // last: some are made long after the result, and until then it is owed
		names = append(names, store.Archive)
	}
	return names
}

// attached names what a process may have. Most published samples leave depictions out, so without it every image that
// the provider can have is asked for; what is not there answers 400 or 404.
func attached(p assure.Process) []string {
	var names []string
	if isConnect(p.Provider) {
		return nil
	}
	for _, d := range assure.Depictions() {
		portraits := p.Provider == "signicatvideoid" || p.Provider == "eid" || p.Provider == "readid"
		if p.Depictions == nil && (d != assure.Portrait || portraits) || slices.Contains(p.Depictions, d) {
			names = append(names, string(d))
		}
	}
	if p.Provider == "signicatvideoid" || p.Provider == "eid" || p.Provider == "onfido" && p.ProcessType == "documentVideo" {
		names = append(names, video)
	}
	return names
}

func isConnect(provider string) bool { return strings.HasPrefix(provider, "connect:") }

func (r *Runner) ask(ctx context.Context, e store.Envelope, name string) (assure.Media, error) {
	switch name {
	case video:
		return r.o.Client.Video(ctx, e.DossierID, e.ProcessID)
	case store.Archive:
		return r.o.Client.Download(ctx, e.DossierID, e.ProcessID, false)
	}
	return r.o.Client.Image(ctx, e.DossierID, e.ProcessID, assure.Depiction(name))
}

func (r *Runner) attachment(ctx context.Context, e store.Envelope, name string) error {
	m, err := r.ask(ctx, e, name)
	if errors.Is(err, assure.ErrTooLarge) { // as large the next time: it would be carried here again and again
		r.o.Log.Warn("an attachment is larger than the portal takes", "process", e.ProcessID, "attachment", name)
		return nil
	}
	late := name == store.Archive && errors.Is(err, assure.ErrNotReady) // WebID's is made after the result (reference section 8)
	if absent(err) && !late {
		return nil
	}
	if err != nil {
		return unread{err}
	}
	kept := store.Media{ContentType: m.ContentType, Body: m.Body}
	if err := r.o.Store.SaveMedia(ctx, e.ProcessID, name, kept, r.o.Now()); err != nil {
		return fmt.Errorf("keeping an attachment: %w", err)
	}
	return nil
}
