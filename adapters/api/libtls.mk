# libtls.a: for the guest over the POSIX face, natively over the system's own sockets.
LIBTLS_SRC := $(sort $(wildcard adapters/api/libtls/*.c))
CFLAGS_for_adapters/api/libtls = $(if $(filter $(B)/wasm%,$@),-Iinclude/posix)

$(foreach v,wasm wasm-nosimd,$(eval $(call face,$(v),libtls,$(LIBTLS_SRC) adapters/api/libtls/guest/platform.c)))

# The native ones are for the tests.
define libtls_native
$(B)/$(1)/libtls.a: $(patsubst %.c,$(B)/$(1)/%.o,$(LIBTLS_SRC) adapters/api/libtls/native/platform.c)
	@echo "  AR   $$@"; rm -f $$@
	$$(Q)$$(AR_$(1)) rcs $$@ $$^
endef
$(foreach v,asan native,$(eval $(call libtls_native,$(v))))

# The programs of the interop tests, natively with the sanitizers: tests/interop/tls_*.c.
TLS_PROGRAMS := $(patsubst tests/interop/%.c,$(B)/test/interop/%,$(wildcard tests/interop/tls_*.c))
$(TLS_PROGRAMS): $(B)/test/interop/%: $(B)/asan/tests/interop/%.o $(B)/asan/libtls.a $(B)/asan/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $^ -o $@
# And in the sandbox.
$(TLS_PROGRAMS:%=%.wasm): $(B)/test/interop/%.wasm: tests/interop/%.c $(B)/bin/isthmus-cc \
  $(addprefix $(B)/wasm/,libisthmus.a libisthmus-posix.a libtls.a)
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(B)/bin/isthmus-cc -O2 -Wall -Wextra -Wshadow -Wconversion $(if $(CI),-Werror) $< -o $@
TEST_BUILT += $(TLS_PROGRAMS) $(TLS_PROGRAMS:%=%.wasm)

# One that is for the sandbox only: tests/interop/signer_memory.c.
$(B)/test/interop/signer_memory.wasm: tests/interop/signer_memory.c $(B)/bin/isthmus-cc $(B)/wasm/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(B)/bin/isthmus-cc -O2 -Wall -Wextra -Wshadow -Wconversion $(if $(CI),-Werror) $< -o $@
TEST_BUILT += $(B)/test/interop/signer_memory.wasm

# How fast the engines are, without a network: tests/bench/tls.mjs.
$(B)/bench/tls-speed: $(B)/native/tests/bench/tls-speed.o $(B)/native/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_native) $^ -o $@
$(B)/bench/tls-speed.wasm: $(B)/wasm/tests/bench/tls-speed.o $(B)/wasm/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_wasm) -Wl,-z,stack-size=1048576 $^ -o $@
.PHONY: bench-tls
bench-tls: $(B)/bench/tls-speed $(B)/bench/tls-speed.wasm ## handshakes a second and MiB/s of TLS alone, natively and in Node
	$(Q)B=$(B) node tests/bench/tls.mjs

# Certificate chains without a connection: the x509-limbo cases.
$(B)/test/limbo/judge: $(B)/asan/tests/limbo/judge.o $(B)/asan/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $^ -o $@
TEST_BUILT += $(B)/test/limbo/judge
.PHONY: check-limbo
check-limbo: $(B)/test/limbo/judge ## x509-limbo's cases (VECTORS=folder); the last line is RIGHT/WRONG-ACCEPT/WRONG-REFUSE
	$(Q)B=$(B) VECTORS=$(VECTORS) node tests/limbo/limbo.mjs
