# make demo         three made-up people to sign in as, and nothing left of it afterwards
# make run          the server on localhost:5000, with its data in ./data
# make run-classic  the founding API on port 5000, with its sample users, in ./data/classic
# make test         everything, on a fresh machine too
# make chaos        three nodes and their store, broken in 210 ways, for half an hour
# make bench        what it costs, side by side with a bare handler
# make proof        the promises of the leased cache, in every state that there is
# make lint         formatting and static checks

GO       ?= go
# The race detector looks at our code. Not at what shares nothing and takes four times as long with it, argon2, nor at
# SQLite, which is C that was translated.
RACE      = -race '-gcflags=golang.org/x/crypto/argon2=-race=false' '-gcflags=modernc.org/...=-race=false'
TOOL      = $(GO) tool -modfile=tools/go.mod
FUZZTIME ?= 4s
JOSETIME ?= 30s
CHAOSROUNDS ?= 70
BINARY   ?= bin/handstamp

AXE       = tools/axe/node_modules/.package-lock.json

.PHONY: demo run run-classic build test check fuzz chaos bench proof lint deps

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $(BINARY) ./cmd/handstamp

demo: build
	@exec bin/handstamp demo

run: build
	@exec bin/handstamp serve

# In a folder of its own: everybody knows the passwords of the sample users.
run-classic: export HANDSTAMP_DATA ?= data/classic
run-classic: export AUTH_TYPE ?= session_auth
run-classic: build
	@bin/handstamp import flask testdata/founding/users.json
	@exec bin/handstamp classic

test: deps lint check fuzz
	cd bench && $(GO) vet ./... && $(GO) run . -quick

# What the tests need of the operating system: tools/packages says why. Some have an npm, or a Valkey in place of Redis, that is not Debian's.
# Chromium takes the pictures in docs/images, too: go test ./internal/blackbox/pages -run TestImages -update
deps:
	@./tools/install-packages $$(sed 's/#.*//' tools/packages) $$(command -v npm >/dev/null || echo npm) \
		$$(command -v valkey-server >/dev/null || echo redis-server)
	@$(MAKE) -s $(AXE)

# npm writes this file when all is installed. It checks what it gets against the sums in package-lock.json.
$(AXE): tools/axe/package-lock.json
	npm ci --prefix tools/axe --ignore-scripts --no-audit --no-fund

# Never from the cache: what the tests of the binary and of the README depend on, go cannot see. Those that take longest
# begin first.
check:
	$(GO) test $(RACE) -count=1 -timeout 20m ./internal/blackbox/... ./...
	$(GO) test $(RACE) -count=1 -tags otlp -run Trace ./cmd/handstamp ./internal/blackbox/badday

# Every fuzz target of every package, two at a time, each for FUZZTIME; those of tokens for JOSETIME.
fuzz:
	@GO=$(GO) tools/fuzz $(FUZZTIME) $(JOSETIME) ./token

# Each of three tests, PostgreSQL with either kind of revocation and Redis, goes through CHAOSROUNDS rounds of faults, one test after the
# other so that the times it prints are those of one cluster. Everything is built anew for it, as clocks are set, too.
chaos: deps
	$(GO) test -count=1 -timeout 90m -v -parallel 1 ./internal/blackbox/chaos -chaos.clocks -chaos.rounds $(CHAOSROUNDS)

bench:
	cd bench && $(GO) run .

proof: deps
	$(GO) test -count=1 -v ./docs/proof

lint:
	@unformatted=$$($(TOOL) gofumpt -l .); if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) vet -tags otlp ./cmd/handstamp ./internal/blackbox/badday
	$(TOOL) staticcheck ./...
