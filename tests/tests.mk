# The tests: units (native, sanitizers), the link checks, API programs on Node, interop with real peers.
TEST_UNIT := $(patsubst tests/unit/%.c,$(B)/test/unit/%,$(sort $(wildcard tests/unit/*.c)))
TEST_NODE := $(sort $(wildcard tests/*/*.test.mjs))
# What the tests of Node run must have been built before; every part adds to it.
TEST_BUILT +=
include tests/wycheproof/wycheproof.mk
include tests/fuzz/fuzz.mk
include tests/lwip/lwip.mk
include tests/bearssl/bearssl.mk
include tests/compose/compose.mk
include tests/programs/programs.mk
include tests/component/component.mk
include tests/sim/sim.mk

$(B)/test/unit/%: $(B)/asan/tests/unit/%.o $(UNIT_EXTRA) $(B)/asan/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $(filter %.o,$^) $(filter %.a,$^) -lm -o $@

.PHONY: test test-setup bench check-fresh
test-setup: setup
	$(Q)stack/setup.sh "peers and tools of the tests" $(TEST_PACKAGES)
test: all test-setup $(TEST_UNIT) $(TEST_LWIP) $(TEST_BUILT) ## run every test; the last line is "N passed, N failed"
	$(Q)B=$(B) LLVM=$(LLVM) node tests/run.mjs $(TEST_FILES) $(if $(TEST_FILES),,$(TEST_UNIT) $(TEST_FUZZ) $(TEST_LWIP) $(TEST_NODE))
$(B)/bench/%.wasm: tests/bench/%.c $(B)/bin/isthmus-cc $(GUEST_LIBS)
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(B)/bin/isthmus-cc $(if $(filter size-%,$*),-Oz,-O2) -s $< -o $@
$(B)/bench/bulk: tests/bench/bulk.c
	@mkdir -p $(@D)
	$(Q)$(NATIVE_CC) -O2 -D_GNU_SOURCE $< -o $@
# The same program over the imports of WAMR, merged instead of linked.
$(B)/bench/bulk-merged.wasm: tests/bench/bulk.c tests/bench/dialect.c $(B)/wasm/engine.wasm $(B)/npm.stamp $(B)/bin/isthmus
	@mkdir -p $(@D); echo "  WASM $@"
	$(Q)$(WASM_CC) --target=wasm32-wasi --sysroot=$(SYSROOT) -isystem include/posix -O2 $(filter %.c,$^) -o $(@D)/bulk-dialect.wasm
	$(Q)$(B)/bin/isthmus compose -q $(@D)/bulk-dialect.wasm -o $@
bench: all $(addprefix $(B)/bench/,bulk bulk-merged.wasm bulk.wasm size-tcp.wasm size-all.wasm) ## measure side by side; writes build/bench/results.json
	$(Q)B=$(B) node tests/bench/bench.mjs
check-fresh: ## `make demo` and `make test` of the committed tree on a new Debian 12 (debootstrap; root; by hand, takes minutes)
	tests/fresh.sh
