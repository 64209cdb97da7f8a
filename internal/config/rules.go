package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of sessions. OWASP asks for short ones where personal data is read; they can be made shorter, not longer.
const (
	minIdle    = time.Minute // a shorter one would end while a page is read
	maxIdle    = 15 * time.Minute
	maxSession = 8 * time.Hour // a working day

	minRevealAge = time.Minute // a shorter one would be over before the page is back
)

// Bounds of the opened processes a minute: below, a brisk reader would meet it; above, it would slow nobody.
const (
	minOpens = 10
	maxOpens = 6000
)

// Bounds of the months that search terms are kept: ten years are more than any duty to keep them that we know of.
const (
	minTermMonths = 1
	maxTermMonths = 120
)

// Bounds of the working purposes: they fill a list in the top bar and a column of the trail.
const maxPurposes = 50

var (
	purposePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	headerPattern  = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// roles that a group can give.
var roles = []string{"reviewer", "auditor", "inspector", "admin"}

// reason is why a file cannot be read, without its path: a secret may stand where the path should.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	return "the file system refused"
}

// address is host:port; an empty value stays empty.
func (r *reader) address(name string) string {
	value := r.values[name]
	if value == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(value)
	n, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || n == 0 || strings.ContainsAny(host, "/@ ") {
		r.fault(name, "is not an address and port, such as 127.0.0.1:8080")
	}
	return value
}

// serviceURL is https, or http on a loopback host: credentials and personal data travel there.
func (r *reader) serviceURL(name string) string {
	value := r.values[name]
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		r.fault(name, "is not an absolute https address")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		r.fault(name, "must be https; http is for loopback hosts alone")
	case u.User != nil:
		r.fault(name, "holds a user name; credentials have variables of their own")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
		r.fault(name, "holds a query or a fragment")
	default:
		return value
	}
	return ""
}

// baseURL is a serviceURL without a path; a trailing slash is dropped.
func (r *reader) baseURL(name string) string {
	value := strings.TrimSuffix(r.serviceURL(name), "/")
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Path != "" {
		r.fault(name, "holds a path; the portal needs a host of its own")
		return ""
	}
	// Browsers send the origin in lower case and without the default port, and it is compared as text.
	u.Host = strings.ToLower(u.Host)
	if port := u.Port(); port == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.String()
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (r *reader) duration(name string, least, most time.Duration) time.Duration {
	value := r.values[name]
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		r.fault(name, "is not a duration, such as 10m or 4h")
	case d < least || d > most:
		r.fault(name, fmt.Sprintf("must be from %s to %s", Duration(least), Duration(most)))
	default:
		return d
	}
	return 0
}

func (r *reader) count(name string, least, most int) int {
	n, err := strconv.Atoi(r.values[name])
	if err != nil || n < least || n > most {
		r.fault(name, fmt.Sprintf("must be a number from %d to %d", least, most))
		return 0
	}
	return n
}

// Duration writes a duration as the configuration has it: 15m, not 15m0s.
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// list splits at commas and drops empty entries.
func list(value, separator string) []string {
	var entries []string
	for entry := range strings.SplitSeq(value, separator) {
		if entry = strings.TrimSpace(entry); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}

// roleMap reads role=group entries. Everything after the first = is the group, so that directory names fit.
func (r *reader) roleMap(name string) map[string]string {
	separator := ","
	if strings.Contains(r.values[name], ";") {
		separator = ";"
	}
	groups := map[string]string{}
	for i, entry := range list(r.values[name], separator) {
		role, group, _ := strings.Cut(entry, "=")
		role, group = strings.TrimSpace(role), strings.TrimSpace(group)
		_, twice := groups[group]
		switch where := fmt.Sprintf("entry %d ", i+1); {
		case role == "" || group == "":
			r.fault(name, where+"is not role=group")
		case !slices.Contains(roles, role):
			r.fault(name, where+fmt.Sprintf("names no role; roles are %s", strings.Join(roles, ", ")))
		case twice:
			r.fault(name, where+"repeats a group; a group gives one role")
		default:
			groups[group] = role
		}
	}
	if r.values[name] != "" && len(groups) == 0 && len(list(r.values[name], separator)) == 0 {
		r.fault(name, "holds no role=group entry")
	}
	return groups
}

// prefixes reads addresses and CIDR ranges. A range of every address would let anybody choose the address in the trail.
func (r *reader) prefixes(name string) []netip.Prefix {
	var prefixes []netip.Prefix
	for i, entry := range list(r.values[name], ",") {
		prefix, err := netip.ParsePrefix(entry)
		if ip, ipErr := netip.ParseAddr(entry); ipErr == nil && ip.Zone() == "" {
			prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		switch {
		case err != nil:
			r.fault(name, fmt.Sprintf("entry %d is neither an address nor a CIDR range", i+1))
		case prefix.Bits() == 0:
			r.fault(name, fmt.Sprintf("entry %d trusts every address", i+1))
		default:
			prefixes = append(prefixes, prefix.Masked())
		}
	}
	return prefixes
}

func (r *reader) header(name string) string {
	value := r.values[name]
	if value != "" && !headerPattern.MatchString(value) {
		r.fault(name, "is not the name of a request header")
	}
	return value
}

func (r *reader) purposes(name string) []string {
	var purposes []string
	for i, entry := range list(r.values[name], ",") {
		switch {
		case !purposePattern.MatchString(entry):
			r.fault(name, fmt.Sprintf("entry %d is not a code of lower-case letters, digits and hyphens", i+1))
		case slices.Contains(purposes, entry):
			r.fault(name, fmt.Sprintf("entry %d stands there twice", i+1))
		default:
			purposes = append(purposes, entry)
		}
	}
	if n := len(list(r.values[name], ",")); n == 0 || n > maxPurposes {
		r.fault(name, fmt.Sprintf("must hold from 1 to %d purposes", maxPurposes))
	}
	return purposes
}

// outside is a file that does not lie in the data directory, symbolic links followed.
func (r *reader) outside(name, dir string) string {
	value := r.values[name]
	if value == "" || dir == "" {
		return value
	}
	inside, err := filepath.Rel(resolve(dir), resolve(value))
	if err == nil && (inside == "." || filepath.IsLocal(inside)) {
		r.fault(name, "lies in "+dataDirVar+"; it must be kept elsewhere, or whoever can change the trail can change it too")
	}
	return value
}

// resolve follows symbolic links as far as the path exists.
func resolve(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	parent := filepath.Dir(abs)
	if parent == abs {
		return abs
	}
	return filepath.Join(resolve(parent), filepath.Base(abs))
}

func (r *reader) yesOrNo(name string) bool {
	switch r.values[name] {
	case "yes":
		return true
	case "no", "":
		return false
	}
	r.fault(name, "must be yes or no")
	return false
}
