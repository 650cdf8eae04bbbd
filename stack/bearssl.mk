# The sources of BearSSL that libisthmus.a is made of: all but the implementations for other processors.
BEARSSL_SRC := $(addprefix $(BEARSSL)/src/, \
	settings.c \
	$(addprefix aead/, ccm.c eax.c gcm.c) \
	$(addprefix codec/, ccopy.c dec16be.c dec16le.c dec32be.c dec32le.c dec64be.c dec64le.c enc16be.c enc16le.c enc32be.c enc32le.c \
	  enc64be.c enc64le.c pemdec.c pemenc.c) \
	$(addprefix ec/, ec_all_m31.c ec_c25519_i31.c ec_c25519_m31.c ec_curve25519.c ec_default.c ec_keygen.c ec_p256_m31.c \
	  ec_prime_i31.c ec_pubkey.c ec_secp256r1.c ec_secp384r1.c ec_secp521r1.c ecdsa_atr.c ecdsa_default_sign_asn1.c \
	  ecdsa_default_sign_raw.c ecdsa_default_vrfy_asn1.c ecdsa_default_vrfy_raw.c ecdsa_i31_bits.c \
	  ecdsa_i31_sign_asn1.c ecdsa_i31_sign_raw.c ecdsa_i31_vrfy_asn1.c ecdsa_i31_vrfy_raw.c ecdsa_rta.c) \
	$(addprefix hash/, dig_oid.c dig_size.c ghash_ctmul.c ghash_ctmul32.c ghash_ctmul64.c ghash_pclmul.c md5.c md5sha1.c mgf1.c \
	  multihash.c sha1.c sha2big.c sha2small.c) \
	$(addprefix int/, i31_add.c i31_bitlen.c i31_decmod.c i31_decode.c i31_decred.c i31_encode.c i31_fmont.c i31_iszero.c \
	  i31_moddiv.c i31_modpow.c i31_modpow2.c i31_montmul.c i31_mulacc.c i31_muladd.c i31_ninv31.c i31_reduce.c \
	  i31_rshift.c i31_sub.c i31_tmont.c i32_add.c i32_bitlen.c i32_decmod.c i32_decode.c i32_decred.c i32_div32.c \
	  i32_encode.c i32_fmont.c i32_iszero.c i32_modpow.c i32_montmul.c i32_mulacc.c i32_muladd.c i32_ninv32.c \
	  i32_reduce.c i32_sub.c i32_tmont.c) \
	$(addprefix kdf/, hkdf.c) \
	$(addprefix mac/, hmac.c hmac_ct.c) \
	$(addprefix rand/, aesctr_drbg.c hmac_drbg.c sysrng.c) \
	$(addprefix rsa/, rsa_default_keygen.c rsa_default_modulus.c rsa_default_oaep_decrypt.c rsa_default_oaep_encrypt.c \
	  rsa_default_pkcs1_sign.c rsa_default_pkcs1_vrfy.c rsa_default_priv.c rsa_default_privexp.c rsa_default_pub.c \
	  rsa_default_pubexp.c rsa_i31_keygen.c rsa_i31_keygen_inner.c rsa_i31_modulus.c rsa_i31_oaep_decrypt.c \
	  rsa_i31_oaep_encrypt.c rsa_i31_pkcs1_sign.c rsa_i31_pkcs1_vrfy.c rsa_i31_priv.c rsa_i31_privexp.c \
	  rsa_i31_pub.c rsa_i31_pubexp.c rsa_i32_oaep_decrypt.c rsa_i32_oaep_encrypt.c rsa_i32_pkcs1_sign.c \
	  rsa_i32_pkcs1_vrfy.c rsa_i32_priv.c rsa_i32_pub.c rsa_oaep_pad.c rsa_oaep_unpad.c rsa_pkcs1_sig_pad.c \
	  rsa_pkcs1_sig_unpad.c rsa_ssl_decrypt.c) \
	$(addprefix ssl/, prf.c prf_md5sha1.c prf_sha256.c prf_sha384.c ssl_ccert_single_ec.c ssl_ccert_single_rsa.c ssl_client.c \
	  ssl_client_default_rsapub.c ssl_client_full.c ssl_engine.c ssl_engine_default_aescbc.c \
	  ssl_engine_default_aesccm.c ssl_engine_default_aesgcm.c ssl_engine_default_chapol.c ssl_engine_default_ec.c \
	  ssl_engine_default_ecdsa.c ssl_engine_default_rsavrfy.c ssl_hashes.c ssl_hs_client.c ssl_hs_server.c ssl_io.c \
	  ssl_keyexport.c ssl_lru.c ssl_rec_cbc.c ssl_rec_ccm.c ssl_rec_chapol.c ssl_rec_gcm.c ssl_scert_single_ec.c \
	  ssl_scert_single_rsa.c ssl_server.c ssl_server_full_ec.c ssl_server_full_rsa.c ssl_server_mine2c.c \
	  ssl_server_mine2g.c ssl_server_minf2c.c ssl_server_minf2g.c ssl_server_minr2g.c ssl_server_minu2g.c \
	  ssl_server_minv2g.c) \
	$(addprefix symcipher/, aes_big_cbcdec.c aes_big_cbcenc.c aes_big_ctr.c aes_big_ctrcbc.c aes_big_dec.c aes_big_enc.c aes_common.c \
	  aes_ct.c aes_ct64.c aes_ct64_cbcdec.c aes_ct64_cbcenc.c aes_ct64_ctr.c aes_ct64_ctrcbc.c aes_ct64_dec.c \
	  aes_ct64_enc.c aes_ct_cbcdec.c aes_ct_cbcenc.c aes_ct_ctr.c aes_ct_ctrcbc.c aes_ct_dec.c aes_ct_enc.c \
	  aes_small_cbcdec.c aes_small_cbcenc.c aes_small_ctr.c aes_small_ctrcbc.c aes_small_dec.c aes_small_enc.c \
	  chacha20_ct.c poly1305_ctmul.c poly1305_ctmul32.c poly1305_ctmulq.c) \
	$(addprefix x509/, asn1enc.c encode_ec_pk8der.c encode_ec_rawder.c encode_rsa_pk8der.c encode_rsa_rawder.c skey_decoder.c \
	  x509_decoder.c x509_knownkey.c x509_minimal.c x509_minimal_full.c))
# A list that changed makes another archive, even when no object is newer.
$(foreach v,$(VARIANTS),$(eval $(B)/$(v)/libisthmus.a: stack/bearssl.mk))
# BearSSL reads words at any address where the machine permits it, and calls its classes through functions that take the base of
# their context: both fine on every machine we build for, and reported by the sanitizer.
$(patsubst $(B)/%.c,$(B)/asan/%.o,$(BEARSSL_SRC)): stack/bearssl.mk
$(patsubst $(B)/%.c,$(B)/asan/%.o,$(BEARSSL_SRC)): CFLAGS_deps += -fno-sanitize=function,alignment
# TLS decides once a connection and once a record: small before fast. The work is in BearSSL's ciphers and curves.
CFLAGS_for_stack/tls = $(if $(filter $(B)/wasm%,$@),-Os)
$(foreach v,wasm wasm-nosimd,$(patsubst $(B)/%.c,$(B)/$(v)/%.o,$(filter %/ssl_hs_client.c %/ssl_hs_server.c %/x509_minimal.c,$(BEARSSL_SRC)))): CFLAGS_deps += -Os
