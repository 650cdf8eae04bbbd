# Isthmus. GNU make, no recursion; each part lists its sources in its own .mk. `make help` tells the targets.
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

B := build
Q := $(if $(V),,@)
LLVM ?= 19
CORE_PACKAGES := clang-$(LLVM) lld-$(LLVM) llvm-$(LLVM) libclang-rt-$(LLVM)-dev libc6-dev patch xz-utils ca-certificates openssl passt:passt binaryen:wasm-opt NODE
TEST_PACKAGES := curl:curl gnutls-bin:gnutls-cli nginx-light:nginx dnsmasq-base:dnsmasq netbase wabt:wasm2c iproute2:ip nftables:nft python3:python3 procps:ps check

# The toolchain: Debian's parts, or an installed wasi-sdk.
ifdef WASI_SDK_PATH
ifeq ($(wildcard $(WASI_SDK_PATH)/bin/clang $(WASI_SDK_PATH)/share/wasi-sysroot),)
$(error WASI_SDK_PATH=$(WASI_SDK_PATH): there is no bin/clang and no share/wasi-sysroot)
endif
WASM_CC := $(WASI_SDK_PATH)/bin/clang
WASM_AR := $(WASI_SDK_PATH)/bin/llvm-ar
SYSROOT := $(WASI_SDK_PATH)/share/wasi-sysroot
else
CORE_PACKAGES += libclang-rt-$(LLVM)-dev-wasm32
WASM_CC := clang-$(LLVM)
WASM_AR := llvm-ar-$(LLVM)
SYSROOT := $(abspath $(B)/deps/wasi-libc/usr)
SYSROOT_STAMP := $(B)/deps/wasi-libc.stamp
endif
NATIVE_CC := clang-$(LLVM)
NATIVE_AR := llvm-ar-$(LLVM)

# The builds of every library: build/<variant>/. That of the fuzzers is the one with sanitizers, and tells which ways were taken.
VARIANTS := wasm wasm-nosimd asan native fuzz
WASM_FLAGS := --target=wasm32-wasi --sysroot=$(SYSROOT) -O2 -mbulk-memory -msign-ext -mnontrapping-fptoint -mmutable-globals \
	-B$(abspath adapters/api/no-wasm-opt)
CC_wasm := $(WASM_CC) $(WASM_FLAGS) -msimd128
CC_wasm-nosimd := $(WASM_CC) $(WASM_FLAGS)
# In wasm, what no byte of a stream passes is compiled for size (HOT stands in stack/stack.mk).
COLD_wasm := -Oz
COLD_wasm-nosimd := -Oz
CC_asan := $(NATIVE_CC) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -fPIC
CC_fuzz := $(CC_asan) -fsanitize=fuzzer-no-link
CC_native := $(NATIVE_CC) -O3 -march=native -fPIC
AR_wasm := $(WASM_AR)
AR_wasm-nosimd := $(WASM_AR)
AR_asan := $(NATIVE_AR)
AR_fuzz := $(NATIVE_AR)
AR_native := $(NATIVE_AR)

CFLAGS_common := -std=c11 -ffunction-sections -fdata-sections -MMD -MP
CFLAGS_ours := -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wconversion $(if $(CI),-Werror)

include stack/stack.mk
include adapters/api/api.mk
include adapters/host/host.mk
include adapters/extra/extra.mk
include demos/demos.mk
include tests/tests.mk

# library(variant, archive name, sources, flags): build/<variant>/<name>.a
define library
$(B)/$(1)/$(2).a: $(patsubst %.c,$(B)/$(1)/%.o,$(patsubst $(B)/%,%,$(3)))
	@echo "  AR   $$@"; rm -f $$@
	$$(Q)$$(AR_$(1)) rcs $$@ $$(filter %.o,$$^)
endef
$(foreach v,$(VARIANTS),$(eval $(call library,$(v),libisthmus,$(STACK_SRC) $(LWIP_SRC) $(BEARSSL_SRC))))

# Dependencies of all objects: fetched and unpacked first.
DEPS_STAMPS := $(B)/deps/lwip.stamp $(B)/deps/bearssl.stamp $(SYSROOT_STAMP)

# Objects. Ours stand in the tree, dependencies under build/deps.
define objects
$(B)/$(1)/deps/%.o: $(B)/deps/%.c $$(SYSROOT_STAMP)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(if $$(filter $$(HOT),$$(<F)),,$$(COLD_$(1))) $$(CFLAGS_common) -w $$(CFLAGS_deps) -c $$< -o $$@
$(B)/$(1)/%.o: %.c $$(SYSROOT_STAMP) | $(DEPS_STAMPS)
	@mkdir -p $$(@D); echo "  CC   $$@"
	$$(Q)$$(CC_$(1)) $$(if $$(filter $$(HOT),$$(<F)),,$$(COLD_$(1))) $$(CFLAGS_common) $$(CFLAGS_ours) $$(CFLAGS_stack) $$(CFLAGS_for_$$(*D)) -c $$< -o $$@
endef
$(foreach v,$(VARIANTS),$(eval $(call objects,$(v))))
.PRECIOUS: $(VARIANTS:%=$(B)/%/%.o) $(B)/deps/lwip/% $(B)/deps/bearssl/%
-include $(shell find $(B) -path $(B)/programs -prune -o -path $(B)/deps -prune -o -name '*.d' -print 2>/dev/null)

# Dependencies: fetched and unpacked once.
$(B)/deps/%.stamp: stack/deps.lock stack/fetch.sh $(wildcard stack/patches/*.patch) | $(B)/setup.stamp
	$(Q)stack/fetch.sh $* $(B)/deps/$*
	@touch $@
$(B)/deps/lwip/%: $(B)/deps/lwip.stamp ;
$(B)/deps/bearssl/%: $(B)/deps/bearssl.stamp ;

$(B)/setup.stamp: stack/setup.sh Makefile
	@mkdir -p $(@D)
	$(Q)stack/setup.sh "the compiler, the network for a user (passt) and Node" $(CORE_PACKAGES)
	@touch $@

##@ What to type
.PHONY: setup all demo test bench help clean
setup: $(B)/setup.stamp $(DEPS_STAMPS) ## install the Debian packages and fetch lwIP, BearSSL and wasi-libc
all: setup $(ALL) ## build the libraries, isthmus-cc, isthmus, isthmus-policy and the demos
demo: all ## two sandboxes talk HTTPS over a switch; shows what went over it
	demos/https-pair/run.sh
clean: ## remove all that was built; what was fetched stays
	rm -rf $(filter-out $(B)/deps,$(wildcard $(B)/*))
help: ## this list
	@awk -F ':.*## ' '/^##@/ { print substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: WASI_SDK_PATH=dir (an installed wasi-sdk instead of Debian's clang), LLVM=19, V=1 (show commands), B=dir (instead of build), CI=true (warnings are errors)"
