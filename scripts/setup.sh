#!/usr/bin/env bash
# Installs what the tests need beside Go and make: a C compiler (race detector), Chromium, npm, sqlite3 (a second reader
# of data files), and, through npm, Playwright and Node 22. Does nothing, quickly, where all of it is there.
# With --no-browser: the C compiler and sqlite3 alone.
set -euo pipefail
cd "$(dirname "$0")/.."

want=(gcc:gcc sqlite3:sqlite3)
[[ ${1-} == --no-browser ]] || want+=(chromium:chromium npm:npm)

packages=()
for pair in "${want[@]}"; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair##*:}")
done
# gcc without its C library's headers cannot link; Debian's gcc only recommends them.
[[ -e /usr/include/stdlib.h ]] || packages+=(libc6-dev)

install() { apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }

if ((${#packages[@]})); then
  if ! command -v apt-get >/dev/null; then
    echo "setup: missing: ${packages[*]} (Debian's names). Install them and run this again." >&2
    exit 1
  fi
  if ((EUID != 0)); then
    echo "setup: missing: ${packages[*]}. Run this and try again:" >&2
    echo "  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${packages[*]}'" >&2
    exit 1
  fi
  echo "setup: installing ${packages[*]}"
  install update -qq
  DEBIAN_FRONTEND=noninteractive install install -y -qq --no-install-recommends "${packages[@]}"
fi
[[ ${1-} == --no-browser ]] && exit 0

# node_modules is good when it was made from this very lock file.
stamp=e2e/node_modules/.installed-from
if ! cmp -s e2e/package-lock.json "$stamp"; then
  echo "setup: installing Playwright and Node 22 from npm"
  (cd e2e && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-progress --loglevel=error)
  cp e2e/package-lock.json "$stamp"
fi
