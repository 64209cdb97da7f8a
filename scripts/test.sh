#!/usr/bin/env bash
# make test: set-up, static checks, all tests with the race detector, the browser journeys. Nothing may be skipped
# silently: a journey that could not run fails the whole.
source "$(dirname "$0")/steps.sh"

# The race detector needs cgo. The reading of evidence has neither goroutines nor state, and its tests read tens of thousands
# of bodies: the detector would make them five times as slow and could find nothing.
race_tests() {
  local packages
  packages=$(go list ./... | grep -v -e '/e2e$' -e '/internal/evidence$') || return
  # shellcheck disable=SC2086
  CGO_ENABLED=1 go test -json -race -timeout 40m $packages | go run ./scripts/testsum
}

reading_tests() { go test -json -timeout 40m ./internal/evidence | go run ./scripts/testsum; }

journeys() { PORTAL_E2E=required go test -json -count=1 -timeout 40m ./e2e | go run ./scripts/testsum -no-skips; }

if step "set-up" ./scripts/setup.sh; then
  static_steps
  step "two builds are the same" ./scripts/supply/same.sh
  step "the bill of materials is whole" ./scripts/supply/bill.sh
  step "tests with the race detector, architecture included" race_tests
  step "tests of the reading of evidence" reading_tests
  step "browser journeys" journeys
else
  skipped "everything else" "the set-up failed"
fi
finish "make test"
