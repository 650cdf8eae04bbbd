# Wycheproof's vectors: tests/wycheproof/judge.c natively and as wasm, with the few sources of BearSSL that only it needs.
JUDGE_BEARSSL := $(addprefix $(BEARSSL)/src/, aead/gcm.c kdf/hkdf.c)
JUDGES := $(B)/test/wycheproof/judge $(B)/test/wycheproof/judge.wasm
TEST_BUILT += $(JUDGES)
$(JUDGE_BEARSSL:$(B)/%.c=$(B)/asan/%.o): CFLAGS_deps += -fno-sanitize=function,alignment
$(B)/test/wycheproof/judge: $(B)/asan/tests/wycheproof/judge.o $(JUDGE_BEARSSL:$(B)/%.c=$(B)/asan/%.o) $(B)/asan/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $^ -o $@
$(B)/test/wycheproof/judge.wasm: $(B)/wasm/tests/wycheproof/judge.o $(JUDGE_BEARSSL:$(B)/%.c=$(B)/wasm/%.o) $(B)/wasm/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_wasm) -Wl,-z,stack-size=1048576 $^ -o $@
