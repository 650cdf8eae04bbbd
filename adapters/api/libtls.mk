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
TEST_BUILT += $(TLS_PROGRAMS)
