# Guests of tests/compose: plain preview1, built without anything of ours.
COMPOSE_GUESTS := $(patsubst tests/compose/guest/%.c,$(B)/test/compose/%.wasm,$(sort $(wildcard tests/compose/guest/*.c)))
TEST_BUILT += $(COMPOSE_GUESTS)
$(B)/test/compose/%.wasm: tests/compose/guest/%.c $(wildcard tests/compose/guest/*.h) $(SYSROOT_STAMP)
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(WASM_CC) --target=wasm32-wasi --sysroot=$(SYSROOT) -O2 -Wall $< -o $@
# A client of wasi:tls, over the interfaces themselves: the test makes it a component.
TEST_BUILT += $(B)/test/compose/tls-client.core.wasm
$(B)/test/compose/tls-client.core.wasm: tests/compose/tls/client.c | $(B)/setup.stamp
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(WASM_CC) --target=wasm32 -std=c11 -O2 -Wall -Wextra -fuse-ld=$(shell command -v wasm-ld-$(LLVM)) -nostdlib -Wl,--no-entry $< -o $@
