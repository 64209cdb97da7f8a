// Package config reads the environment into one Config. The field comments are the manual; every fault is reported at
// once, by variable name and without the value of a secret. It opens nothing and connects to nothing.
package config

import (
	"net/netip"
	"strings"
	"time"
)

// Config is the whole configuration of portal serve. Commands check only the part they use, and get only that part.
// An empty variable counts as one that is not set.
type Config struct {
	// PORTAL_LISTEN: address and port on which the portal answers. Default 127.0.0.1:8080, for a TLS proxy on the same
	// machine. An address without a host (":8080") listens everywhere. The portal itself speaks plain HTTP.
	Listen string

	// PORTAL_BASE_URL: the portal's address as browsers see it. Required. https, or http on a loopback host; scheme,
	// host and port only. Callback and cookies follow from it: register <base URL>/auth/callback at the identity provider.
	BaseURL string

	// PORTAL_DATA_DIR: directory of audit.db, portal.db and the index. Required. One portal process at a time.
	DataDir string

	OIDC OIDC

	// PORTAL_ROLE_MAP: which group of the identity provider gives which role, as role=group entries separated by commas,
	// or by semicolons where a group's name holds a comma. Required. Roles: reviewer, auditor, inspector, admin. A role may
	// stand in several entries, a group in one. The map's key is the group.
	RoleMap map[string]string

	// PORTAL_SESSION_IDLE: a session ends after this time without a request. Default 15m, from 1m to 15m.
	SessionIdle time.Duration

	// PORTAL_SESSION_MAX: a session ends after this time whatever happens. Default 8h, from PORTAL_SESSION_IDLE to 8h.
	SessionMax time.Duration

	// PORTAL_REVEAL_ACR: authentication context class (claim acr) that a sign-in must have before its session may reveal
	// a masked field. Unset: none is asked.
	RevealACR string

	// PORTAL_REVEAL_MAX_AGE: how long ago a person may have proved who they are at the identity provider to reveal a masked
	// field; after that revealing asks for a new sign-in. From 1m to 8h. Unset: as long as the session lasts.
	RevealMaxAge time.Duration

	// PORTAL_MAX_OPENS_PER_MINUTE: how many different processes a person may open in a minute, averaged over five; above
	// it the portal answers 429 and says when to go on. Default 120, from 10 to 6000.
	MaxOpens int

	Assure Assure
	Events Events
	Audit  Audit

	// PORTAL_TRUSTED_PROXIES: comma-separated addresses or CIDR ranges of proxies whose X-Forwarded-For is believed.
	// Unset: none, the peer is the client.
	Proxies []netip.Prefix

	// PORTAL_METRICS_LISTEN: address and port of the metrics in Prometheus form, apart from PORTAL_LISTEN. Unset: no metrics.
	Metrics string

	// PORTAL_TRACES_URL: whole address to which OpenTelemetry spans are sent as OTLP over HTTP. https, or http on loopback.
	// Unset: no spans are made.
	Traces string

	// PORTAL_PURPOSES: comma-separated working purposes, lower-case codes of up to 64 characters, at most 50. The first is
	// every new session's. Default onboarding,periodic-review,alert,customer-request,audit.
	Purposes []string

	// PORTAL_KEEP_IMAGES: yes keeps a copy of images and videos with the snapshots; no fetches them when they are opened,
	// so they are gone when Assure deletes them. Required: serving without a choice is refused.
	KeepImages bool

	// PORTAL_KEEP_ARCHIVES: yes keeps, when a process finishes, the archive that Assure makes of it, a zip with the provider's
	// own data and all images. Default no.
	KeepArchives bool
}

// OIDC is the identity provider.
type OIDC struct {
	// PORTAL_OIDC_ISSUER: issuer as the identity provider writes it, to the letter. Required. https, or http on loopback.
	Issuer string

	// PORTAL_OIDC_CLIENT_ID: the portal's client id there. Required.
	ClientID string

	// PORTAL_OIDC_CLIENT_SECRET or PORTAL_OIDC_CLIENT_SECRET_FILE: its secret. Required.
	ClientSecret string

	// PORTAL_OIDC_ROLE_CLAIM: claim that holds a person's groups, a string or a list; dots lead into objects
	// (realm_access.roles). Looked for in the ID token, then at the userinfo endpoint. Default groups.
	RoleClaim string
}

// Assure is the upstream.
type Assure struct {
	// PORTAL_ASSURE_URL: base of the Assure API, without a trailing slash. Default https://api.signicat.com/assure.
	// https, or http on loopback.
	URL string

	// PORTAL_ASSURE_TOKEN_URL: where access tokens come from.
	// Default https://api.signicat.com/auth/open/connect/token. https, or http on loopback.
	TokenURL string

	// PORTAL_ASSURE_CLIENT_ID: the API client. Required.
	ClientID string

	// PORTAL_ASSURE_CLIENT_SECRET or PORTAL_ASSURE_CLIENT_SECRET_FILE: its secret. Required.
	ClientSecret string
}

// Events is the endpoint to which Assure may post.
type Events struct {
	// PORTAL_EVENTS_SECRET or PORTAL_EVENTS_SECRET_FILE: secret of the webhook. Unset: /events is not there (404).
	Secret string

	// PORTAL_EVENTS_HEADER: request header that carries the webhook's signature. Default X-Signicat-Signature.
	Header string
}

// Audit is where the trail's key and anchor live: not beside the trail, so that whoever can write the one cannot write
// all of them.
type Audit struct {
	// PORTAL_AUDIT_KEY_FILE: file with the trail's signing key, made by portal audit init. Required. Outside PORTAL_DATA_DIR.
	KeyFile string

	// PORTAL_AUDIT_ANCHOR: file to which signed checkpoints are appended. Required. Outside PORTAL_DATA_DIR, best on
	// another machine's disk.
	Anchor string

	// PORTAL_AUDIT_TERM_MONTHS: after how many months what was typed into a search goes from the trail by itself, each time
	// with a record that says so. Default 12, from 1 to 120.
	TermMonths int
}

// Need is a part of the configuration that a command uses.
type Need int

// Needs. Combine with |.
const (
	NeedData    Need = 1 << iota // PORTAL_DATA_DIR
	NeedListen                   // listeners, base URL, proxies, events
	NeedOIDC                     // identity provider, roles, sessions, purposes
	NeedAssure                   // the upstream
	NeedAudit                    // the trail's key and anchor
	NeedImages                   // the choice about images
	NeedAddress                  // PORTAL_LISTEN alone
)

// Faults is every fault found, each naming its variable. Its Error is one line a fault.
type Faults []string

func (f Faults) Error() string { return "the configuration has faults:\n  " + strings.Join(f, "\n  ") }
