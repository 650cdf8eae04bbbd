# The engine that `isthmus compose` merges with preview1 modules: the stack, the POSIX face, and what passes between two memories.
ENGINE_SRC := $(sort $(wildcard adapters/api/merge/*.c))
CFLAGS_for_adapters/api/merge := -Iinclude/posix -D_WASI_EMULATED_SIGNAL -Wno-unused-command-line-argument

define engine
$(B)/$(1)/engine.wasm: $(ENGINE_SRC:%.c=$(B)/$(1)/%.o) $(B)/$(1)/libisthmus-posix.a $(B)/$(1)/libisthmus.a
	@echo "  LD   $$@"
	$$(Q)$$(CC_$(1)) -mexec-model=reactor -nostartfiles -Wl,--fatal-warnings -Wl,--no-entry -Wl,--export=__wasm_call_ctors -Wl,-z,stack-size=262144 -Wl,--stack-first \
	  $$(filter %.o,$$^) -L$(B)/$(1) -listhmus-posix -listhmus -lwasi-emulated-signal -o $$@
endef
$(foreach v,wasm wasm-nosimd,$(eval $(call engine,$(v))))
ALL += $(B)/wasm/engine.wasm $(B)/wasm-nosimd/engine.wasm

# binaryen merges, lowers and checks modules; it comes from npm. What may be read of it stands in package-lock.json.
$(B)/npm.stamp: adapters/api/merge/package.json adapters/api/merge/package-lock.json
	$(Q)stack/setup.sh "npm, which brings binaryen for isthmus compose" npm:npm
	@mkdir -p $(B)/npm
	$(Q)cp $^ $(B)/npm/ && cd $(B)/npm && npm ci --no-audit --no-fund --silent
	@touch $@
.PHONY: setup-compose
setup-compose: $(B)/npm.stamp ## what isthmus compose needs besides: binaryen, from npm
TEST_BUILT += $(B)/npm.stamp
