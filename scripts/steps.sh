# Sourced by check.sh and test.sh: runs steps one after the other, goes on after a failure, and sums up at the end.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lines=() failures=0

# step NAME COMMAND…: runs the command; its output is shown as it comes.
step() {
  local name=$1 begin=$SECONDS code=0
  shift
  printf '\n== %s\n' "$name"
  "$@" || code=$?
  if ((code)); then
    ((failures++))
    lines+=("$(printf 'FAIL %4d s  %s' $((SECONDS - begin)) "$name")")
    return 1
  fi
  lines+=("$(printf 'ok   %4d s  %s' $((SECONDS - begin)) "$name")")
}

# skipped NAME WHY: a step that had no chance to run counts as failed.
skipped() {
  ((failures++))
  lines+=("$(printf 'FAIL    - s  %s: not run, %s' "$1" "$2")")
}

# finish NAME: the table of steps, and the exit code. The last line counts steps.
finish() {
  printf '\n== %s: summary (%d s)\n' "$1" "$SECONDS"
  printf '%s\n' "${lines[@]}"
  if ((failures)); then
    echo "$1: FAILED"
  else
    echo "$1: everything passed"
  fi
  echo "$((${#lines[@]} - failures)) passed, $failures failed"
  exit $((failures > 0))
}

go_sources() { git ls-files --cached --others --exclude-standard '*.go'; }

formatted() {
  local bad
  bad=$(go_sources | while read -r f; do [[ -e $f ]] && echo "$f"; done | grep -v '_templ\.go$' | xargs -r gofmt -l)
  [[ -z $bad ]] || { printf 'gofmt would change:\n%s\n' "$bad"; return 1; }
}

fixed() {
  local bad
  bad=$(go fix -diff ./... 2>&1) && [[ -z $bad ]] || { printf '%s\n' "$bad"; return 1; }
}

# The checks that need neither tests nor browser.
static_steps() {
  step "gofmt" formatted
  step "generated templates are fresh" go -C web/templates tool templ generate -check -log-level error
  step "go vet" go vet ./...
  step "staticcheck" go tool staticcheck ./...
  step "go fix" fixed
  step "go.mod is tidy" go mod tidy -diff
  step "modules are as downloaded" go mod verify
}
