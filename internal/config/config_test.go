package config

import (
	"errors"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const everything = NeedData | NeedListen | NeedOIDC | NeedAssure | NeedAudit | NeedImages

// least is the smallest environment with which portal serve starts.
func least() map[string]string {
	return map[string]string{
		"PORTAL_BASE_URL": "https://portal.example", "PORTAL_DATA_DIR": "/var/lib/portal",
		"PORTAL_OIDC_ISSUER": "https://id.example/realms/staff", "PORTAL_OIDC_CLIENT_ID": "portal", "PORTAL_OIDC_CLIENT_SECRET": "oidc-canary",
		"PORTAL_ROLE_MAP": "reviewer=grp-a,auditor=grp-b", "PORTAL_ASSURE_CLIENT_ID": "api", "PORTAL_ASSURE_CLIENT_SECRET": "assure-canary",
		"PORTAL_AUDIT_KEY_FILE": "/etc/portal/key", "PORTAL_AUDIT_ANCHOR": "/mnt/anchor/checkpoints", "PORTAL_KEEP_IMAGES": "no",
	}
}

func read(needs Need, env, files map[string]string) (Config, error) {
	return Read(needs,
		func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		func(path string) ([]byte, error) {
			if content, ok := files[path]; ok {
				return []byte(content), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		})
}

func TestTheLeastEnvironmentGivesTheDefaultsOfTheContract(t *testing.T) {
	got, err := read(everything, least(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Listen: "127.0.0.1:8080", BaseURL: "https://portal.example", DataDir: "/var/lib/portal",
		OIDC:        OIDC{Issuer: "https://id.example/realms/staff", ClientID: "portal", ClientSecret: "oidc-canary", RoleClaim: "groups"},
		RoleMap:     map[string]string{"grp-a": "reviewer", "grp-b": "auditor"},
		SessionIdle: 15 * time.Minute, SessionMax: 8 * time.Hour, MaxOpens: 120,
		Assure: Assure{URL: "https://api.signicat.com/assure", TokenURL: "https://api.signicat.com/auth/open/connect/token",
			ClientID: "api", ClientSecret: "assure-canary"},
		Events:   Events{Header: "X-Signicat-Signature"},
		Audit:    Audit{KeyFile: "/etc/portal/key", Anchor: "/mnt/anchor/checkpoints", TermMonths: 12},
		Purposes: []string{"onboarding", "periodic-review", "alert", "customer-request", "audit"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestValuesAreRead(t *testing.T) {
	for name, tc := range map[string]struct {
		env   map[string]string
		files map[string]string
		check func(Config) any
		want  any
	}{
		"the base URL loses its slash, default port and capitals": {
			env: map[string]string{"PORTAL_BASE_URL": "https://Portal.Example:443/"}, check: func(c Config) any { return c.BaseURL }, want: "https://portal.example"},
		"the base URL keeps another port": {
			env: map[string]string{"PORTAL_BASE_URL": "https://portal.example:8443"}, check: func(c Config) any { return c.BaseURL }, want: "https://portal.example:8443"},
		"http is good enough on loopback": {
			env: map[string]string{"PORTAL_BASE_URL": "http://127.0.0.1:8080"}, check: func(c Config) any { return c.BaseURL }, want: "http://127.0.0.1:8080"},
		"http is good enough on IPv6 loopback": {
			env: map[string]string{"PORTAL_BASE_URL": "http://[::1]:8080"}, check: func(c Config) any { return c.BaseURL }, want: "http://[::1]:8080"},
		"the issuer keeps its slash, because it is compared to the letter": {
			env: map[string]string{"PORTAL_OIDC_ISSUER": "https://id.example/"}, check: func(c Config) any { return c.OIDC.Issuer }, want: "https://id.example/"},
		"a secret comes from its file without the line end": {
			env:   map[string]string{"PORTAL_OIDC_CLIENT_SECRET": "", "PORTAL_OIDC_CLIENT_SECRET_FILE": "/run/secret"},
			files: map[string]string{"/run/secret": "from file\n"}, check: func(c Config) any { return c.OIDC.ClientSecret }, want: "from file"},
		"the events secret comes from its file": {
			env:   map[string]string{"PORTAL_EVENTS_SECRET_FILE": "/run/secret"},
			files: map[string]string{"/run/secret": "hook"}, check: func(c Config) any { return c.Events }, want: Events{Secret: "hook", Header: "X-Signicat-Signature"}},
		"the Assure secret comes from its file": {
			env:   map[string]string{"PORTAL_ASSURE_CLIENT_SECRET": "", "PORTAL_ASSURE_CLIENT_SECRET_FILE": "/run/secret"},
			files: map[string]string{"/run/secret": "up"}, check: func(c Config) any { return c.Assure.ClientSecret }, want: "up"},
		"groups with commas stand between semicolons": {
			env:   map[string]string{"PORTAL_ROLE_MAP": "reviewer=cn=kyc,ou=staff; admin=cn=it,ou=staff"},
			check: func(c Config) any { return c.RoleMap }, want: map[string]string{"cn=kyc,ou=staff": "reviewer", "cn=it,ou=staff": "admin"}},
		"several groups may give one role": {
			env:   map[string]string{"PORTAL_ROLE_MAP": "reviewer=a, reviewer=b"},
			check: func(c Config) any { return c.RoleMap }, want: map[string]string{"a": "reviewer", "b": "reviewer"}},
		"sessions can be made shorter": {
			env:   map[string]string{"PORTAL_SESSION_IDLE": "1m", "PORTAL_SESSION_MAX": "1m"},
			check: func(c Config) any { return []time.Duration{c.SessionIdle, c.SessionMax} }, want: []time.Duration{time.Minute, time.Minute}},
		"revealing may ask for a fresh sign-in": {
			env: map[string]string{"PORTAL_REVEAL_MAX_AGE": "10m"}, check: func(c Config) any { return c.RevealMaxAge }, want: 10 * time.Minute},
		"fewer opened processes a minute": {
			env: map[string]string{"PORTAL_MAX_OPENS_PER_MINUTE": "10"}, check: func(c Config) any { return c.MaxOpens }, want: 10},
		"search terms may go sooner": {
			env: map[string]string{"PORTAL_AUDIT_TERM_MONTHS": "1"}, check: func(c Config) any { return c.Audit.TermMonths }, want: 1},
		"proxies are addresses or ranges": {
			env:   map[string]string{"PORTAL_TRUSTED_PROXIES": "10.1.2.3/8, 192.0.2.7,2001:db8::/32"},
			check: func(c Config) any { return c.Proxies }, want: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32")}},
		"purposes keep their order": {
			env: map[string]string{"PORTAL_PURPOSES": "alert, onboarding"}, check: func(c Config) any { return c.Purposes }, want: []string{"alert", "onboarding"}},
		"images are kept on demand": {
			env: map[string]string{"PORTAL_KEEP_IMAGES": "yes"}, check: func(c Config) any { return c.KeepImages }, want: true},
		"spans go to a collector on the same machine": {
			env: map[string]string{"PORTAL_TRACES_URL": "http://127.0.0.1:4318/v1/traces"}, check: func(c Config) any { return c.Traces }, want: "http://127.0.0.1:4318/v1/traces"},
		"archives are kept on request alone": {
			env: map[string]string{"PORTAL_KEEP_ARCHIVES": "yes"}, check: func(c Config) any { return c.KeepArchives }, want: true},
		"an empty variable is one that is not set": {
			env: map[string]string{"PORTAL_SESSION_IDLE": "", "PORTAL_LISTEN": " "}, check: func(c Config) any { return c.Listen }, want: "127.0.0.1:8080"},
		"listening everywhere": {
			env: map[string]string{"PORTAL_LISTEN": ":8080", "PORTAL_METRICS_LISTEN": "127.0.0.1:9100"}, check: func(c Config) any { return []string{c.Listen, c.Metrics} }, want: []string{":8080", "127.0.0.1:9100"}},
		"the Assure address loses its slash": {
			env: map[string]string{"PORTAL_ASSURE_URL": "http://localhost:9090/assure/"}, check: func(c Config) any { return c.Assure.URL }, want: "http://localhost:9090/assure"},
	} {
		t.Run(name, func(t *testing.T) {
			env := least()
			maps.Copy(env, tc.env)
			c, err := read(everything, env, tc.files)
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.check(c); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestEachFaultNamesItsVariable(t *testing.T) {
	for name, tc := range map[string]struct {
		variable, value string
		says            string
	}{
		"a base URL over plain http":           {"PORTAL_BASE_URL", "http://portal.example", "must be https"},
		"a base URL with a path":               {"PORTAL_BASE_URL", "https://portal.example/kyc", "path"},
		"a base URL without a host":            {"PORTAL_BASE_URL", "portal.example", "absolute"},
		"a base URL with a user":               {"PORTAL_BASE_URL", "https://me:pass@portal.example", "credentials"},
		"a loopback name that is not loopback": {"PORTAL_BASE_URL", "http://127.0.0.1.example", "must be https"},
		"an issuer with a query":               {"PORTAL_OIDC_ISSUER", "https://id.example/?tenant=1", "query"},
		"an issuer with a fragment":            {"PORTAL_OIDC_ISSUER", "https://id.example/#", "fragment"},
		"an issuer over plain http":            {"PORTAL_OIDC_ISSUER", "http://id.example", "must be https"},
		"a token URL of another scheme":        {"PORTAL_ASSURE_TOKEN_URL", "file:///etc/passwd", "absolute"},
		"a listener without a port":            {"PORTAL_LISTEN", "127.0.0.1", "address and port"},
		"a listener with a large port":         {"PORTAL_LISTEN", "127.0.0.1:80800", "address and port"},
		"metrics on the portal's own address":  {"PORTAL_METRICS_LISTEN", "127.0.0.1:8080", "same address"},
		"an unknown role":                      {"PORTAL_ROLE_MAP", "owner=grp-a", "names no role"},
		"a role in capitals":                   {"PORTAL_ROLE_MAP", "Reviewer=grp-a", "names no role"},
		"a role without a group":               {"PORTAL_ROLE_MAP", "reviewer=", "not role=group"},
		"a group without a role":               {"PORTAL_ROLE_MAP", "grp-a", "not role=group"},
		"a group twice":                        {"PORTAL_ROLE_MAP", "reviewer=g,admin=g", "repeats a group"},
		"a role map of commas":                 {"PORTAL_ROLE_MAP", ",,", "no role=group entry"},
		"an idle time over 15 minutes":         {"PORTAL_SESSION_IDLE", "16m", "from 1m to 15m"},
		"an idle time of seconds":              {"PORTAL_SESSION_IDLE", "59s", "from 1m to 15m"},
		"an idle time without a unit":          {"PORTAL_SESSION_IDLE", "15", "not a duration"},
		"a session longer than a day's work":   {"PORTAL_SESSION_MAX", "8h1s", "to 8h"},
		"a session shorter than its idle time": {"PORTAL_SESSION_MAX", "10m", "from 15m"},
		"a fresh sign-in of seconds":           {"PORTAL_REVEAL_MAX_AGE", "30s", "from 1m to 8h"},
		"a fresh sign-in of a day":             {"PORTAL_REVEAL_MAX_AGE", "24h", "from 1m to 8h"},
		"no opened processes at all":           {"PORTAL_MAX_OPENS_PER_MINUTE", "0", "from 10 to 6000"},
		"terms that are never kept":            {"PORTAL_AUDIT_TERM_MONTHS", "0", "from 1 to 120"},
		"opened processes without a bound":     {"PORTAL_MAX_OPENS_PER_MINUTE", "unlimited", "from 10 to 6000"},
		"a key inside the data directory":      {"PORTAL_AUDIT_KEY_FILE", "/var/lib/portal/key", "lies in PORTAL_DATA_DIR"},
		"an anchor inside by a detour":         {"PORTAL_AUDIT_ANCHOR", "/etc/../var/lib/portal/x/anchor", "lies in PORTAL_DATA_DIR"},
		"an anchor that is the key":            {"PORTAL_AUDIT_ANCHOR", "/etc/portal/key", "same file"},
		"a proxy range of everybody":           {"PORTAL_TRUSTED_PROXIES", "0.0.0.0/0", "every address"},
		"a proxy by name":                      {"PORTAL_TRUSTED_PROXIES", "proxy.example", "neither an address"},
		"a header that is none":                {"PORTAL_EVENTS_HEADER", "X Signature", "request header"},
		"a purpose with a space":               {"PORTAL_PURPOSES", "alert,my case", "entry 2"},
		"a purpose twice":                      {"PORTAL_PURPOSES", "alert,alert", "twice"},
		"no purpose at all":                    {"PORTAL_PURPOSES", ",", "from 1 to 50"},
		"no choice about images":               {"PORTAL_KEEP_IMAGES", "", "is not set"},
		"an unclear choice about images":       {"PORTAL_KEEP_IMAGES", "true", "yes or no"},
		"spans over plain HTTP elsewhere":      {"PORTAL_TRACES_URL", "http://collector.example/v1/traces", "https"},
		"an unclear choice about archives":     {"PORTAL_KEEP_ARCHIVES", "1", "yes or no"},
		"no client secret":                     {"PORTAL_OIDC_CLIENT_SECRET", "", "nor PORTAL_OIDC_CLIENT_SECRET_FILE"},
		"a secret and a file":                  {"PORTAL_ASSURE_CLIENT_SECRET_FILE", "/run/secret", "is not"},
		"a line break in a value":              {"PORTAL_OIDC_CLIENT_ID", "por\ntal", "control character"},
	} {
		t.Run(name, func(t *testing.T) {
			env := least()
			env[tc.variable] = tc.value
			if name == "a secret and a file" {
				tc.variable, tc.says = "PORTAL_ASSURE_CLIENT_SECRET", "both set"
			}
			_, err := read(everything, env, map[string]string{"/run/secret": "file-canary"})
			faults, ok := errors.AsType[Faults](err)
			if !ok || len(faults) != 1 {
				t.Fatalf("want one fault, got %v", err)
			}
			if !strings.HasPrefix(faults[0], tc.variable+" ") || !strings.Contains(faults[0], tc.says) {
				t.Errorf("%q does not begin with %s and say %q", faults[0], tc.variable, tc.says)
			}
		})
	}
}

func TestAllFaultsAreReportedAtOnceAndNoSecretIsPrinted(t *testing.T) {
	env := map[string]string{
		"PORTAL_OIDC_CLIENT_SECRET": "canary-one", "PORTAL_OIDC_CLIENT_SECRET_FILE": "/canary-two",
		"PORTAL_ASSURE_CLIENT_SECRET_FILE": "/canary-three", "PORTAL_EVENTS_SECRET": "canary\x00four",
		"PORTAL_BASE_URL": "http://canary-five.example", "PORTAL_KEEP_IMAGES": "canary-six", "PORTAL_ROLE_MAP": "canary-seven=g",
	}
	_, err := read(everything, env, nil)
	faults, _ := errors.AsType[Faults](err)
	for _, name := range []string{"PORTAL_BASE_URL", "PORTAL_DATA_DIR", "PORTAL_OIDC_ISSUER", "PORTAL_OIDC_CLIENT_ID", "PORTAL_OIDC_CLIENT_SECRET",
		"PORTAL_ROLE_MAP", "PORTAL_ASSURE_CLIENT_ID", "PORTAL_ASSURE_CLIENT_SECRET_FILE", "PORTAL_EVENTS_SECRET", "PORTAL_AUDIT_KEY_FILE",
		"PORTAL_AUDIT_ANCHOR", "PORTAL_KEEP_IMAGES"} {
		if n := strings.Count("\n  "+strings.Join(faults, "\n  "), "\n  "+name+" "); n != 1 {
			t.Errorf("%s is named by %d faults, want 1", name, n)
		}
	}
	if len(faults) != 12 {
		t.Errorf("%d faults, want 12:\n%v", len(faults), err)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a value is printed:\n%v", err)
	}
}

func TestACommandChecksOnlyWhatItUses(t *testing.T) {
	for name, tc := range map[string]struct {
		needs Need
		env   []string
	}{
		"nothing":                  {0, nil},
		"the data directory":       {NeedData, []string{"PORTAL_DATA_DIR"}},
		"Assure":                   {NeedAssure, []string{"PORTAL_ASSURE_CLIENT_ID", "PORTAL_ASSURE_CLIENT_SECRET"}},
		"the trail":                {NeedAudit, []string{"PORTAL_DATA_DIR", "PORTAL_AUDIT_KEY_FILE", "PORTAL_AUDIT_ANCHOR"}},
		"listening":                {NeedListen, []string{"PORTAL_BASE_URL"}},
		"images":                   {NeedImages, []string{"PORTAL_KEEP_IMAGES"}},
		"data directory and trail": {NeedData | NeedAudit, []string{"PORTAL_DATA_DIR", "PORTAL_AUDIT_KEY_FILE", "PORTAL_AUDIT_ANCHOR"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := read(tc.needs, pick(least(), tc.env), nil); err != nil {
				t.Error(err)
			}
			for i, missing := range tc.env {
				env := pick(least(), slices.Delete(slices.Clone(tc.env), i, i+1))
				if _, err := read(tc.needs, env, nil); err == nil || !strings.Contains(err.Error(), missing) {
					t.Errorf("without %s: %v", missing, err)
				}
			}
		})
	}
}

func pick(env map[string]string, names []string) map[string]string {
	picked := map[string]string{}
	for _, name := range names {
		picked[name] = env[name]
	}
	return picked
}

func TestASymbolicLinkDoesNotHideTheKeyInTheDataDirectory(t *testing.T) {
	root := t.TempDir()
	data := filepath.Join(root, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Symlink(data, filepath.Join(root, "elsewhere"))); err != nil {
		t.Fatal(err)
	}
	env := least()
	env["PORTAL_DATA_DIR"], env["PORTAL_AUDIT_KEY_FILE"] = data, filepath.Join(root, "elsewhere", "new", "key")
	_, err := read(everything, env, nil)
	if err == nil || !strings.Contains(err.Error(), "PORTAL_AUDIT_KEY_FILE lies in PORTAL_DATA_DIR") {
		t.Errorf("got %v", err)
	}
}

func TestTheManualAndTheFieldCommentsTellTheSame(t *testing.T) {
	source, err := os.ReadFile("config.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Manual() {
		at := strings.Index(string(source), "// "+v.Name)
		if at < 0 {
			t.Errorf("%s has no field comment", v.Name)
			continue
		}
		comment, _, _ := strings.Cut(string(source)[at:], "\n\n")
		if v.Default != "" && !strings.Contains(comment, v.Default) {
			t.Errorf("the comment of %s does not tell the default %s", v.Name, v.Default)
		}
		if v.Must != strings.Contains(comment, "Required") {
			t.Errorf("the comment of %s and the manual differ in whether it is required", v.Name)
		}
		if v.Secret != strings.Contains(comment, v.Name+"_FILE") {
			t.Errorf("the comment of %s and the manual differ in whether it is a secret", v.Name)
		}
		if v.Help == "" || !strings.HasSuffix(v.Help, ".") {
			t.Errorf("%s is not explained in a sentence", v.Name)
		}
	}
	if n := len(Manual()); n != 28 {
		t.Errorf("the manual has %d variables, want the contract's 23 and five: two of revealing and bulk reading, one of how long search terms are kept, one of archives, one of traces", n)
	}
}
