# The hosts: adapters/host/js (Node) and adapters/host/c (C).

# The C host: build/<asan|native>/libisthmus-host.a; the unit tests of the stack stand on it.
HOST_C_SRC := $(sort $(wildcard adapters/host/c/*.c))
define host_library
$(B)/$(1)/libisthmus-host.a: $(HOST_C_SRC:%.c=$(B)/$(1)/%.o)
	@echo "  AR   $$@"; rm -f $$@
	$$(Q)$$(AR_$(1)) rcs $$@ $$^
endef
$(foreach v,asan native fuzz,$(eval $(call host_library,$(v))))
UNIT_EXTRA += $(B)/asan/libisthmus-host.a

# The link checks (tests/link): one guest program, as wasm and natively, on every host.
LINK_GUEST := memory run checks_grant checks_frame checks_layout checks_wait checks_close
LINK_FAR := $(B)/asan/tests/link/far_side.o $(B)/asan/libisthmus-host.a
LINK_TESTS := $(addprefix $(B)/link/, checks.wasm checks-native checks-wasm2c layout fuzz ports)
TEST_BUILT += $(LINK_TESTS)

$(B)/link/checks.wasm: $(LINK_GUEST:%=$(B)/wasm-nosimd/tests/link/%.o)
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_wasm-nosimd) -mexec-model=reactor -nostartfiles -Wl,--no-entry $^ -o $@
$(B)/link/checks-native: $(B)/asan/tests/link/main_native.o $(LINK_GUEST:%=$(B)/asan/tests/link/%.o) $(LINK_FAR)
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $^ -lpthread -o $@
$(B)/link/checks.wasm.c: $(B)/link/checks.wasm | test-setup
	$(Q)wasm2c -n checks $< -o $@
WASM2C := /usr/share/wabt/wasm2c
$(B)/link/checks-wasm2c: tests/link/main_wasm2c.c $(B)/link/checks.wasm.c adapters/host/c/wasm2c.h $(LINK_FAR)
	@echo "  LD   $@"
	$(Q)$(CC_asan) -fno-sanitize=function -w -Iinclude -I$(B)/link -I$(WASM2C) tests/link/main_wasm2c.c $(B)/link/checks.wasm.c $(WASM2C)/wasm-rt-impl.c $(LINK_FAR) -lm -lpthread -o $@

# The Node host runs from the tree; build/bin/isthmus only finds it.
ALL += $(B)/bin/isthmus
$(B)/bin/isthmus: adapters/host/host.mk
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nbin=$$(dirname "$$(readlink -f "$$0")")\nISTHMUS_HOME=$$bin/.. exec node "$$bin/%s/adapters/host/js/bin/isthmus.js" "$$@"\n' \
	  "$$(realpath --relative-to=$(@D) .)" >$@
	@chmod +x $@

# Guests of tests/host: the bare import, no stack.
HOST_GUESTS := $(patsubst tests/host/guest/%.c,$(B)/test/host/%.wasm,$(filter-out %/raw.c,$(sort $(wildcard tests/host/guest/*.c))))
TEST_BUILT += $(HOST_GUESTS)
$(B)/test/host/%.wasm: $(B)/wasm/tests/host/guest/%.o $(B)/wasm/tests/host/guest/raw.o
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_wasm) $^ -o $@
.PHONY: host-guests
host-guests: $(HOST_GUESTS)
$(B)/link/layout $(B)/link/fuzz $(B)/link/ports: $(B)/link/%: $(B)/asan/tests/link/%.o $(B)/asan/libisthmus-host.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $^ -lpthread -o $@

include adapters/host/native.mk
