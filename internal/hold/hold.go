//go:build hold

// Package hold keeps modules required while the packages that use them are written.
package hold

import (
	_ "github.com/RoaringBitmap/roaring/v2"
	_ "github.com/a-h/templ"
	_ "github.com/alecthomas/kong"
	_ "github.com/andybalholm/cascadia"
	_ "github.com/coreos/go-oidc/v3/oidc"
	_ "github.com/go-json-experiment/json/jsontext"
	_ "github.com/labstack/echo/v4"
	_ "github.com/pressly/goose/v3"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/transparency-dev/merkle/proof"
	_ "go.uber.org/goleak"
	_ "golang.org/x/mod/sumdb/note"
	_ "golang.org/x/mod/sumdb/tlog"
	_ "golang.org/x/net/html"
	_ "golang.org/x/text/unicode/norm"
	_ "golang.org/x/time/rate"
	_ "modernc.org/sqlite"
	_ "pgregory.net/rapid"
)
