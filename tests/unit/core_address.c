/* Addresses: echo and ARP answered, DHCP from a server in the test, routers' advertisements, changes of the grant, up and down. */
#include "core.h"

#include "link/link.h"

static const uint8_t them_mac[6] = { 2, 0, 0, 0, 0, 9 }, everybody[6] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t them4[4] = { 10, 0, 0, 2 };
static const uint8_t them6[16] = { 0xfd, [15] = 2 }, self6[16] = { 0xfd, [15] = 1 }, router6[16] = { 0xfe, 0x80, [15] = 9 };
static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };

/* What the stack sent, told apart. */
static struct {
    int echo4, echo6, arp_reply, arp_request, neighbour_advert, neighbour_probe, router_solicit, discover, request, release, bad_sum;
    uint8_t mac[6], arp_source[4], solicit_from[16];
    uint64_t solicit_ns, valid_ns;
    char hostname[64];
} seen;

static void dhcp_answer(const uint8_t *bootp, uint8_t type);
static int dhcp_on, router_on;

static void see_dhcp(const uint8_t *b, uint32_t len)
{
    uint8_t type = 0;

    for (uint32_t i = 240; i + 2 < len && b[i] != 255; i += 2u + b[i + 1]) {
        if (b[i] == 53) type = b[i + 2];
        if (b[i] == 12 && b[i + 1] < sizeof seen.hostname) {
            memcpy(seen.hostname, b + i + 2, b[i + 1]);
            seen.hostname[b[i + 1]] = 0;
        }
    }
    seen.discover += type == 1;
    seen.request += type == 3;
    seen.release += type == 7;
    if (dhcp_on && (type == 1 || type == 3))
        dhcp_answer(b, type == 1 ? 2 : 5);
}

static void see4(const uint8_t *p, uint32_t len)
{
    if (sum16(p, 20, 0) != 0xffff) seen.bad_sum++;
    if (p[9] == 1 && p[20] == 0) {
        seen.echo4++;
        if (sum16(p + 20, len - 20, 0) != 0xffff) seen.bad_sum++;
    }
    if (p[9] == 17 && p[22] == 0 && p[23] == 67)
        see_dhcp(p + 28, len - 28);
}

static void router_advertise(void);
static void arp_answer(const uint8_t *request);

static void see6(const uint8_t *p, uint32_t len)
{
    static const uint8_t none[16];
    const uint8_t *icmp = p + 40;

    if (p[6] == 0) icmp += 8;      /* hop-by-hop before MLD */
    if (p[6] != 58) return;
    if (transport_sum(p + 8, 32, 58, icmp, len - 40) != 0) seen.bad_sum++;
    seen.echo6 += icmp[0] == 129;
    seen.neighbour_advert += icmp[0] == 136;
    seen.neighbour_probe += icmp[0] == 135 && !memcmp(p + 8, none, 16);
    if (icmp[0] == 133) {
        seen.router_solicit++;
        seen.solicit_ns = far_clock;
        memcpy(seen.solicit_from, p + 8, 16);
        if (router_on) router_advertise();
    }
}

static void see(uint32_t link, const uint8_t *f, uint32_t len)
{
    if (far[link].kind == IST_LINK_KIND_IP) {
        if (f[0] >> 4 == 4) see4(f, len);
        else see6(f, len);
        return;
    }
    memcpy(seen.mac, f + 6, 6);
    if (f[12] == 8 && f[13] == 0) see4(f + 14, len - 14);
    if (f[12] == 0x86) see6(f + 14, len - 14);
    if (f[12] == 8 && f[13] == 6) {
        seen.arp_reply += f[21] == 2;
        seen.arp_request += f[21] == 1;
        memcpy(seen.arp_source, f + 28, 4);
        if (f[21] == 1 && !memcmp(f + 38, them4, 4)) arp_answer(f + 14);
    }
}

static void start(uint32_t kind, const char *grant)
{
    far_link(0, kind, 1500, grant);
    far[0].on_frame = see;
    memset(&seen, 0, sizeof seen);
    if (far_start() != 0) abort();
}

static void give_ip(uint8_t *packet, uint32_t len)
{
    uint8_t f[1600];

    if (far[0].kind == IST_LINK_KIND_IP) {
        far_give(0, packet, len);
        return;
    }
    memcpy(f + 14, packet, len);
    far_give(0, f, ether(f, packet[0] >> 4 == 4 ? ist__links.at[0]->netif.hwaddr : ist__links.at[0]->netif.hwaddr, them_mac,
                         packet[0] >> 4 == 4 ? 0x800 : 0x86dd, len));
}

static void give_ping4(const uint8_t to[4], uint32_t len)
{
    uint8_t p[1600] = { 0 };

    p[20] = 8;
    put16(p + 22, ~sum16(p + 20, len, 0) & 0xffff);
    give_ip(p, ip4(p, 1, them4, to, len));
}

static void give_ping6(const uint8_t to[16])
{
    uint8_t p[200] = { 0 };

    ip6(p, 58, 64, them6, to, 64);
    p[40] = 128;
    put16(p + 42, transport_sum(p + 8, 32, 58, p + 40, 64));
    give_ip(p, 104);
}

static void give_arp_request(const uint8_t for_ip[4])
{
    uint8_t f[60] = { 0 }, *a = f + 14;

    ether(f, everybody, them_mac, 0x806, 46);
    memcpy(a, "\0\1\x08\0\6\4\0\1", 8);
    memcpy(a + 8, them_mac, 6);
    memcpy(a + 14, them4, 4);
    memcpy(a + 24, for_ip, 4);
    far_give(0, f, 60);
}

static void arp_answer(const uint8_t *request)
{
    uint8_t f[60] = { 0 }, *a = f + 14;

    ether(f, request + 8, them_mac, 0x806, 46);
    memcpy(a, "\0\1\x08\0\6\4\0\2", 8);
    memcpy(a + 8, them_mac, 6);
    memcpy(a + 14, them4, 4);
    memcpy(a + 18, request + 8, 10);
    far_give(0, f, 60);
}

static void answered(void)
{
    static const uint8_t self4[4] = { 10, 0, 0, 1 }, other4[4] = { 10, 0, 0, 3 };

    start(IST_LINK_KIND_IP, "address=10.0.0.1/24\naddress=fd00::1/64\n");
    ok(ist_configured() == 1, "addresses of the grant are usable at once");
    give_ping4(self4, 64);
    give_ping6(self6);
    turns(3);
    ok(seen.echo4 == 1 && seen.echo6 == 1 && !seen.bad_sum, "IP link: echo is answered, IPv4 and IPv6, with good sums");
    give_ping4(self4, 1480);
    give_ping4(other4, 64);
    turns(3);
    ok(seen.echo4 == 2, "a full packet too; what is for another address is not");
    ist_stop();

    start(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\naddress=fd00::1/64\nmac=02:11:22:33:44:55\n");
    give_arp_request(self4);
    turns(3);
    ok(seen.arp_reply == 1 && seen.mac[5] == 0x55, "Ethernet: ARP is answered, from the MAC of the grant");
    give_ping4(self4, 64);
    turns(3);
    ok(seen.echo4 == 1 && !seen.bad_sum, "echo is answered");
    give_arp_request(other4);
    turns(3);
    ok(seen.arp_reply == 1, "ARP for another address is not");
    ok(seen.discover == 0 && seen.router_solicit == 0, "nobody is asked for what the grant says");
    ist_stop();
}

static void several(void)
{
    static const uint8_t second[4] = { 10, 0, 0, 5 }, third[4] = { 192, 168, 7, 1 };
    struct ist_interface i;

    start(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\naddress=10.0.0.5/24\naddress=192.168.7.1/16\naddress=fd00::1/64\naddress=fd01::1/48\n");
    ok(ist_interface_get(1, &i) == 0 && i.n_addresses == 5 && i.addresses[2].prefix == 16 && i.addresses[4].prefix == 48,
       "five addresses of the grant (%u)", i.n_addresses);
    ok(strcmp(i.name, "if0") == 0 && i.up && i.mtu == 1500, "on if0, which is up");
    give_arp_request(third);
    turns(3);
    ok(seen.arp_reply == 1 && !memcmp(seen.arp_source, third, 4), "ARP is answered for the third");
    give_ping4(second, 64);
    turns(3);
    ok(seen.echo4 == 1, "echo by the second");
    far[0].grant = "address=10.0.0.5/24\naddress=fd01::1/48\n";
    far[0].changed = 1;
    pass(200);
    ist_interface_get(1, &i);
    ok(!far[0].changed && i.n_addresses == 3 && !memcmp(i.addresses[0].address.ip, second, 4),
       "a grant with less: the rest has gone, the link-local address stays (%u)", i.n_addresses);
    far[0].grant = "address=10.0.0.9/24\n";
    far[0].changed = 1;
    turns(3);
    ist_interface_get(1, &i);
    ok(i.n_addresses >= 1 && i.addresses[0].address.ip[3] == 9, "another grant, another address");
    ok(ist_interface_get(0, &i) == 0 && strcmp(i.name, "lo") == 0 && i.n_addresses == 2, "the loopback has two");
    ok(ist_interface_get(2, &i) == IST_EINVAL, "there is no third interface");
    ist_stop();
}

static void dhcp_answer(const uint8_t *bootp, uint8_t type)
{
    static const uint8_t offer[4] = { 10, 0, 0, 77 };
    static const uint8_t options[] = {
        54, 4, 10, 0, 0, 2, 51, 4, 0, 0, 14, 16, 1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 0, 2, 6, 8, 10, 0, 0, 53, 10, 0, 0, 54, 255,
    };
    uint8_t p[400] = { 0 }, *b = p + 28;

    memcpy(b, bootp, 240);
    b[0] = 2;
    memcpy(b + 16, offer, 4);
    b[240] = 53;
    b[241] = 1;
    b[242] = type;
    memcpy(b + 243, options, sizeof options);
    put16(p + 20, 67);
    put16(p + 22, 68);
    put16(p + 24, 8 + 300);
    give_ip(p, ip4(p, 17, them4, offer, 8 + 300));
}

static void dhcp(void)
{
    struct ist_interface i;
    struct ist_address a;

    dhcp_on = 1;
    start(IST_LINK_KIND_ETHERNET, "hostname=box\n");
    ok(ist_configured() == 0, "DHCP: not configured yet");
    pass(50);
    ok(seen.discover == 1 && seen.request == 1, "discover and request");
    ist_interface_get(1, &i);
    ok(ist_configured() == 1 && i.addresses[0].address.ip[3] == 77 && i.addresses[0].prefix == 24, "the address is used at once");
    ok(strcmp(seen.hostname, "box") == 0, "the host name was sent");
    ok(ist_name_server(0, &a) == 0 && a.ip[3] == 53 && ist_name_server(1, &a) == 0 && a.ip[3] == 54 && ist_name_server(2, &a) < 0,
       "two name servers were given");
    ok(netif_default == &ist__links.at[0]->netif, "and a gateway");
    pass(1900 * 1000);
    ok(seen.request >= 2, "the lease is renewed at half its time");
    far[0].flags = 0;
    turns(2);
    ist_interface_get(1, &i);
    ok(!i.up, "the link goes down");
    far[0].flags = IST_LINK_UP;
    int before = seen.request + seen.discover;
    turns(5);
    ok(seen.request + seen.discover > before, "when it comes up DHCP is asked again");
    ist_stop();
    ok(seen.release == 1, "the stop gives the address back");

    dhcp_on = 0;
    start(IST_LINK_KIND_ETHERNET, "");
    pass(4900);
    ok(ist_configured() == 0 && seen.discover >= 2, "nobody answers: it is asked again");
    pass(200);
    ok(ist_configured() == 1, "after five seconds programs are not held up any longer");
    ist_stop();
}

static void router_advertise(void)
{
    uint8_t p[200] = { 0 }, *r = p + 40;
    uint32_t len = 16 + 32 + 24 + 8;

    ip6(p, 58, 255, router6, all_nodes, len);
    r[0] = 134;
    r[4] = 64;
    put16(r + 6, 1800);
    r[16] = 3;                 /* prefix, on link, autonomous, for ever */
    r[17] = 4;
    r[18] = 64;
    r[19] = 0xc0;
    memset(r + 20, 0xff, 8);
    memcpy(r + 32, "\xfd\0\0\0\0\0\0\7", 8);
    r[48] = 25;                /* RDNSS, RFC 8106 */
    r[49] = 3;
    put32(r + 52, 3600);
    memcpy(r + 56, "\xfd\0\0\0\0\0\0\7\0\0\0\0\0\0\0\x35", 16);
    r[72] = 1;                 /* source link-layer address */
    r[73] = 1;
    memcpy(r + 74, them_mac, 6);
    put16(r + 2, transport_sum(p + 8, 32, 58, r, len));
    give_ip(p, 40 + len);
}

static int has_prefix7(void)
{
    struct ist_interface i;

    ist_interface_get(1, &i);
    for (uint32_t k = 0; k < i.n_addresses; k++)
        if (i.addresses[k].address.ip[0] == 0xfd && i.addresses[k].address.ip[7] == 7)
            return 1;
    return 0;
}

static void autoconfiguration(void)
{
    static const uint8_t none[16];
    struct ist_address a;
    uint64_t begin;

    router_on = 1;
    start(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\n");
    begin = far_clock;
    turns(2);
    ok(seen.router_solicit == 1 && seen.solicit_ns - begin < 50 * MS && !memcmp(seen.solicit_from, none, 16),
       "the routers are asked at once, from no address yet");
    ok(seen.neighbour_probe >= 1, "the link-local address is probed for");
    ok(!has_prefix7(), "the advertised prefix makes no address before it was probed for");
    for (int i = 0; i < 100 && !has_prefix7(); i++)
        pass(10);
    ok(has_prefix7() && far_clock - begin < 500 * MS, "the address stands within half a second (%u ms)", (unsigned)((far_clock - begin) / MS));
    ok(seen.neighbour_probe >= 2, "it was probed for too");
    ok(ist_name_server(0, &a) == 0 && a.family == IST_IPV6 && a.ip[15] == 0x35, "the advertised name server is known");
    ok(!seen.bad_sum, "all sums were good");
    ist_stop();

    start(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\naddress=fd00::1/64\n");
    turns(2);
    router_advertise();
    pass(2000);
    ok(!has_prefix7(), "with an IPv6 address of the grant, advertised prefixes are left alone");
    ist_stop();
    router_on = 0;
}

/* Somebody has the address that is probed for. */
static void duplicate(void)
{
    struct ist_interface i;
    uint8_t p[100] = { 0 }, *n = p + 40;

    start(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\nmac=02:00:00:00:00:01\n");
    turns(2);
    ip6(p, 58, 255, router6, all_nodes, 32);
    n[0] = 136;
    n[4] = 0x20;
    memcpy(n + 8, "\xfe\x80\0\0\0\0\0\0\0\0\0\xff\xfe\0\0\1", 16);
    n[24] = 2;
    n[25] = 1;
    memcpy(n + 26, them_mac, 6);
    put16(n + 2, transport_sum(p + 8, 32, 58, n, 32));
    give_ip(p, 72);
    pass(2000);
    ist_interface_get(1, &i);
    ok(i.n_addresses == 1, "an address that another has is not used");
    ist_stop();
}

int main(void)
{
    answered();
    several();
    dhcp();
    autoconfiguration();
    duplicate();
    return tap_done();
}
