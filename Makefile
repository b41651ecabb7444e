# Commands of the platform. `make run` and `make test` need python3 (3.11 or newer, with venv) and make; nothing else.
PYTHON ?= python3
PORT ?= 8000
export DANGWU_DATA ?= $(CURDIR)/var
V := .venv/bin

.PHONY: run setup test lint bench screens secrets bundle clean

run: setup ## A demo city on http://127.0.0.1:$(PORT)/
	$(V)/python manage.py demo --port $(PORT)

setup: .venv/.ready ## Environment, front-end assets, collected static files
	@$(V)/python tools/vendor.py
	@$(V)/python manage.py collectstatic --noinput --verbosity 0

.venv/.ready: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新（Python 3.11 or newer is needed）"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "缺少 venv：请运行 apt-get install python3-venv（the venv module is missing）"; exit 1; }
	$(PYTHON) -m venv .venv
	$(V)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

test: setup ## The whole suite; what could not run is said at the end
	@$(V)/python tools/run_tests.py

lint: setup ## Format, lint, import order, templates
	$(V)/ruff check .
	$(V)/ruff format --check .
	$(V)/lint-imports --no-cache
	$(V)/djlint templates --lint --quiet

bench: setup ## Speed as ratios (MEMBERS=100000; docs/performance.md)
	$(V)/python -m benchmarks --members $(or $(MEMBERS),100000)

screens: setup ## Screenshots of the pages into docs/screens
	$(V)/python tools/screens.py

bundle: setup ## One signed archive for machines without a network (KEY=file of the signing key)
	@$(V)/python tools/bundle.py --key $(or $(KEY),$(error KEY=file; make one: $(V)/python tools/bundle.py --make-key FILE))

secrets: ## Random secrets of docker-compose.yml into secrets/
	@$(PYTHON) tools/make_secrets.py

clean: ## Remove what was made, but not the data
	rm -rf .venv static/vendor node_modules
