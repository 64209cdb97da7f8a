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

// complete reads what belongs to a process beside its body: what the customer stated, the provider's id where the
// listing told none, and the attachments of a finished one that are to be kept. What fails stays owed and is tried again, an
// answer that was no use less often. That does not make the process itself wait.
func (r *Runner) complete(ctx context.Context, e store.Envelope, body []byte) error {
	p, err := assure.ParseProcess(body)
	if err != nil {
		return unread{err}
	}
	for _, part := range []func(context.Context, store.Envelope, assure.Process) error{r.stated, r.attachments} {
		if err = part(ctx, e, p); err != nil {
			break
		}
	}
	switch {
	case err == nil:
		r.owing.end(e.ProcessID)
		return r.o.Store.Settle(ctx, e.ProcessID)
	case ctx.Err() != nil || fatal(err):
		return err
	}
	r.o.Log.Warn("what belongs to a process was not read", "process", e.ProcessID, "err", err)
	least := retryAfter(err)
	if !assure.IsRetryable(err) {
		least = unusablePause
	}
	r.owing.add(e.ProcessID, r.o.Now(), least)
	return nil
}

// unusablePause is how long an answer that came and was no use is not asked for again.
const unusablePause = time.Hour

// payOwed reads again the processes to which something is still owed; the answer says what there is to ask for.
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

func (u *run) payOne(ctx context.Context, row store.Listed) error {
	head, err := u.o.Store.Head(ctx, row.ProcessID, 0)
	if apperr.Is(err, apperr.NotFound) || err == nil && head.DossierID == "" {
		return u.o.Store.Settle(ctx, row.ProcessID) // never arrived, or was erased
	}
	if err != nil {
		return err
	}
	saved, err := u.read(ctx, head.Envelope, "")
	if assure.IsNotFound(err) {
		if err := u.o.Store.Settle(ctx, row.ProcessID); err != nil {
			return err
		}
	}
	row.DossierID = head.DossierID
	return u.account(ctx, row, saved, err)
}

// externalID asks for the provider's id where no listing told it. The next listing does, so a failure here is none.
func (r *Runner) externalID(ctx context.Context, e store.Envelope, body []byte) string {
	p, err := assure.ParseProcess(body)
	if err != nil || e.ExternalID != "" || !p.Status.Final() || p.Provider == "facetec" || isConnect(p.Provider) {
		return e.ExternalID
	}
	id, err := r.o.Client.ExternalID(ctx, e.DossierID, e.ProcessID)
	if err != nil {
		return ""
	}
	return id
}

func (r *Runner) stated(ctx context.Context, e store.Envelope, _ assure.Process) error {
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

// attachments keeps the images, the video and the archive of a finished process, each once and each where it is to be kept.
func (r *Runner) attachments(ctx context.Context, e store.Envelope, p assure.Process) error {
	names := r.wanted(p)
	if len(names) == 0 {
		return nil
	}
	held, err := r.o.Store.HeldMedia(ctx, e.ProcessID)
	if err != nil {
		return fmt.Errorf("which attachments are kept: %w", err)
	}
	for _, name := range names {
		if slices.Contains(held, name) {
			continue
		}
		if err := r.attachment(ctx, e, name); err != nil {
			return err
		}
	}
	return nil
}

const video = "video"

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
