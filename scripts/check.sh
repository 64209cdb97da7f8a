#!/usr/bin/env bash
# make check: everything that needs no browser and no race detector; under a minute when warm.
source "$(dirname "$0")/steps.sh"

go_tests() { go test -json -short ./... | go run ./scripts/testsum; }

static_steps
step "tests" go_tests
finish "make check"
