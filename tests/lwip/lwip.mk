# lwIP's own unit tests (Debian: check), on lwIP compiled a second time with tests/lwip/lwipopts.h: build/test/lwip/unit. Suites for what we
# do not build (lwIP's heap, timers, DNS, sockets, MDNS, MQTT, PPP) are not among them.
LWIP_UNIT := $(LWIP:src=test/unit)
LWIP_UNIT_SRC := $(addprefix $(LWIP_UNIT)/, core/test_def.c core/test_netif.c core/test_pbuf.c dhcp/test_dhcp.c etharp/test_etharp.c \
	ip4/test_ip4.c ip6/test_ip6.c tcp/tcp_helper.c tcp/test_tcp.c tcp/test_tcp_oos.c tcp/test_tcp_state.c udp/test_udp.c)
LWIP_UNIT_FLAGS := $(CFLAGS_common) -std=gnu11 -Itests/lwip -Iinclude -Istack -Istack/port -I$(LWIP)/include -I$(LWIP_UNIT)
LWIP_UNIT_OURS := stack/core/demux.c stack/core/deadline.c stack/core/tcp_timer.c stack/core/tcp_sack.c stack/core/syn_cookie.c stack/port/assert.c stack/port/checksum.c
LWIP_UNIT_WRAP := tcp_create_rx_segment tcp_create_rx_segment_wnd tcp_set_state tcp_err etharp_request
TEST_LWIP := $(B)/test/lwip/unit
$(B)/test/lwip/deps/%.o: $(B)/deps/%.c tests/lwip/lwipopts.h tests/lwip/lwip.mk $(DEPS_STAMPS) | test-setup
	@mkdir -p $(@D)
	$(Q)$(CC_asan) $(LWIP_UNIT_FLAGS) -w -c $< -o $@
$(B)/test/lwip/%.o: %.c tests/lwip/lwipopts.h $(DEPS_STAMPS) | test-setup
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(CC_asan) $(LWIP_UNIT_FLAGS) $(CFLAGS_ours) -c $< -o $@
$(TEST_LWIP): $(patsubst $(B)/%.c,$(B)/test/lwip/%.o,$(LWIP_SRC) $(LWIP_UNIT_SRC)) \
  $(patsubst %.c,$(B)/test/lwip/%.o,$(LWIP_UNIT_OURS) tests/lwip/main.c tests/lwip/port.c tests/lwip/wrapped.c)
	@echo "  LD   $@"
	$(Q)$(CC_asan) $^ $(LWIP_UNIT_WRAP:%=-Wl,--wrap=%) -lcheck -lsubunit -lrt -lm -lpthread -o $@
