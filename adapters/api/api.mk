# The faces: libisthmus-posix.a (POSIX sockets below wasi-libc) and libtls.a (libtls), and the wrapper isthmus-cc.
POSIX_SRC := $(sort $(wildcard adapters/api/posix/*.c))
CFLAGS_for_adapters/api/posix := -Iinclude/posix -D_WASI_EMULATED_SIGNAL

# face(variant, archive, sources)
define face
$(B)/$(1)/$(2).a: $(3:%.c=$(B)/$(1)/%.o)
	@echo "  AR   $$@"; rm -f $$@
	$$(Q)$$(AR_$(1)) rcs $$@ $$^
ALL += $(B)/$(1)/$(2).a $(B)/$(1)/libisthmus.a
endef
$(foreach v,wasm wasm-nosimd,$(eval $(call face,$(v),libisthmus-posix,$(POSIX_SRC))))

# What isthmus-cc needs stands beside it under $(B), which may be moved as a whole.
HEADERS := $(shell find include -name '*.h')
$(B)/include.stamp: $(HEADERS)
	@rm -rf $(B)/include && cp -R include $(B)/include && touch $@
$(B)/bin/isthmus-cc: adapters/api/isthmus-cc.sh Makefile $(B)/include.stamp
	@mkdir -p $(@D); echo "  GEN  $@"
	$(Q)sed -e 's|@LLVM@|$(LLVM)|' -e 's|@WASI_SDK_PATH@|$(WASI_SDK_PATH)|' $< >$@ && chmod +x $@
	$(Q)cp -R adapters/api/no-wasm-opt $(@D)/
$(B)/bin/isthmus-c++: $(B)/bin/isthmus-cc
	$(Q)ln -sf isthmus-cc $@
ALL += $(B)/bin/isthmus-cc $(B)/bin/isthmus-c++

include adapters/api/libtls.mk
include adapters/api/merge/merge.mk
include adapters/api/component/component.mk
