# What is built natively for others to drive: libisthmus.so (include/isthmus/native.h) and the TLS programs.

# The stack and its host of queues and callbacks; of the C host only what makes no system call.
NATIVE_HOST := native exchange host port queue
.PHONY: native-lib
native-lib: setup $(B)/native/libisthmus.so ## build build/native/libisthmus.so: the stack with packets, clock and entropy of the caller's
TEST_BUILT += $(B)/native/libisthmus.so
$(B)/native/libisthmus.so: $(NATIVE_HOST:%=$(B)/native/adapters/host/c/%.o) $(B)/native/libisthmus.a adapters/host/native.map
	@echo "  LD   $@"
	$(Q)$(CC_native) -shared -fuse-ld=lld -Wl,--gc-sections -Wl,--no-undefined -Wl,-soname,libisthmus.so \
	  -Wl,--version-script=adapters/host/native.map $(filter %.o,$^) -Wl,--whole-archive $(filter %.a,$^) -Wl,--no-whole-archive -o $@
