# The simulator: copies of the stack whose memory is counted and refused, and the program that loads them.
SIM_SRC := $(filter-out tests/sim/memory.c,$(sort $(wildcard tests/sim/*.c)))
SIM_WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=free

# sim(variant): build/<variant>/sim/stack.so and sim
define sim
$(B)/$(1)/sim/stack.so: $(B)/$(1)/tests/sim/memory.o $(NATIVE_HOST:%=$(B)/$(1)/adapters/host/c/%.o) $(B)/$(1)/libisthmus.a
	@mkdir -p $$(@D); echo "  LD   $$@"
	$$(Q)$$(CC_$(1)) -shared -fuse-ld=lld -Wl,--gc-sections -Wl,-Bsymbolic $$(SIM_WRAP) $$(filter %.o,$$^) -Wl,--whole-archive $$(filter %.a,$$^) \
	  -Wl,--no-whole-archive -o $$@
$(B)/$(1)/sim/sim: $(SIM_SRC:%.c=$(B)/$(1)/%.o)
	@mkdir -p $$(@D); echo "  LD   $$@"
	$$(Q)$$(CC_$(1)) $$^ -ldl -o $$@
endef
$(foreach v,native asan,$(eval $(call sim,$(v))))
SIM_BUILT := $(foreach v,native asan,$(B)/$(v)/sim/stack.so $(B)/$(v)/sim/sim)
TEST_BUILT += $(SIM_BUILT)

SEED ?= 1
COUNT ?= 1000
SIM_VARIANT ?= native
.PHONY: sim
sim: setup $(SIM_BUILT) ## simulated worlds SEED.. (COUNT of them; SCENARIO=, PCAP=, SIM_VARIANT=asan): docs/testing.md
	$(Q)$(B)/$(SIM_VARIANT)/sim/sim --seed $(SEED) --count $(COUNT) --jobs $(or $(JOBS),$(shell nproc)) --scenario "$(SCENARIO)" --pcap "$(PCAP)" \
	  $(B)/$(SIM_VARIANT)/sim/stack.so
