package assure

import (
	"context"
	"net/http"
	"time"
)

// Options configures a Client.
type Options struct {
	BaseURL      string // https://api.signicat.com/assure
	TokenURL     string // https://api.signicat.com/auth/open/connect/token
	ClientID     string
	ClientSecret string
	Now          func() time.Time  // nil: time.Now
	Timeout      time.Duration     // of one call with its retries; 0: 10 s, and 60 s for media
	MaxBody      int64             // bytes of a JSON answer; 0: 8 MiB
	Transport    http.RoundTripper // nil: its own
}

// Client reads the API. It is safe for concurrent use.
type Client struct{}

// NewClient checks the options and connects to nothing yet.
func NewClient(o Options) (*Client, error) { panic("todo") }

// Close ends background work and idle connections.
func (c *Client) Close() { panic("todo") }

// ListProcesses reads one page of the processes of the last 30 days.
func (c *Client) ListProcesses(ctx context.Context, f ListFilter) (ProcessList, error) { panic("todo") }

// ListDossiers reads the last 100 dossiers.
func (c *Client) ListDossiers(ctx context.Context) ([]Dossier, error) { panic("todo") }

// GetDossier reads a dossier with its processes.
func (c *Client) GetDossier(ctx context.Context, dossierID string) (Dossier, error) { panic("todo") }

// GetProcess reads one process.
func (c *Client) GetProcess(ctx context.Context, dossierID, processID string) (Answer, error) {
	panic("todo")
}

// Image reads one image.
func (c *Client) Image(ctx context.Context, dossierID, processID string, d Depiction) (Media, error) {
	panic("todo")
}

// Video reads the video of a signicatvideoid or onfido process.
func (c *Client) Video(ctx context.Context, dossierID, processID string) (Media, error) {
	panic("todo")
}

// Raw reads the provider's own answer, readid only; ErrNotReady until the process is final.
func (c *Client) Raw(ctx context.Context, dossierID, processID string) (Answer, error) {
	panic("todo")
}

// Download reads the archive of everything; ErrNotReady until it is made.
func (c *Client) Download(ctx context.Context, dossierID, processID string, includeTimestamps bool) (Media, error) {
	panic("todo")
}

// ExternalID reads the provider's own id of the process.
func (c *Client) ExternalID(ctx context.Context, dossierID, processID string) (string, error) {
	panic("todo")
}

// UserData reads what the customer stated about the person.
func (c *Client) UserData(ctx context.Context, dossierID string) (Answer, error) { panic("todo") }
