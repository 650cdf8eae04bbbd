# The sources of BearSSL that libisthmus.a is made of: what TLS 1.2 with ECDHE and AEAD needs, in the implementations that
# stack/tls/profile.c names, and what the core draws randomness and sequence numbers from.
BEARSSL_SRC := $(addprefix $(BEARSSL)/src/, \
  $(addprefix codec/, ccopy.c dec32be.c dec32le.c dec64be.c enc32be.c enc32le.c enc64be.c pemdec.c pemenc.c) \
  $(addprefix ec/, ec_all_m31.c ec_c25519_m31.c ec_p256_m31.c ec_prime_i31.c ec_pubkey.c ec_secp256r1.c ec_secp384r1.c \
    ec_secp521r1.c ecdsa_atr.c ecdsa_i31_bits.c ecdsa_i31_sign_asn1.c ecdsa_i31_sign_raw.c ecdsa_i31_vrfy_asn1.c \
    ecdsa_i31_vrfy_raw.c ecdsa_rta.c) \
  $(addprefix hash/, ghash_ctmul64.c multihash.c sha2big.c sha2small.c) \
  $(addprefix int/, i31_add.c i31_bitlen.c i31_decmod.c i31_decode.c i31_decred.c i31_encode.c i31_fmont.c \
    i31_iszero.c i31_modpow.c i31_modpow2.c i31_montmul.c i31_mulacc.c i31_muladd.c i31_ninv31.c i31_reduce.c \
    i31_rshift.c i31_sub.c i31_tmont.c i32_div32.c) \
  $(addprefix mac/, hmac.c) \
  $(addprefix rand/, hmac_drbg.c sysrng.c) \
  $(addprefix rsa/, rsa_i31_pkcs1_sign.c rsa_i31_pkcs1_vrfy.c rsa_i31_priv.c rsa_i31_pub.c rsa_pkcs1_sig_pad.c \
    rsa_pkcs1_sig_unpad.c) \
  $(addprefix ssl/, prf.c prf_sha256.c prf_sha384.c ssl_ccert_single_ec.c ssl_ccert_single_rsa.c ssl_client.c \
    ssl_engine.c ssl_hashes.c ssl_hs_client.c ssl_hs_server.c ssl_rec_chapol.c ssl_rec_gcm.c ssl_server.c) \
  $(addprefix symcipher/, aes_ct64.c aes_ct64_ctr.c aes_ct64_enc.c chacha20_ct.c poly1305_ctmul.c) \
  $(addprefix x509/, skey_decoder.c x509_decoder.c x509_minimal.c))
# A list that changed makes another archive, even when no object is newer.
$(foreach v,$(VARIANTS),$(eval $(B)/$(v)/libisthmus.a: stack/bearssl.mk))
# BearSSL reads words at any address where the machine permits it, and calls its classes through functions that take the base of
# their context: both fine on every machine we build for, and reported by the sanitizer.
$(foreach v,asan fuzz,$(patsubst $(B)/%.c,$(B)/$(v)/%.o,$(BEARSSL_SRC))): stack/bearssl.mk
$(foreach v,asan fuzz,$(patsubst $(B)/%.c,$(B)/$(v)/%.o,$(BEARSSL_SRC))): CFLAGS_deps += -fno-sanitize=function,alignment
# Interpreters: -Os is smaller than -Oz for them, and not slower than -O2.
$(foreach v,wasm wasm-nosimd,$(patsubst $(B)/%.c,$(B)/$(v)/%.o,$(filter %/ssl_hs_client.c %/ssl_hs_server.c %/x509_minimal.c %/x509_decoder.c %/skey_decoder.c %/pemdec.c,$(BEARSSL_SRC)))): CFLAGS_deps += -Os
# The fields of P-256 and X25519 want their loops unrolled; patches/bearssl-ec-small.patch keeps the rest of these files small.
$(foreach v,wasm wasm-nosimd,$(patsubst $(B)/%.c,$(B)/$(v)/%.o,$(filter %/ec_p256_m31.c %/ec_c25519_m31.c,$(BEARSSL_SRC)))): CFLAGS_deps += -O3
