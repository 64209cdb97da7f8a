#!/usr/bin/env bash
# Looks for known holes that the program reaches, in Go's database of vulnerabilities: that of $GOVULNDB (a file: or
# https: address), else Go's own. Says how old the database is; where there is none, that nothing was looked for (exit 3).
set -euo pipefail
cd "$(dirname "$0")/../.."
db=${GOVULNDB:-https://vuln.go.dev}
case $db in
file://*) about=$(cat "${db#file://}/index/db.json") || about= ;;
*) about=$(curl -fsS -m 20 "$db/index/db.json") || about= ;;
esac
if [[ -z $about ]]; then
  echo "vuln: no database at $db, so nothing was looked for. Set GOVULNDB to a copy of one." >&2
  exit 3
fi
modified=$(sed -n 's/.*"modified" *: *"\([^"]*\)".*/\1/p' <<<"$about")
echo "vuln: the database is $((($(date +%s) - $(date -d "$modified" +%s)) / 86400)) days old ($modified)"
go -C scripts/supply build -o "$PWD/bin/govulncheck" golang.org/x/vuln/cmd/govulncheck
bin/govulncheck -db "$db" ./...
