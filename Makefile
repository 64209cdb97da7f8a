# make test   everything, with its own set-up: what CI runs
# make check  everything but the race detector and the browser; under a minute when warm
# make e2e    the browser journeys alone
# make bench  measurements, printed as a table
.PHONY: build generate check test e2e bench setup clean

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/portal ./cmd/portal

generate:
	go -C web/templates tool templ generate -log-level warn
	gofmt -w $$(git ls-files '*.go' | grep -v '_templ\.go$$')

setup:
	@./scripts/setup.sh

check:
	@./scripts/check.sh

test:
	@./scripts/test.sh

e2e: setup
	PORTAL_E2E=required go test -count=1 -timeout 20m -v ./e2e

bench: build
	go run ./bench -portal bin/portal
	go test -run '^$$' -bench . -benchtime 200x -timeout 10m ./...

clean:
	rm -rf bin .cache e2e/test-results e2e/playwright-report
