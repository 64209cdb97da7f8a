#!/usr/bin/env bash
# Builds the program a second time, from a copy in another directory with a build cache of its own, and compares: whoever
# has the sources can check that a published program was made of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
VERSION=$(git describe --tags --always --dirty 2>/dev/null || echo dev)
export VERSION
./scripts/build.sh bin/portal
mkdir "$copy/sources"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' f; do [[ -e $f ]] && printf '%s\0' "$f"; done |
  xargs -0 cp --parents -t "$copy/sources"
GOCACHE="$copy/cache" "$copy/sources/scripts/build.sh" "$copy/portal"
cmp bin/portal "$copy/portal" || { echo "two builds of the same sources differ" >&2; exit 1; }
echo "two builds are the same: $(sha256sum <bin/portal | cut -c1-64)"
