# BearSSL's own test programs. In `make test` against the very objects of libisthmus.a, natively and as wasm: of the rest only what the
# tests below (bearssl.test.mjs) call is linked, the others of the program would fall over. `make check-crypto` builds all of BearSSL.
BEARSSL_SUBSET := $(addprefix $(BEARSSL)/src/, ec/ec_default.c ec/ecdsa_default_vrfy_asn1.c ec/ec_keygen.c hash/ghash_ctmul32.c hash/md5.c hash/sha1.c \
	kdf/hkdf.c rsa/rsa_default_pkcs1_vrfy.c ssl/prf_md5sha1.c symcipher/poly1305_i15.c \
	$(addprefix int/i15_, $(addsuffix .c, add bitlen decmod decode decred encode fmont montmul mulacc muladd ninv15 reduce rshift sub tmont)))
comma := ,
# subset(variant, suffix, link flags)
define subset
BEARSSL_TESTS += $(B)/test/bearssl/crypto$(2) $(B)/test/bearssl/x509$(2)
$(B)/test/bearssl/crypto$(2) $(B)/test/bearssl/x509$(2): $(B)/test/bearssl/%$(2): $(B)/$(1)/deps/bearssl/test/test_%.o \
  $(BEARSSL_SUBSET:$(B)/%.c=$(B)/$(1)/%.o) $(B)/$(1)/libisthmus.a
	@mkdir -p $$(@D); echo "  LD   $$@"
	$$(Q)$$(CC_$(1)) $(3) -Wl,--unresolved-symbols=ignore-all $$^ -o $$@
endef
$(eval $(call subset,native,,-static -fuse-ld=lld))
$(eval $(call subset,wasm,.wasm,-Wl$(comma)-z$(comma)stack-size=1048576))
TEST_BUILT += $(BEARSSL_TESTS)

.PHONY: check-crypto check-bearssl
check-crypto: $(B)/deps/bearssl.stamp $(SYSROOT_STAMP) ## all of BearSSL's own tests with our flags and patches, natively and as wasm (takes minutes)
	tests/bearssl/check.sh $(B)/check-bearssl $(BEARSSL) "$(NATIVE_CC)" "$(CC_wasm)"
check-bearssl: check-crypto
