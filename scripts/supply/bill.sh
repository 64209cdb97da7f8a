#!/usr/bin/env bash
# Writes bin/portal.cdx.json, the bill of materials of bin/portal (CycloneDX): modules with their licences, the C code
# inside the SQLite driver, the vendored files of the pages.
set -euo pipefail
cd "$(dirname "$0")/../.."
./scripts/build.sh bin/portal
sqlite=$(go list -m -f '{{.Dir}}' modernc.org/sqlite)
modules=$(mktemp)
trap 'rm -f "$modules"' EXIT
CGO_ENABLED=0 go -C scripts/supply tool cyclonedx-gomod app -json -licenses -std -main cmd/portal -output "$modules" "$PWD" 2>/dev/null
go -C scripts/supply run ./sbom "$PWD/bin/portal" "$sqlite" "$PWD/web/static/vendor/MANIFEST.json" <"$modules" >bin/portal.cdx.json
echo "bin/portal.cdx.json: complete"
