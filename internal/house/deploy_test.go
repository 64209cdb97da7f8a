package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestHowThePortalIsDeployedNamesWhatThereIs(t *testing.T) {
	readme := read(t, "README.md")
	variable := regexp.MustCompile(`PORTAL_[A-Z_]+`)
	for _, file := range []string{"deploy/Dockerfile", "deploy/portal.service"} {
		for _, name := range variable.FindAllString(read(t, file), -1) {
			if !strings.Contains(readme, "| `"+name+"`") {
				t.Errorf("%s sets %s, which README does not list", file, name)
			}
		}
	}
	version := regexp.MustCompile(`(?m)^FROM golang:(\d+\.\d+)`).FindStringSubmatch(read(t, "deploy/Dockerfile"))
	if version == nil || !strings.Contains(read(t, "go.mod"), "\ngo "+version[1]+".") {
		t.Errorf("the image is built with Go %v, go.mod names another", version)
	}
}

func TestTheServiceHasNoRights(t *testing.T) {
	unit := strings.Split(read(t, "deploy/portal.service"), "\n")
	for _, line := range []string{"User=portal", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "UMask=0077", "LimitCORE=0"} {
		found := false
		for _, l := range unit {
			found = found || l == line
		}
		if !found {
			t.Errorf("the service lacks %s", line)
		}
	}
	image := read(t, "deploy/Dockerfile")
	if last := image[strings.LastIndex(image, "\nFROM "):]; !strings.Contains(last, "FROM scratch") || !strings.Contains(last, "\nUSER 65532:65532") {
		t.Errorf("the image holds more than the program, or runs it as somebody with rights: %s", last)
	}
}

func TestSystemdReadsTheService(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed: the service was not read by it")
	}
	unit := filepath.Join(t.TempDir(), "portal.service") // with a program that is there: systemd looks for it
	if err := os.WriteFile(unit, []byte(strings.Replace(read(t, "deploy/portal.service"), "/usr/local/bin/portal", "/bin/true", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", "--man=no", unit}, {"security", "--offline=true", "--threshold=20", unit}} {
		if said, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput(); err != nil || args[0] == "verify" && len(said) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, said)
		}
	}
}

// No test can time a comparison. This one reads that the signature of an event is compared in constant time.
func TestTheSignatureOfAnEventIsComparedInConstantTime(t *testing.T) {
	source, call := read(t, "internal/handlers/events.go"), "return hmac.Equal(claimed, mac.Sum(nil))"
	if strings.Count(source, "hmac.New(") != strings.Count(source, call) {
		t.Errorf("a MAC of an event is not compared by %q", call)
	}
}
