# Fuzz targets (tests/fuzz): each file with fuzz_seeds() is one. build/test/fuzz/NAME replays its seeds, build/fuzz/bin/NAME is libFuzzer's.
FUZZ_TARGETS := $(sort $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))))
TEST_FUZZ := $(FUZZ_TARGETS:%=$(B)/test/fuzz/%)
TEST_BUILT += $(TEST_FUZZ)
$(TEST_FUZZ): $(B)/test/fuzz/%: $(B)/asan/tests/fuzz/%.o $(B)/asan/tests/fuzz/replay.o $(B)/asan/libisthmus-host.a $(B)/asan/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) $^ -o $@
$(B)/fuzz/bin/%: $(B)/fuzz/tests/fuzz/%.o $(B)/fuzz/libisthmus-host.a $(B)/fuzz/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_asan) -fsanitize=fuzzer $^ -o $@
# Arithmetic has no ways to find, and costs most of the time of a handshake.
FUZZ_FAST := $(foreach d,ec int hash symcipher,$(filter $(BEARSSL)/src/$(d)/%,$(BEARSSL_SRC)))
$(FUZZ_FAST:$(B)/%.c=$(B)/fuzz/%.o): CFLAGS_deps += -O2 -fno-sanitize=all
$(FUZZ_FAST:$(B)/%.c=$(B)/fuzz/%.o): tests/fuzz/fuzz.mk

FUZZ_SECONDS ?= 60
FUZZ ?= $(FUZZ_TARGETS)
.PHONY: fuzz
fuzz: $(FUZZ:%=$(B)/fuzz/bin/%) $(FUZZ:%=$(B)/test/fuzz/%) ## libFuzzer on each target of tests/fuzz (or FUZZ="dns dhcp") for FUZZ_SECONDS=60
	$(Q)tests/fuzz/fuzz.sh $(B) $(FUZZ_SECONDS) $(FUZZ)
