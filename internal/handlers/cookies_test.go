package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestN05_EveryCookieBelongsToThisHostAndTransportAlone(t *testing.T) {
	for base, secure := range map[string]bool{"https://portal.example": true, "https://127.0.0.1:8443": true, "http://127.0.0.1:8080": false, "http://localhost:8080": false} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		s := &Server{cookies: cookiesFor(u)}
		names := map[string]bool{}
		for _, name := range []string{s.cookies.session, s.cookies.login, s.cookies.columns} {
			names[name] = true
			c := s.cookie(name, "value", 60, http.SameSiteStrictMode)
			if c.Secure != secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteStrictMode || c.MaxAge != 60 {
				t.Errorf("%s: %v", base, c)
			}
			if strings.HasPrefix(name, "__Host-") != secure || c.Valid() != nil {
				t.Errorf("%s: the name %s, %v", base, name, c.Valid())
			}
		}
		if len(names) != 3 {
			t.Errorf("%s: names %v", base, names)
		}
	}
}
