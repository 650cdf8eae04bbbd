/*
 * unreachable.c - what routers and peers say about our packets
 *
 * Two raw pcbs look at every ICMP message and leave it to lwIP. An error counts when its checksum is right; it quotes the IP
 * header and at least 8 bytes of the packet that it is about (RFC 792, RFC 4443 2.4), which name the socket. A neighbour that does
 * not answer is told of in the same way, by lwIP: the packet is the one that waited for it.
 */
#include <lwip/inet_chksum.h>
#include <lwip/ip.h>
#include <lwip/raw.h>
#include "socket/unreachable.h"

#define QUOTED_MIN 8u
#define HEAD       8u    /* of an ICMP error, before the quote */

static ist__unreachable_fn listener_of[IST__OF_N];
static struct raw_pcb *taps[2];
static uint32_t n_open;

static uint16_t be16(const uint8_t *b)
{
    return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t be32(const uint8_t *b)
{
    return (uint32_t)be16(b) << 16 | be16(b + 2);
}

/* RFC 1122 3.2.2.1, RFC 1812 5.2.7.1 */
static int32_t error_v4(uint8_t type, uint8_t code)
{
    static const int32_t unreachable[16] = {
        IST_ENETUNREACH, IST_EHOSTUNREACH, IST_ECONNREFUSED, IST_ECONNREFUSED, IST_EMSGSIZE, IST_EHOSTUNREACH,
        IST_ENETUNREACH, IST_EHOSTUNREACH, IST_EHOSTUNREACH, IST_ENETUNREACH, IST_EHOSTUNREACH, IST_ENETUNREACH,
        IST_EHOSTUNREACH, IST_EHOSTUNREACH, IST_EHOSTUNREACH, IST_EHOSTUNREACH
    };

    return type == 3 && code < 16 ? unreachable[code] : type == 11 ? IST_EHOSTUNREACH : 0;
}

/* RFC 4443 3 */
static int32_t error_v6(uint8_t type, uint8_t code)
{
    switch (type) {
    case 1:  return code == 0 ? IST_ENETUNREACH : code == 4 ? IST_ECONNREFUSED : IST_EHOSTUNREACH;
    case 2:  return IST_EMSGSIZE;
    case 3:  return IST_EHOSTUNREACH;
    default: return 0;
    }
}

/* What a router before RFC 1191 leaves out: the next size that links have, below the packet that was too long (7.1). */
static uint32_t plateau_below(uint32_t len)
{
    static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68 };
    uint32_t i = 0;

    while (plateaus[i] >= len && i < sizeof plateaus / sizeof *plateaus - 1)
        i++;
    return plateaus[i];
}

/* The transport's part of the quote: ports, or type, code, checksum and id of an echo request. */
static void hand_on(uint8_t protocol, struct ist__quote *q, const uint8_t *quoted, int32_t error)
{
    enum ist__unreachable_of of;

    q->local_port = be16(quoted);
    q->remote_port = be16(quoted + 2);
    q->sequence = be32(quoted + 4);
    switch (protocol) {
    case IP_PROTO_TCP: of = IST__OF_TCP; break;
    case IP_PROTO_UDP: of = IST__OF_UDP; break;
    case IP_PROTO_ICMP:
    case IP6_NEXTH_ICMP6:
        of = IST__OF_ICMP;
        q->local_port = be16(quoted + 4);
        break;
    default: return;
    }
    if (listener_of[of])
        listener_of[of](q, error);
}

/* The packet that is quoted begins at @at in @p. */
static void quote_v4(struct pbuf *p, u16_t at, uint32_t mtu, int32_t error)
{
    uint8_t b[60 + QUOTED_MIN];
    struct ist__quote q;
    uint32_t ip, header;
    u16_t n = pbuf_copy_partial(p, b, sizeof b, at);

    header = n >= 20 ? (b[0] & 15u) * 4u : 0;
    if (header < 20 || b[0] >> 4 != 4 || n < header + QUOTED_MIN || (be16(b + 6) & 0x1fff) != 0)
        return;
    ip = lwip_htonl(be32(b + 12));
    ip_addr_set_ip4_u32(&q.local, ip);
    ip = lwip_htonl(be32(b + 16));
    ip_addr_set_ip4_u32(&q.remote, ip);
    q.mtu = mtu ? mtu : plateau_below(be16(b + 2));
    hand_on(b[9], &q, b + header, error);
}

static void address_v6(ip_addr_t *ip, const uint8_t *b, const struct netif *netif)
{
    IP_ADDR6(ip, lwip_htonl(be32(b)), lwip_htonl(be32(b + 4)), lwip_htonl(be32(b + 8)), lwip_htonl(be32(b + 12)));
    ip6_addr_assign_zone(ip_2_ip6(ip), IP6_UNKNOWN, netif);
}

/* We send no extension headers but fragments, and of those the first names the socket; that one is not searched for. */
static void quote_v6(struct pbuf *p, u16_t at, uint32_t mtu, const struct netif *netif, int32_t error)
{
    uint8_t b[40 + QUOTED_MIN];
    struct ist__quote q;

    if (pbuf_copy_partial(p, b, sizeof b, at) < sizeof b || b[0] >> 4 != 6)
        return;
    q.mtu = mtu;
    address_v6(&q.local, b + 8, netif);
    address_v6(&q.remote, b + 24, netif);
    hand_on(b[6], &q, b + 40, error);
}

void ist__neighbour_silent(struct pbuf *packet, struct netif *netif)
{
    if (pbuf_get_at(packet, 0) >> 4 == 4)
        quote_v4(packet, 0, 0, IST_EHOSTUNREACH);
    else
        quote_v6(packet, 0, 0, netif, IST_EHOSTUNREACH);
}

/* The 32 bits after type, code and checksum of an ICMP error. */
static uint32_t parameter(struct pbuf *p)
{
    uint8_t b[4];

    pbuf_copy_partial(p, b, sizeof b, 4);
    return be32(b);
}

bool ist__icmp_sum_is_right(struct pbuf *p)
{
    IF__NETIF_CHECKSUM_ENABLED(ip_current_input_netif(), ip_current_is_v6() ? NETIF_CHECKSUM_CHECK_ICMP6 : NETIF_CHECKSUM_CHECK_ICMP) {
        if (ip_current_is_v6())
            return ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, ip6_current_src_addr(), ip6_current_dest_addr()) == 0;
        return inet_chksum_pbuf(p) == 0;
    }
    return true;
}

static u8_t heard_v4(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    u16_t header = ip_current_header_tot_len();
    int32_t error;

    (void)arg, (void)pcb, (void)from;
    if (p->tot_len < header + HEAD)
        return 0;
    error = error_v4(pbuf_get_at(p, header), pbuf_get_at(p, (u16_t)(header + 1)));
    if (error && pbuf_remove_header(p, header) == 0) {
        if (ist__icmp_sum_is_right(p))
            quote_v4(p, HEAD, parameter(p) & 0xffff, error);
        pbuf_add_header_force(p, header);
    }
    return 0;
}

static u8_t heard_v6(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    u16_t header = ip_current_header_tot_len();
    int32_t error;

    (void)arg, (void)pcb, (void)from;
    if (p->tot_len < header + HEAD)
        return 0;
    error = error_v6(pbuf_get_at(p, header), pbuf_get_at(p, (u16_t)(header + 1)));
    if (error && pbuf_remove_header(p, header) == 0) {
        if (ist__icmp_sum_is_right(p))
            quote_v6(p, HEAD, parameter(p), ip_current_input_netif(), error);
        pbuf_add_header_force(p, header);
    }
    return 0;
}

int32_t ist__unreachable_open(enum ist__unreachable_of of, ist__unreachable_fn heard)
{
    if (n_open == 0) {
        taps[0] = raw_new_ip_type(IPADDR_TYPE_V4, IP_PROTO_ICMP);
        taps[1] = raw_new_ip_type(IPADDR_TYPE_V6, IP6_NEXTH_ICMP6);
        n_open = 1;
        if (!taps[0] || !taps[1]) {
            ist__unreachable_close();
            return IST_ENOMEM;
        }
        raw_recv(taps[0], heard_v4, NULL);
        raw_recv(taps[1], heard_v6, NULL);
        n_open = 0;
    }
    listener_of[of] = heard;
    n_open++;
    return 0;
}

void ist__unreachable_close(void)
{
    if (--n_open)
        return;
    for (uint32_t i = 0; i < 2; i++) {
        if (taps[i])
            raw_remove(taps[i]);
        taps[i] = NULL;
    }
}
