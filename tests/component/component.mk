# Guests of tests/component: wasm32-wasip2 with wasi-libc's own sockets, built without anything of ours. clang wants wasm-component-ld,
# which jco makes up for: the core module becomes a component in the test.
COMPONENT_GUESTS := $(patsubst tests/component/guest/%.c,$(B)/test/component/%.core.wasm,$(sort $(wildcard tests/component/guest/*.c)))
TEST_BUILT += $(COMPONENT_GUESTS)
WASIP2_BUILTINS = $(shell $(WASM_CC) --target=wasm32-wasi --print-libgcc-file-name)
$(B)/test/component/%.core.wasm: tests/component/guest/%.c $(SYSROOT_STAMP)
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(WASM_CC) --target=wasm32-wasip2 --sysroot=$(SYSROOT) -O2 -Wall -fuse-ld=$(shell command -v wasm-ld-$(LLVM)) -nodefaultlibs $< -lc $(WASIP2_BUILTINS) -o $@
# What jco writes are modules; Node 18 has to be told.
$(B)/test/component/package.json:
	@mkdir -p $(@D) && echo '{ "type": "module" }' >$@
TEST_BUILT += $(B)/test/component/package.json
