# What is built natively for others to drive: libisthmus.so (include/isthmus/native.h) and the TLS programs.

# The stack and its host of queues and callbacks; of the C host only what makes no system call.
NATIVE_HOST := native exchange host port queue
.PHONY: native-lib
native-lib: setup $(B)/native/libisthmus.so ## build build/native/libisthmus.so (docs/native.md), build/bin/tls-client and tls-server
TEST_BUILT += $(B)/native/libisthmus.so
$(B)/native/libisthmus.so: $(NATIVE_HOST:%=$(B)/native/adapters/host/c/%.o) $(B)/native/libisthmus.a adapters/host/native.map
	@echo "  LD   $@"
	$(Q)$(CC_native) -shared -fuse-ld=lld -Wl,--gc-sections -Wl,--no-undefined -Wl,-soname,libisthmus.so \
	  -Wl,--version-script=adapters/host/native.map $(filter %.o,$^) -Wl,--whole-archive $(filter %.a,$^) -Wl,--no-whole-archive -o $@

# TLS on the command line, over the sockets of the system: outside test suites point at these.
TLS_TOOLS := $(B)/bin/tls-client $(B)/bin/tls-server
TEST_BUILT += $(TLS_TOOLS)
native-lib: $(TLS_TOOLS)
$(TLS_TOOLS): $(B)/bin/tls-%: $(B)/native/adapters/host/tls/%.o $(patsubst %,$(B)/native/adapters/host/tls/%.o,options connection) \
  $(B)/native/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_native) -Wl,--gc-sections $^ -o $@

# Two stacks in one thread (make bench): a side of them, as wasm and as a library, and what drives the latter.
PAIR := $(B)/bench/pair.wasm $(B)/bench/pair.so $(B)/bench/pair-native
$(B)/bench/pair.wasm: $(B)/wasm/tests/bench/pair.o $(B)/wasm/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_wasm) -mexec-model=reactor -Wl,--gc-sections $^ -o $@
$(B)/bench/pair.so: $(B)/native/tests/bench/pair.o $(B)/native/libisthmus.a
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_native) -shared -fuse-ld=lld -Wl,--gc-sections -Wl,-Bsymbolic $^ -o $@
$(B)/bench/pair-native: $(B)/native/tests/bench/pair-native.o
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_native) $^ -ldl -o $@
# One connection over a simulated path in virtual time (make bench).
$(B)/bench/path: $(B)/native/tests/bench/path.o
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_native) $^ -ldl -o $@
bench: $(PAIR) $(B)/bench/path $(B)/native/libisthmus.so $(B)/bench/tls-speed $(B)/bench/tls-speed.wasm
TEST_BUILT += $(PAIR) $(B)/bench/path

# isthmus-policy: of the stack only what policies are made of, which needs nothing else of it.
POLICY := adapters/host/policy/main stack/core/error $(patsubst %.c,%,$(wildcard stack/policy/*.c)) stack/resolve/name stack/resolve/ip_text
ALL += $(B)/bin/isthmus-policy
$(B)/bin/isthmus-policy: $(POLICY:%=$(B)/native/%.o)
	@mkdir -p $(@D); echo "  LD   $@"
	$(Q)$(CC_native) $^ -o $@
