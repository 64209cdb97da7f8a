package config

import "slices"

// Variable is one line of the manual.
type Variable struct {
	Name    string
	Default string // empty: none
	Help    string // one sentence or two, without the default
	Secret  bool   // never shown, and may be given as the path of a file in Name + "_FILE"
	Need    Need   // the part that it belongs to
	Must    bool   // that part does not work without it
}

// Names that rules mention by hand.
const (
	listenVar      = "PORTAL_LISTEN"
	baseURLVar     = "PORTAL_BASE_URL"
	dataDirVar     = "PORTAL_DATA_DIR"
	issuerVar      = "PORTAL_OIDC_ISSUER"
	clientIDVar    = "PORTAL_OIDC_CLIENT_ID"
	clientSecret   = "PORTAL_OIDC_CLIENT_SECRET"
	roleClaimVar   = "PORTAL_OIDC_ROLE_CLAIM"
	roleMapVar     = "PORTAL_ROLE_MAP"
	idleVar        = "PORTAL_SESSION_IDLE"
	maxVar         = "PORTAL_SESSION_MAX"
	revealACRVar   = "PORTAL_REVEAL_ACR"
	revealAgeVar   = "PORTAL_REVEAL_MAX_AGE"
	maxOpensVar    = "PORTAL_MAX_OPENS_PER_MINUTE"
	assureURLVar   = "PORTAL_ASSURE_URL"
	tokenURLVar    = "PORTAL_ASSURE_TOKEN_URL"
	assureIDVar    = "PORTAL_ASSURE_CLIENT_ID"
	assureSecret   = "PORTAL_ASSURE_CLIENT_SECRET"
	eventsSecret   = "PORTAL_EVENTS_SECRET"
	eventsHeader   = "PORTAL_EVENTS_HEADER"
	auditKeyVar    = "PORTAL_AUDIT_KEY_FILE"
	auditAnchorVar = "PORTAL_AUDIT_ANCHOR"
	auditTermsVar  = "PORTAL_AUDIT_TERM_MONTHS"
	proxiesVar     = "PORTAL_TRUSTED_PROXIES"
	metricsVar     = "PORTAL_METRICS_LISTEN"
	tracesVar      = "PORTAL_TRACES_URL"
	purposesVar    = "PORTAL_PURPOSES"
	keepImagesVar  = "PORTAL_KEEP_IMAGES"
	keepArchiveVar = "PORTAL_KEEP_ARCHIVES"
)

// manual is every variable in the order in which the manual and the faults show them.
var manual = []Variable{
	{Name: listenVar, Need: NeedListen | NeedAddress, Default: "127.0.0.1:8080",
		Help: "Address and port on which the portal answers, in plain HTTP; put a TLS proxy before it."},
	{Name: baseURLVar, Need: NeedListen | NeedOIDC, Must: true,
		Help: "The portal's address as browsers see it: https, or http on loopback, without a path. Register <base URL>/auth/callback at the identity provider."},
	{Name: dataDirVar, Need: NeedData | NeedAudit, Must: true,
		Help: "Directory of audit.db, portal.db and the search index. One portal process at a time."},
	{Name: issuerVar, Need: NeedOIDC, Must: true,
		Help: "Issuer of the identity provider, to the letter as it writes it: https, or http on loopback."},
	{Name: clientIDVar, Need: NeedOIDC, Must: true, Help: "The portal's client id at the identity provider."},
	{Name: clientSecret, Need: NeedOIDC, Must: true, Secret: true, Help: "The secret of that client."},
	{Name: roleClaimVar, Need: NeedOIDC, Default: "groups",
		Help: "Claim with a person's groups, a string or a list; dots lead into objects (realm_access.roles)."},
	{Name: roleMapVar, Need: NeedOIDC, Must: true,
		Help: "Which group gives which role: reviewer=grp-a,auditor=grp-b,inspector=grp-c,admin=grp-d. Separate by semicolons where a group's name holds a comma."},
	{Name: idleVar, Need: NeedOIDC, Default: "15m", Help: "A session ends after this time without a request; from 1m to 15m."},
	{Name: maxVar, Need: NeedOIDC, Default: "8h", Help: "A session ends after this time whatever happens; from PORTAL_SESSION_IDLE to 8h."},
	{Name: revealACRVar, Need: NeedOIDC,
		Help: "Authentication context class (acr) that a sign-in needs before masked fields may be revealed. Unset: none."},
	{Name: revealAgeVar, Need: NeedOIDC,
		Help: "How long ago a person may have proved who they are to reveal masked fields; from 1m to 8h. Unset: as long as the session lasts."},
	{Name: maxOpensVar, Need: NeedListen, Default: "120",
		Help: "How many different processes a person may open in a minute, averaged over five; from 10 to 6000. Above it the portal answers 429."},
	{Name: assureURLVar, Need: NeedAssure, Default: "https://api.signicat.com/assure",
		Help: "Base of the Assure API: https, or http on loopback."},
	{Name: tokenURLVar, Need: NeedAssure, Default: "https://api.signicat.com/auth/open/connect/token",
		Help: "Where access tokens for Assure come from: https, or http on loopback."},
	{Name: assureIDVar, Need: NeedAssure, Must: true, Help: "The API client at Assure."},
	{Name: assureSecret, Need: NeedAssure, Must: true, Secret: true, Help: "The secret of that client."},
	{Name: eventsSecret, Need: NeedListen, Secret: true, Help: "Secret of the webhook by which Assure tells of finished processes. Unset: /events answers 404."},
	{Name: eventsHeader, Need: NeedListen, Default: "X-Signicat-Signature", Help: "Request header that carries the webhook's signature."},
	{Name: auditKeyVar, Need: NeedAudit, Must: true, Help: "File with the trail's signing key, outside PORTAL_DATA_DIR. portal audit init makes it."},
	{Name: auditAnchorVar, Need: NeedAudit, Must: true, Help: "File to which signed checkpoints are appended, outside PORTAL_DATA_DIR."},
	{Name: auditTermsVar, Need: NeedAudit, Default: "12", Help: "After how many months search terms go from the trail by themselves; from 1 to 120."},
	{Name: proxiesVar, Need: NeedListen, Help: "Comma-separated addresses or CIDR ranges of proxies whose X-Forwarded-For is believed. Unset: none."},
	{Name: metricsVar, Need: NeedListen, Help: "Address and port of the Prometheus metrics. Unset: no metrics."},
	{Name: tracesVar, Need: NeedListen, Help: "Address to which OpenTelemetry spans are sent as OTLP over HTTP (https://collector.example/v1/traces). Unset: none are made."},
	{Name: purposesVar, Need: NeedOIDC, Default: "onboarding,periodic-review,alert,customer-request,audit",
		Help: "Comma-separated working purposes, lower-case codes; the first is every new session's."},
	{Name: keepImagesVar, Need: NeedImages, Must: true,
		Help: "yes keeps images and videos with the snapshots; no leaves them at Assure, where they are deleted after a while. There is no default."},
	{Name: keepArchiveVar, Need: NeedImages, Default: "no",
		Help: "yes keeps, when a process finishes, the zip that Assure makes of it: the provider's own data and all images."},
}

// Manual lists every variable, in the order of the documentation.
func Manual() []Variable { return slices.Clone(manual) }
