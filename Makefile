# QDLab needs Python 3.11 or newer and make; everything else is fetched into .venv.

PORT ?= 8000
HOST = 127.0.0.1
JOBS = 2
DATA =
ARGS =
# The first Python on this machine that is new enough; name another one with PYTHON=…
PYTHON ?= $(or $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done),python3)
BOOTSTRAP = $(PYTHON) qdlab/running/bootstrap.py
TESTS = requirements.txt tests/requirements.txt

.DEFAULT_GOAL := help
.PHONY: help demo run test test-long peers lint messages corpus docs bench accuracy

help: ## what can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | sort | while IFS='	' read -r name text; \
		do printf '  make %-9s %s\n' "$$name" "$$text"; done

demo: ## a demo lab with the paper's recipes, in the foreground (PORT=8000)
	@$(BOOTSTRAP) requirements.txt -- -m qdlab.running demo --host $(HOST) --port $(PORT)

run: ## your group's own lab, kept in var/lab (PORT=8000, HOST=127.0.0.1, DATA=a folder)
	@$(BOOTSTRAP) requirements.txt -- -m qdlab.running lab --host $(HOST) --port $(PORT) $(if $(DATA),--data "$(DATA)")

test: ## every test, with real PostgreSQL, Redis, worker and browser (JOBS=2, ARGS="-k plqy")
	@$(BOOTSTRAP) $(TESTS) -- -m tests.run --jobs $(JOBS) $(ARGS)

test-long: ## the same tests at full length: 5,000 damaged files per reader, 200 kills, 1,000 races, peers (hours; JOBS, ARGS)
	-@$(MAKE) --no-print-directory peers
	@QDLAB_LONG=1 $(BOOTSTRAP) $(TESTS) -- -m tests.run --jobs $(JOBS) $(ARGS)

peers: var/peers/installed ## other people's readers in an environment of their own, for make test-long

var/peers/installed: tests/requirements-peers.txt
	@$(PYTHON) -m venv --clear var/peers
	@var/peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

corpus: ## read a folder of instrument files and tell what came of each (DIR=a folder)
	@$(BOOTSTRAP) requirements.txt -- -m spectra.readers.corpus "$(or $(DIR),$(if $(QDLAB_CORPUS),$(QDLAB_CORPUS)/instrument-files,tests/data/readers))"

ifeq ($(strip $(ARGS)),)
bench: var/bench/installed ## the engines and the storage against their peers, renews docs/benchmarks.md; or files per minute (ARGS=uploads)
	@var/bench/bin/python -m tests.bench engines
	@$(BOOTSTRAP) $(TESTS) -- -m tests.bench storage
else
bench:
	@$(BOOTSTRAP) $(TESTS) -- -m tests.bench $(ARGS)
endif

var/bench/installed: tests/requirements-bench.txt requirements.txt
	@$(PYTHON) -m venv --clear var/bench
	@var/bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

accuracy: ## docs/accuracy.md: coverage of every method, certified sets, published numbers (long; ARGS="--cases 100")
	@$(BOOTSTRAP) $(TESTS) -- -m tests.accuracy $(ARGS)

docs: ## renew docs/formats.md and docs/methods.md from the readers and the methods
	@$(BOOTSTRAP) requirements.txt -- manage.py write_docs

messages: ## renew the catalogues of translations (needs GNU gettext)
	@command -v msgmerge >/dev/null || { echo 'Renewing the catalogues needs GNU gettext (xgettext, msgmerge, msgfmt).'; exit 1; }
	@$(BOOTSTRAP) $(TESTS) -- manage.py makemessages --all
	@$(BOOTSTRAP) $(TESTS) -- manage.py compilemessages --ignore .venv --ignore var

lint: ## style and the direction of imports
	@$(BOOTSTRAP) $(TESTS) -- -m ruff check .
	@$(BOOTSTRAP) $(TESTS) -- -m ruff format --check .
	@$(BOOTSTRAP) $(TESTS) -- -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
