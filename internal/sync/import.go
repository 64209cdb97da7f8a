package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
)

// Imported is the result of one file or line.
type Imported struct {
	Name      string // file, with line number for JSON Lines
	ProcessID string // empty if the body does not say
	Changed   bool   // a new version was made
	Refused   string // reason; empty when taken
}

// ImportOptions configures an import.
type ImportOptions struct {
	DossierID string
	User      string // operating-system user
	MaxBytes  int64  // per object, 2 MiB if zero
}

// maxImport is what the client takes of a Get process answer, too.
const maxImport = 2 << 20

// CommandLine is the actor of what is done on the command line: the operating-system user.
func CommandLine(user string) audit.Actor {
	return audit.Actor{Issuer: "operating-system", Subject: user, Role: "command-line"}
}

// Import loads files, JSON Lines and directories, telling each result as it comes. Of a directory, files named .json,
// .jsonl and .ndjson are read, at any depth, hidden ones left out. One process.import (unknown) stands before the
// first read, and one (ok) for each version that was made. What is refused leaves nothing, no record either: no
// person's data was taken. An error ends the import; what came before stays.
func Import(ctx context.Context, s *store.Store, trail *audit.Trail, now func() time.Time, o ImportOptions, paths []string, each func(Imported)) (refused int, err error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = maxImport
	}
	if err := recordMissing(ctx, s, trail); err != nil {
		return 0, err
	}
	i := &importer{store: s, trail: trail, now: now, o: o, each: each}
	begun := audit.Event{Action: audit.ProcessImport, Outcome: audit.Unknown, Actor: CommandLine(o.User),
		Process: audit.Process{DossierID: o.DossierID}, Facts: map[string]string{"paths": fmt.Sprint(len(paths))}}
	if _, err := trail.Append(ctx, begun); err != nil {
		return 0, fmt.Errorf("recording the import: %w", err)
	}
	for _, path := range paths {
		if err := i.path(ctx, path); err != nil {
			return i.refused, err
		}
	}
	return i.refused, nil
}

type importer struct {
	store   *store.Store
	trail   *audit.Trail
	now     func() time.Time
	o       ImportOptions
	each    func(Imported)
	refused int
}

// tell hands a result on. A reason never holds what the file holds.
func (i *importer) tell(r Imported) {
	if r.Refused != "" {
		i.refused++
	}
	i.each(r)
}

func (i *importer) path(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		i.tell(Imported{Name: path, Refused: cannotRead(err)})
	case info.IsDir():
		return i.directory(ctx, path)
	default:
		return i.file(ctx, path)
	}
	return nil
}

func (i *importer) directory(ctx context.Context, dir string) error {
	found := false
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			i.tell(Imported{Name: path, Refused: cannotRead(err)})
		case path != dir && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return filepath.SkipDir
			}
		case !entry.IsDir() && named(path, ".json", ".jsonl", ".ndjson"):
			found = true
			return i.file(ctx, path)
		}
		return nil
	})
	if err == nil && !found {
		i.tell(Imported{Name: dir, Refused: "holds no .json, .jsonl or .ndjson file"})
	}
	return err
}

// named reports whether a path ends in one of the extensions, in any letter case.
func named(path string, extensions ...string) bool {
	for _, e := range extensions {
		if strings.EqualFold(filepath.Ext(path), e) {
			return true
		}
	}
	return false
}

// file takes a regular file; others, such as pipes, could never end.
func (i *importer) file(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		i.tell(Imported{Name: path, Refused: "is not a regular file"})
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		i.tell(Imported{Name: path, Refused: cannotRead(err)})
		return nil
	}
	defer f.Close()
	take := func(o object) error { return i.object(ctx, path, o) }
	err = eachObject(f, named(path, ".jsonl", ".ndjson"), i.o.MaxBytes, take)
	if broken, ok := errors.AsType[readError](err); ok {
		i.tell(Imported{Name: path, Refused: cannotRead(broken.cause)})
		return nil
	}
	return err
}

func cannotRead(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read: permission denied"
	}
	return "cannot be read: the file system refused"
}

// object keeps one answer, or tells why not.
func (i *importer) object(ctx context.Context, path string, o object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	result := Imported{Name: path, Refused: o.refused}
	if o.line > 0 {
		result.Name = fmt.Sprintf("%s:%d", path, o.line)
	}
	if o.refused != "" {
		i.tell(result)
		return nil
	}
	p, why := acceptable(o.body)
	if why != "" {
		result.Refused = why
		i.tell(result)
		return nil
	}
	result.ProcessID = p.ProcessID
	return i.keep(ctx, result, o.body)
}

// acceptable reads a body and says why it may not come in, or "". The words name members, never their values.
func acceptable(body []byte) (p assure.Process, why string) {
	p, err := assure.ParseProcess(body)
	switch {
	case !json.Valid(body):
		return p, "is not JSON, or was cut off"
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")):
		return p, "is a JSON array; one object a file or a line is taken"
	case err != nil:
		return p, "is not a Get process answer: it has no string processId, or names processId, provider or status twice"
	case slices.Contains(p.Others, "authorization"):
		return p, "is a Create process answer: it holds a token (authorization)"
	case createdWith(p) != "":
		return p, "is a Create process answer: it holds " + createdWith(p) + " and no detail of the provider"
	case !assure.ValidID(p.ProcessID):
		return p, "has a processId that Assure could not have given"
	}
	for _, m := range [][2]string{{"provider", p.Provider}, {"status", string(p.Status)}, {"createdAt", p.CreatedAt}} {
		if m[1] == "" {
			return p, "is not a Get process answer: it has no string " + m[0]
		}
	}
	return p, ""
}

// createOnly are members that the answer to Create process has beside those of Get process (reference, section 2.3), for
// the providers whose answer holds no token.
var createOnly = []string{"providerApiUrl", "base64QRCode", "universalLink", "documentPages", "redirectUrl",
	"facetecDeviceKeyIdentifier", "facetecEncryptionPublicKey", "facetecMobileSdkProductionKey"}

// createdWith is the member that tells an answer to Create process, or "". An answer with detail came from Get process,
// whatever else it holds.
func createdWith(p assure.Process) string {
	if p.FinalResult != nil || p.ProviderSpecific != nil {
		return ""
	}
	for _, name := range createOnly {
		if slices.Contains(p.Others, name) {
			return name
		}
	}
	return ""
}

func (i *importer) keep(ctx context.Context, result Imported, body []byte) error {
	e := store.Envelope{ProcessID: result.ProcessID, DossierID: i.o.DossierID, WayIn: store.ByImport, ImportedBy: i.o.User}
	saved, err := i.store.Save(ctx, e, body, i.now())
	switch {
	case apperr.Is(err, apperr.Unprocessable), apperr.Is(err, apperr.Conflict):
		result.Refused = said(err)
	case saved.Changed: // also where the index could not follow
		event := fetched(e, saved)
		event.Action, event.Actor = audit.ProcessImport, CommandLine(i.o.User)
		err = errors.Join(err, arrived(context.WithoutCancel(ctx), i.store, i.trail, event))
	}
	if err != nil && result.Refused == "" {
		return fmt.Errorf("importing %s: %w", result.Name, err)
	}
	result.Changed = saved.Changed
	i.tell(result)
	return nil
}

// said is what an error says to a person.
func said(err error) string {
	e, _ := errors.AsType[*apperr.Error](err)
	return strings.TrimSpace(e.Message + " " + e.Hint)
}
