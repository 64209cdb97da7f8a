package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxSecret bounds a secret's file in bytes; longer ones are a wrong path.
const maxSecret = 64 << 10

// Read reads what the needs ask for. lookup is os.LookupEnv; readFile reads the …_FILE twins. An error is Faults.
func Read(needs Need, lookup func(string) (string, bool), readFile func(string) ([]byte, error)) (Config, error) {
	r := &reader{lookup: lookup, readFile: readFile, values: map[string]string{}}
	for _, v := range manual {
		if v.Need&needs != 0 {
			r.gather(v)
		}
	}
	var c Config
	for _, part := range []struct {
		need Need
		read func(*reader, *Config)
	}{
		{NeedListen | NeedAddress, readAddress}, {NeedListen, readListen}, {NeedData | NeedAudit, readData}, {NeedOIDC, readOIDC}, {NeedAssure, readAssure},
		{NeedAudit, readAudit}, {NeedImages, readImages},
	} {
		if part.need&needs != 0 {
			part.read(r, &c)
		}
	}
	if needs&(NeedListen|NeedOIDC) != 0 {
		c.BaseURL = r.baseURL(baseURLVar)
	}
	if len(r.faults) > 0 {
		return Config{}, r.faults
	}
	return c, nil
}

func readAddress(r *reader, c *Config) { c.Listen = r.address(listenVar) }

func readListen(r *reader, c *Config) {
	c.Metrics = r.address(metricsVar)
	if c.Metrics != "" && c.Metrics == c.Listen {
		r.fault(metricsVar, "is the same address as "+listenVar)
	}
	c.Traces = r.serviceURL(tracesVar)
	c.Proxies = r.prefixes(proxiesVar)
	c.MaxOpens = r.count(maxOpensVar, minOpens, maxOpens)
	c.Events = Events{Secret: r.values[eventsSecret], Header: r.header(eventsHeader)}
}

func readData(r *reader, c *Config) { c.DataDir = r.values[dataDirVar] }

func readOIDC(r *reader, c *Config) {
	c.OIDC = OIDC{Issuer: r.serviceURL(issuerVar), ClientID: r.values[clientIDVar], ClientSecret: r.values[clientSecret],
		RoleClaim: r.values[roleClaimVar]}
	c.RoleMap = r.roleMap(roleMapVar)
	c.SessionIdle = r.duration(idleVar, minIdle, maxIdle)
	c.SessionMax = r.duration(maxVar, max(c.SessionIdle, minIdle), maxSession)
	c.RevealACR = r.values[revealACRVar]
	if r.values[revealAgeVar] != "" {
		c.RevealMaxAge = r.duration(revealAgeVar, minRevealAge, maxSession)
	}
	c.Purposes = r.purposes(purposesVar)
}

func readAssure(r *reader, c *Config) {
	c.Assure = Assure{URL: strings.TrimRight(r.serviceURL(assureURLVar), "/"), TokenURL: r.serviceURL(tokenURLVar),
		ClientID: r.values[assureIDVar], ClientSecret: r.values[assureSecret]}
}

func readAudit(r *reader, c *Config) {
	dir := r.values[dataDirVar]
	c.Audit = Audit{KeyFile: r.outside(auditKeyVar, dir), Anchor: r.outside(auditAnchorVar, dir),
		TermMonths: r.count(auditTermsVar, minTermMonths, maxTermMonths)}
	if c.Audit.KeyFile != "" && resolve(c.Audit.KeyFile) == resolve(c.Audit.Anchor) {
		r.fault(auditAnchorVar, "is the same file as "+auditKeyVar)
	}
}

func readImages(r *reader, c *Config) {
	c.KeepImages, c.KeepArchives = r.yesOrNo(keepImagesVar), r.yesOrNo(keepArchiveVar)
}

// reader gathers values and faults.
type reader struct {
	lookup   func(string) (string, bool)
	readFile func(string) ([]byte, error)
	values   map[string]string
	faults   Faults
}

// fault notes what is wrong with a variable. what never holds a value: it could be a secret in the wrong place.
func (r *reader) fault(name, what string) {
	r.faults = append(r.faults, fmt.Sprintf("%s %s", name, what))
}

// env is a variable's value; empty when it is not set.
func (r *reader) env(name string) string {
	value, _ := r.lookup(name)
	return strings.TrimSpace(value)
}

// gather takes one variable, or its file twin, or its default.
func (r *reader) gather(v Variable) {
	before := len(r.faults)
	value := r.env(v.Name)
	if v.Secret {
		value = r.secret(v.Name, value)
	}
	if value == "" {
		value = v.Default
	}
	if value == "" && v.Must && len(r.faults) == before {
		r.fault(v.Name, "is not set"+twinHint(v)+". "+v.Help)
	}
	if !printable(value) {
		r.fault(v.Name, "holds a control character or is not UTF-8")
		value = ""
	}
	r.values[v.Name] = value
}

func twinHint(v Variable) string {
	if v.Secret {
		return " (nor " + v.Name + "_FILE)"
	}
	return ""
}

// secret prefers nothing: a value and a file together are a fault, because one of them is not the one that is meant.
func (r *reader) secret(name, value string) string {
	twin := name + "_FILE"
	path := r.env(twin)
	if path == "" {
		return value
	}
	if value != "" {
		r.fault(name, "and "+twin+" are both set; keep one")
		return ""
	}
	content, err := r.readFile(path)
	switch {
	case err != nil:
		r.fault(twin, "cannot be read: "+reason(err))
	case len(content) > maxSecret:
		r.fault(twin, fmt.Sprintf("names a file of more than %d bytes", maxSecret))
	case strings.TrimSpace(string(content)) == "":
		r.fault(twin, "names an empty file")
	default:
		return strings.TrimSpace(string(content))
	}
	return ""
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f })
}
