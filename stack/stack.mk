# What libisthmus.a is made of.
LWIP := $(B)/deps/lwip/src
BEARSSL := $(B)/deps/bearssl

STACK_SRC := $(sort $(wildcard stack/*/*.c))

LWIP_SRC := $(addprefix $(LWIP)/, \
	$(addprefix core/, def.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c raw.c stats.c tcp.c tcp_in.c tcp_out.c \
	  udp.c) \
	$(addprefix core/ipv4/, acd.c dhcp.c etharp.c icmp.c igmp.c ip4.c ip4_addr.c ip4_frag.c) \
	$(addprefix core/ipv6/, ethip6.c icmp6.c inet6.c ip6.c ip6_addr.c ip6_frag.c mld6.c nd6.c) \
	netif/ethernet.c)

include stack/bearssl.mk

# Where the bytes and the arithmetic of handshakes go through: compiled for speed in wasm too. (The curves: bearssl.mk.)
HOT := demux.c deadline.c timer.c settle.c wait.c tcp_in.c tcp_out.c pbuf.c mem.c memp.c inet_chksum.c ip4.c ethernet.c \
	checksum.c frame.c exchange.c fetch.c turn.c tcp_send.c tcp_recv.c stream.c stream_io.c handle.c inbox.c \
	chacha20_ct.c poly1305_ctmul.c ghash_ctmul64.c sha2small.c sha2big.c \
	$(filter aes_ct64% i31_mont% i31_mul% i31_modpow% i31_add% i31_sub% ccopy% enc% dec%,$(notdir $(BEARSSL_SRC)))

CFLAGS_stack := -Iinclude -Istack -Istack/port -I$(LWIP)/include -isystem $(BEARSSL)/inc
CFLAGS_deps := -Istack/port -I$(LWIP)/include -I$(BEARSSL)/inc -I$(BEARSSL)/src \
	-DBR_INT128=0 -DBR_64=1 -DBR_LE_UNALIGNED=1 -DBR_USE_UNIX_TIME=0 -DBR_USE_URANDOM=0 -DBR_RDRAND=0 -DBR_AES_X86NI=0 -DBR_SSE2=0

# The stack alone, as a module: what tests/expect compares the imports and sizes of.
STACK_EXPORTS := ist_start ist_stop ist_pump ist_configured ist_monotonic ist_random ist_wait ist_close ist_tcp_open ist_udp_open \
	ist_icmp_open ist_socket_bind ist_socket_connect ist_socket_listen ist_socket_accept ist_stream_send ist_stream_recv \
	ist_stream_shutdown ist_datagram_send ist_datagram_recv malloc free
define stack_module
$(B)/$(1)/stack.wasm: $(B)/$(1)/libisthmus.a
	@echo "  LD   $$@"
	$$(Q)$$(CC_$(1)) -mexec-model=reactor -Wl,--gc-sections $(STACK_EXPORTS:%=-Wl,--export=%) $$< -o $$@
endef
$(foreach v,wasm wasm-nosimd,$(eval $(call stack_module,$(v))))
TEST_BUILT += $(B)/wasm/stack.wasm
