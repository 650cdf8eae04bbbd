/* The grant's lines: what is understood, and what is told to the host and skipped. */
#include "core.h"

#include "link/link.h"

static struct ist__grant g;

static void parse(const char *text)
{
    far_notes[0] = 0;
    ist__grant_parse(&g, text, 0);
    turns(2);
}

static int noted(const char *text)
{
    return strstr(far_notes, text) != NULL;
}

static void addresses(void)
{
    parse("address=10.0.2.15/24\naddress=fd00::15/64\ngateway=10.0.2.2\ngateway=fe80::1\n");
    ok(g.n_addresses == 2 && g.has_ipv4 && g.has_ipv6, "an address of each family");
    ok(g.addresses[0].prefix == 24 && g.addresses[1].prefix == 64, "with their prefixes");
    ok(g.has_gateway4 && g.has_gateway6, "a gateway of each family");
    ok(!noted("isthmus:"), "nothing to complain about");
    parse("address=10.0.0.1");
    ok(g.n_addresses == 1 && g.addresses[0].prefix == 32, "no prefix: the address alone; no newline at the end");
    parse("\r\naddress=10.0.0.1/8\r\n\r\nmtu=12\nx\n=\nADDRESS=1.2.3.4/8\n");
    ok(g.n_addresses == 1 && g.addresses[0].prefix == 8 && !noted("isthmus:"), "CR LF, empty lines and other keys pass");
}

static void refused_addresses(void)
{
    static const char *const bad[] = {
        "", "/24", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/0", "10.0.0.1/-1", "10.0.0.1/8x", "10.0.0/8", "010.0.0.1/8", "10.0.0.256/8",
        "0.0.0.0/8", "224.0.0.1/4", "255.255.255.255/32", "::/64", "ff02::1/64", "fd00::1/129", "fd00::1::2/64", "fe80::1%if0/64",
        "fd00:0:0:0:0:0:0:0:1/64", "1.2.3.4 /8", " 1.2.3.4/8", "99999999999999999999999999999999999999999999999999999999999999999999/8",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "address=%s\naddress=10.9.9.9/24\n", bad[i]);
        parse(line);
        ok(g.n_addresses == 1 && noted("address= line"), "\"%.20s\" is skipped with a note, the next line counts", bad[i]);
    }
}

static void many(void)
{
    char text[1024] = "";

    for (int i = 1; i <= 17; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "address=10.0.%d.1/24\n", i);
    parse(text);
    ok(g.n_addresses == IST__ADDRESSES_MAX && noted("more than 16"), "the 17th address is refused with a note");
}

static void others(void)
{
    parse("mac=02:00:5e:10:00:fF\nhostname=box-1.lan\n");
    ok(g.has_mac && g.mac[0] == 2 && g.mac[5] == 0xff && strcmp(g.hostname, "box-1.lan") == 0, "a MAC address and a host name");
    parse("window=131072\n");
    ok(g.window == 131072 && !noted("window="), "a window of TCP");
    parse("window=65535\n");
    ok(!g.window && noted("window="), "a window too small is skipped");
    parse("window=1e6\n");
    ok(!g.window && noted("window="), "a window that is no number is skipped");
    parse("mac=01:00:5e:10:00:ff\n");
    ok(!g.has_mac && noted("mac="), "a group address is no MAC of a host");
    parse("mac=02-00-5e-10-00-ff\n");
    ok(!g.has_mac && noted("mac="), "a MAC with other signs is refused");
    parse("mac=02:00:5e:10:00\n");
    ok(!g.has_mac && noted("mac="), "a short MAC is refused");
    parse("hostname=a b\n");
    ok(!g.hostname[0] && noted("hostname="), "a host name with a space is refused");
    parse("hostname=0123456789012345678901234567890123456789012345678901234567890123456789\n");
    ok(!g.hostname[0] && noted("hostname="), "a host name of 70 letters is refused");
    parse("gateway=nowhere\ndns=10.0.0.256\n");
    ok(!g.has_gateway4 && noted("gateway=") && noted("dns="), "a gateway and a name server that are no addresses");
}

static void values(void)
{
    char value[8];
    struct ist_address a;

    ok(ist_grant_value("search", 0, value, sizeof value) == 11 && strcmp(value, "example") == 0, "a value is cut to the room");
    ok(ist_grant_value("search", 1, value, sizeof value) == 3 && strcmp(value, "lan") == 0, "the second of two");
    ok(ist_grant_value("search", 2, value, sizeof value) == IST_EINVAL, "there is no third");
    ok(ist_grant_value("sear", 0, value, sizeof value) == IST_EINVAL, "half a key finds nothing");
    ok(ist_grant_value("search", 0, NULL, 0) == 11, "only the length");
    ok(ist_name_server(0, &a) == 0 && a.family == IST_IPV4 && a.ip[3] == 3, "the first name server");
    ok(ist_name_server(1, &a) == 0 && a.family == IST_IPV6, "a line that is none is passed over");
    ok(ist_name_server(2, &a) == IST_EINVAL, "there are no more");
}

int main(void)
{
    far_link(0, IST_LINK_KIND_IP, 1500, "address=10.0.0.1/24\nsearch=example.lan\ndns=10.0.0.3\ndns=x\nsearch=lan\ndns=fd00::3\n");
    if (far_start() != 0) abort();
    addresses();
    refused_addresses();
    many();
    others();
    values();
    ist_stop();
    return tap_done();
}
