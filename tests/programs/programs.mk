# Programs nobody here wrote, built with isthmus-cc from sources that are fetched (docs/programs.md). The quick ones are *.test.mjs and run
# in `make test`; `make check-programs` runs all.
PROGRAMS := $(B)/programs
PROGRAMS_QUICK := hiredis mosquitto redis
PROGRAMS_SLOW := curl lighttpd
PROGRAM_PACKAGES := redis-server:redis-server mosquitto:mosquitto
TEST_PACKAGES += $(PROGRAM_PACKAGES)

$(PROGRAMS)/%.stamp: tests/programs/%.sh tests/programs/deps.lock $(wildcard tests/programs/patches/*) $(B)/bin/isthmus-cc $(GUEST_LIBS) | test-setup
	@echo "  BUILD $*"; mkdir -p $(PROGRAMS)/$*
	$(Q)FETCH_LIST=tests/programs stack/fetch.sh $* $(PROGRAMS)/$*/source
	$(Q)B=$(abspath $(B)) tests/programs/$*.sh $(abspath $(PROGRAMS)/$*) >$(PROGRAMS)/$*/log 2>&1 || { tail -n 20 $(PROGRAMS)/$*/log; exit 1; }
	@touch $@
TEST_BUILT += $(PROGRAMS_QUICK:%=$(PROGRAMS)/%.stamp) $(PROGRAMS)/mqtt_tls.wasm

# A client of ours against a broker nobody here wrote
$(PROGRAMS)/mqtt_tls.wasm: tests/programs/mqtt_tls.c $(B)/bin/isthmus-cc $(GUEST_LIBS)
	@mkdir -p $(@D); echo "  PROG $@"
	$(Q)$(B)/bin/isthmus-cc -O2 -Wall -Wextra -Wshadow -Wconversion $(if $(CI),-Werror) $< -o $@

.PHONY: check-programs
check-programs: $(PROGRAMS)/mqtt_tls.wasm $(PROGRAMS_QUICK:%=$(PROGRAMS)/%.stamp) $(PROGRAMS_SLOW:%=$(PROGRAMS)/%.stamp) $(if $(wildcard $(B)/extra/npm.stamp),$(PROVIDERS)) ## curl and other known programs, built with isthmus-cc, against real servers (minutes)
	$(Q)B=$(B) node tests/run.mjs tests/programs/mqtt_tls.test.mjs $(PROGRAMS_QUICK:%=tests/programs/%.test.mjs) $(PROGRAMS_SLOW:%=tests/programs/%.mjs) tests/compose/python.mjs
