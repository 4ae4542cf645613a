# make demo         three made-up people to sign in as, and nothing left of it afterwards
# make run          the server on localhost:5000, with its data in ./data
# make run-classic  the founding API on port 5000, with its sample users, in ./data/classic
# make test         everything, on a fresh machine too
# make bench        what it costs, side by side with a bare handler
# make lint         formatting and static checks

GO       ?= go
TOOL      = $(GO) tool -modfile=tools/go.mod
FUZZTIME ?= 4s
JOSETIME ?= 30s
BINARY   ?= bin/handstamp

AXE       = tools/axe/node_modules/.package-lock.json

.PHONY: demo run run-classic build test check fuzz bench lint deps

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

# The race detector needs a C compiler, the commands of the README and of docs need curl and jq, the proxies in docs
# and in deploy themselves, the unit file its systemd, and package password is compared with what others make of passwords.
# php-fpm is for examples/php-front.
# The example in Python verifies tokens with Debian's PyJWT.
# The pages are looked at in Chromium, with fonts, and by axe-core, which comes with npm; some have an npm that is not
# Debian's.
# Chromium takes the pictures in docs/images, too: go test ./internal/blackbox/pages -run TestImages -update
deps:
	@./tools/install-packages gcc libc6-dev curl git jq nginx haproxy caddy apache2 lua-socket systemd \
		chromium fonts-dejavu-core fonts-liberation $$(command -v npm >/dev/null || echo npm) \
		python3-jwt python3-cryptography python3-passlib python3-bcrypt python3-argon2 python3-django python3-werkzeug php-cli php-fpm apache2-utils
	@$(MAKE) -s $(AXE)

# npm writes this file when all is installed. It checks what it gets against the sums in package-lock.json.
$(AXE): tools/axe/package-lock.json
	npm ci --prefix tools/axe --ignore-scripts --no-audit --no-fund

# Never from the cache: what the tests of the binary and of the README depend on, go cannot see. Those that take longest
# begin first.
check:
	$(GO) test -race -count=1 -timeout 20m ./internal/blackbox/... ./...
	$(GO) test -race -count=1 -tags otlp -run Trace ./cmd/handstamp ./internal/blackbox/badday

# Every fuzz target of every package, two at a time, each for FUZZTIME; those of tokens for JOSETIME.
fuzz:
	@GO=$(GO) tools/fuzz $(FUZZTIME) $(JOSETIME) ./token

bench:
	cd bench && $(GO) run .

lint:
	@unformatted=$$($(TOOL) gofumpt -l .); if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) vet -tags otlp ./cmd/handstamp ./internal/blackbox/badday
	$(TOOL) staticcheck ./...
