# Everything a developer or a pipeline calls. Nothing but Go is needed, except: a C
# compiler for the race detector (make test says so and goes on without), PostgreSQL,
# nginx, HAProxy, promtool, iptables, iproute2 and strace for some tests and the faults of
# make chaos (make test as root gets Debian's, or says so and goes on without), bash for
# make run and what measures, curl for make scale and elections, gnuplot and graphviz to
# draw what make curves and profile measure, Docker for image, up and down, and protoc for
# make generate, whose results are committed.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
PROJECT ?= jeton
IMAGE   ?= jeton:dev

# What the longer targets take; see each.
SEED     ?= 1
FUZZTIME ?= 60s
DURATION ?= 5s
TOKENS   ?= 1000000

.PHONY: build run test fix generate image up down bench scale curves profile elections fuzz sim mutants chaos golden clean

build: ## static binary in bin/jeton
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/jeton ./cmd/jeton

run: build ## three nodes on this machine, data in .jeton/run, until Ctrl-C
	@deploy/run.sh

# make test: conformance suite when ../shared/conformance exists
CONFORMANCE ?= $(wildcard ../shared/conformance)

test: build ## everything CI runs; ends with "N passed, N failed, N skipped" (CHECKS="vet tests" for some of it)
	@$(GO) run ./cmd/jeton-check -conformance '$(CONFORMANCE)' $(CHECKS)

fix: ## repair what make test complains about and a machine can repair
	gofmt -w $$(git ls-files '*.go')

# The generators are tools of this module, at the versions of go.mod; what they need
# besides is protoc (Debian: protobuf-compiler).
generate: ## Go files from http/waypoint/api/waypoint.proto
	protoc --plugin=protoc-gen-go=$$($(GO) tool -n protoc-gen-go) \
		--plugin=protoc-gen-go-grpc=$$($(GO) tool -n protoc-gen-go-grpc) \
		--go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative \
		http/waypoint/api/waypoint.proto

image: build ## container image jeton:dev, FROM scratch, without a network
	docker build -q -t $(IMAGE) -f deploy/Dockerfile .

up: image ## three containers, until they serve
	@JETON_IMAGE=$(IMAGE) PROJECT=$(PROJECT) COMPOSE='$(COMPOSE)' deploy/up.sh

down: ## stop the containers; their data stays (make down VOLUMES=-v removes it)
	JETON_IMAGE=$(IMAGE) $(COMPOSE) -p $(PROJECT) down $(VOLUMES)

bench: build ## every workload on leader and follower beside its floor on this machine, then Go benchmarks
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/jeton-floor ./cmd/jeton-floor
	@DURATION=$(DURATION) deploy/bench.sh
	$(GO) test -run '^$$' -bench . -benchtime 1s ./fsm ./fsm/policy ./http ./snapshot ./cluster

scale: build ## what many tokens cost: make scale TOKENS=5000000
	@TOKENS=$(TOKENS) deploy/scale.sh

curves: build ## what an operation costs as the state grows, and as clients become more: docs/curves
	@deploy/curves.sh

profile: build ## where the time of creates and lookups goes: docs/curves/cpu-*.svg
	@deploy/profile.sh

elections: build ## thirty minutes of all the load this machine takes, without an election
	@deploy/elections.sh

fuzz: ## every fuzzer for FUZZTIME (FUZZ="FuzzScan" for some, KEEP=40 keeps what they reach)
	@FUZZTIME=$(FUZZTIME) FUZZ="$(FUZZ)" KEEP="$(KEEP)" deploy/fuzz.sh

sim: ## seeded fault runs: make sim SEED=n for one, SEEDS=200 for many
	JETON_SIM_SEED=$(if $(SEEDS),,$(SEED)) JETON_SIM_SEEDS=$(SEEDS) $(GO) test -count=1 -v -timeout 0 -parallel 6 -run '^TestSim$$' ./cluster

mutants: ## take protections away, one at a time, and see what notices
	$(GO) run ./cmd/jeton-mutants

chaos: build ## faults on real processes
	$(GO) run ./cmd/jeton-chaos

golden: ## rewrite the golden files; look at the difference before you commit it
	$(GO) test $$(git grep -l 'flag.Bool("update"' -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's|^|./|') -update

clean:
	rm -rf bin
