# trustrig: what one types. "make" lists the targets.

GO      ?= go
OUT     ?= out
FLAGS   ?=
# What the tests need beside Go: the compilers that build firmware, mutants and
# the race detector, qemu for ARM, the second oracle, and Python for the real
# mpremote.
DEBS    := build-essential dpkg-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross openssl python3 python3-serial qemu-user mmdebstrap curl

.DEFAULT_GOAL := help
.PHONY: run test bench mutants lint deps clean help

run: ## the main job: the catalogue against an emulated camera (FLAGS="-port /dev/ttyACM0 …" for a real one)
	$(GO) build -o $(OUT)/trustrig ./cmd/trustrig
	@$(OUT)/trustrig run -report $(OUT) $(FLAGS) || { status=$$?; [ $$status = 4 ] || exit $$status; \
	  echo "make: all that was found is known: firmware/advisories.yaml names it (exit 4 of trustrig run)" >&2; }

test: deps ## every test of the project, with the race detector
	$(GO) tool gotestsum --format pkgname-and-test-fails -- -race -count=1 -timeout 45m ./...

bench: ## measure speed as ratios in one run, into out/bench.json
	$(GO) run ./cmd/trustrig bench -out $(OUT)/bench.json $(FLAGS)

mutants: ## is each sabotaged firmware caught, and no honest one? (FLAGS="-run REGEXP -full …")
	$(GO) run ./cmd/trustrig mutants $(FLAGS)

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not gofmt-ed: $$unformatted" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

deps: ## install the Debian packages that the tests need (the only target that wants root)
	@missing=; for p in $(DEBS); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	install="apt-get install -y --no-install-recommends$$missing"; \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$install; \
	elif sudo -n true 2>/dev/null; then sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive $$install; \
	else echo "make: the tests need Debian packages; type:  sudo $$install" >&2; exit 1; fi

clean: ## remove what was written here; the cache stays (trustrig keeps it in the user's cache folder)
	rm -rf $(OUT)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
