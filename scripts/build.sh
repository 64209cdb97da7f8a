#!/usr/bin/env bash
# Builds the program into the file that is named, the same bytes from the same sources wherever they lie: no paths, no
# build id, and as version what git says, or $VERSION.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${VERSION:=$(git describe --tags --always --dirty 2>/dev/null || echo dev)}"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w -buildid= -X main.version=$VERSION" -o "$1" ./cmd/portal
