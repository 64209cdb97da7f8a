# make test   everything, with its own set-up: what CI runs
# make check  everything but the race detector and the browser; under a minute when warm
# make e2e    the browser journeys alone
# make bench  measurements, printed as a table; make bench-search among a million processes
# make sbom   the bill of materials of bin/portal
# make vuln   known holes that the program reaches, where a database of them can be had
.PHONY: build generate check test e2e bench bench-search sbom vuln setup clean

build:
	@./scripts/build.sh bin/portal

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
	PORTAL_E2E=required go test -count=1 -timeout 40m -v ./e2e

# Lines with a limit or a least have their ratio beside it. RECORDS is how many records of the trail the long ones take.
RECORDS ?= 100000

bench: build
	go run ./bench -portal bin/portal
	PORTAL_BENCH_RECORDS=$(RECORDS) go test -run '^$$' -bench . -benchtime 200x -timeout 1h -p 1 ./...

sbom:
	@./scripts/supply/bill.sh

vuln:
	@./scripts/supply/vuln.sh

# How many made-up processes are searched. They are made once, in .cache/bench-search.
SIZE ?= 1000000

bench-search:
	PORTAL_BENCH_SIZE=$(SIZE) PORTAL_BENCH_DIR=$(CURDIR)/.cache/bench-search go test -run '^TestSearchAmongMany$$' -count=1 -v -timeout 4h ./internal/store

torture:
	@./scripts/torture.sh

clean:
	rm -rf bin .cache e2e/test-results e2e/playwright-report
