// Package config reads the environment into one Config. The field comments are the manual; every fault is reported at
// once, by variable name and without the value of a secret.
package config

import "time"

// Config is the whole configuration of portal serve. Commands check only the part they use.
type Config struct {
	Listen      string // PORTAL_LISTEN
	BaseURL     string // PORTAL_BASE_URL
	DataDir     string // PORTAL_DATA_DIR
	OIDC        OIDC
	RoleMap     map[string]string // PORTAL_ROLE_MAP: group -> role
	SessionIdle time.Duration     // PORTAL_SESSION_IDLE
	SessionMax  time.Duration     // PORTAL_SESSION_MAX
	RevealACR   string            // PORTAL_REVEAL_ACR
	Assure      Assure
	Events      Events
	Audit       Audit
	Proxies     []string // PORTAL_TRUSTED_PROXIES, CIDRs
	Metrics     string   // PORTAL_METRICS_LISTEN
	Purposes    []string // PORTAL_PURPOSES
	KeepImages  bool     // PORTAL_KEEP_IMAGES
}

// OIDC is the identity provider. PORTAL_OIDC_*.
type OIDC struct{ Issuer, ClientID, ClientSecret, RoleClaim string }

// Assure is the upstream. PORTAL_ASSURE_*.
type Assure struct{ URL, TokenURL, ClientID, ClientSecret string }

// Events is the event endpoint. PORTAL_EVENTS_*.
type Events struct{ Secret, Header string }

// Audit is where the trail's key and anchor live. PORTAL_AUDIT_*.
type Audit struct{ KeyFile, Anchor string }

// Need is a part of the configuration that a command uses.
type Need int

// Needs. Combine with |.
const (
	NeedData Need = 1 << iota
	NeedListen
	NeedOIDC
	NeedAssure
	NeedAudit
	NeedImages
)

// Faults is every fault found, each naming its variable. Its Error is one line a fault.
type Faults []string

func (f Faults) Error() string { panic("todo") }

// Read reads what the needs ask for. lookup is os.LookupEnv; readFile reads the …_FILE twins.
func Read(needs Need, lookup func(string) (string, bool), readFile func(string) ([]byte, error)) (Config, error) {
	panic("todo")
}
