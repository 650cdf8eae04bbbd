# The hosts: adapters/host/js (Node) and adapters/host/c (C).

# The C host: build/<asan|native>/libisthmus-host.a; the unit tests of the stack stand on it.
HOST_C_SRC := $(sort $(wildcard adapters/host/c/*.c))
define host_library
$(B)/$(1)/libisthmus-host.a: $(HOST_C_SRC:%.c=$(B)/$(1)/%.o)
	@echo "  AR   $$@"; rm -f $$@
	$$(Q)$$(AR_$(1)) rcs $$@ $$^
endef
$(foreach v,asan native,$(eval $(call host_library,$(v))))
UNIT_EXTRA += $(B)/asan/libisthmus-host.a
