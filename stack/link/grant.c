/*
 * grant.c - the grant's lines (rule 11)
 *
 * A line that cannot be used is told to the host and skipped; keys that are not ours are left alone.
 */
#include <isthmus/resolve.h>
#include <string.h>

#include "link/link.h"

#define VALUE_MAX 64u     /* the longest address, prefix, MAC or host name that is understood */

/*
 * ist__grant_find() - the next value of a key
 * @text:     NUL-terminated lines
 * @i:        in, out: how many to pass over; reaches 0 when there are that many
 * @len:      out
 *
 * Returns: the value, not NUL-terminated; NULL if there are too few
 */
const char *ist__grant_find(const char *text, const char *key, uint32_t *i, uint32_t *len)
{
    size_t key_len = strlen(key);

    while (text && *text) {
        const char *end = strchr(text, '\n');
        size_t n = end ? (size_t)(end - text) : strlen(text);
        if (n && text[n - 1] == '\r')
            n--;
        if (n > key_len && memcmp(text, key, key_len) == 0 && text[key_len] == '=') {
            if (*i == 0) {
                *len = (uint32_t)(n - key_len - 1);
                return text + key_len + 1;
            }
            --*i;
        }
        text = end ? end + 1 : NULL;
    }
    return NULL;
}

static bool address_to_lwip(const struct ist_address *a, ip_addr_t *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == IST_IPV4) {
        IP_SET_TYPE_VAL(*out, IPADDR_TYPE_V4);
        memcpy(&ip_2_ip4(out)->addr, a->ip, 4);
        return a->ip[0] != 0 && a->ip[0] < 224;
    }
    IP_SET_TYPE_VAL(*out, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(out)->addr, a->ip, 16);
    return !ip6_addr_isany(ip_2_ip6(out)) && !ip6_addr_ismulticast(ip_2_ip6(out));
}

/* Digits only; -1: not a number of at most @max. */
static int32_t parse_number(const char *text, int32_t max)
{
    int32_t value = 0;

    if (!*text)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = value * 10 + (*text - '0');
        if (value > max)
            return -1;
    }
    return value;
}

static bool parse_address(struct ist__grant *grant, char *value)
{
    char *slash = strchr(value, '/');
    struct ist_address a;
    int32_t bits, prefix;
    ip_addr_t ip;

    if (slash)
        *slash = 0;
    if (ist_address_parse(value, &a) != 0 || a.scope || !address_to_lwip(&a, &ip))
        return false;
    bits = a.family == IST_IPV4 ? 32 : 128;
    prefix = slash ? parse_number(slash + 1, bits) : bits;
    if (prefix < 1 || grant->n_addresses == IST__ADDRESSES_MAX)
        return false;
    ip_addr_copy(grant->addresses[grant->n_addresses].ip, ip);
    grant->addresses[grant->n_addresses++].prefix = (uint8_t)prefix;
    if (a.family == IST_IPV4)
        grant->has_ipv4 = true;
    else
        grant->has_ipv6 = true;
    return true;
}

static bool parse_gateway(struct ist__grant *grant, char *value)
{
    struct ist_address a;
    ip_addr_t ip;

    if (ist_address_parse(value, &a) != 0 || !address_to_lwip(&a, &ip))
        return false;
    if (a.family == IST_IPV4) {
        ip4_addr_copy(grant->gateway4, *ip_2_ip4(&ip));
        grant->has_gateway4 = true;
    } else {
        ip6_addr_copy(grant->gateway6, *ip_2_ip6(&ip));
        grant->has_gateway6 = true;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six pairs of hex digits with colons; a group address is none of a host's. */
static bool parse_mac(struct ist__grant *grant, char *value)
{
    uint8_t mac[6];

    if (strlen(value) != 17)
        return false;
    for (int i = 0; i < 6; i++) {
        int high = hex_digit(value[3 * i]), low = hex_digit(value[3 * i + 1]);
        if (high < 0 || low < 0 || (i < 5 && value[3 * i + 2] != ':'))
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    if (mac[0] & 1)
        return false;
    memcpy(grant->mac, mac, 6);
    grant->has_mac = true;
    return true;
}

static bool parse_window(struct ist__grant *grant, char *value)
{
    int32_t bytes = parse_number(value, INT32_MAX / 10);

    if (bytes < (int32_t)IST__WINDOW_MIN)
        return false;
    grant->window = (uint32_t)bytes;
    return true;
}

static bool parse_budget(struct ist__grant *grant, char *value)
{
    int32_t bytes = parse_number(value, INT32_MAX / 10);

    if (bytes < (int32_t)IST__BUDGET_MIN)
        return false;
    grant->budget = (uint32_t)bytes;
    return true;
}

/* Letters, digits, '-' and '.': it goes into DHCP. */
static bool parse_hostname(struct ist__grant *grant, char *value)
{
    size_t n = strlen(value);

    if (n == 0 || n > IST__HOSTNAME_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = value[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.'))
            return false;
    }
    memcpy(grant->hostname, value, n + 1);
    return true;
}

static bool parse_server(struct ist__grant *grant, char *value)
{
    struct ist_address a;

    (void)grant;
    return ist_address_parse(value, &a) == 0;
}

static const struct {
    const char *key;
    bool (*parse)(struct ist__grant *grant, char *value);
    const char *complaint;
} keys[] = {
    { "address", parse_address, "grant: an address= line is no address/prefix, or there are more than 16; skipped" },
    { "gateway", parse_gateway, "grant: a gateway= line is no address; skipped" },
    { "dns", parse_server, "grant: a dns= line is no address; skipped" },
    { "mac", parse_mac, "grant: the mac= line is no unicast MAC address; skipped" },
    { "window", parse_window, "grant: the window= line is no number of bytes from 65,536 on; skipped" },
    { "budget", parse_budget, "grant: the budget= line is no number of bytes from 262,144 on; skipped" },
    { "hostname", parse_hostname, "grant: the hostname= line is no name of at most 63 letters, digits, '-' and '.'; skipped" },
};

/*
 * ist__grant_parse() - read what the stack needs from the text
 * @grant:    out
 * @text:     NUL-terminated
 * @link:     for the notes
 */
void ist__grant_parse(struct ist__grant *grant, const char *text, uint32_t link)
{
    memset(grant, 0, sizeof *grant);
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        for (uint32_t n = 0; ; n++) {
            uint32_t i = n, len;
            char value[VALUE_MAX];
            const char *at = ist__grant_find(text, keys[k].key, &i, &len);
            if (!at)
                break;
            if (len < VALUE_MAX) {
                memcpy(value, at, len);
                value[len] = 0;
            }
            if (len >= VALUE_MAX || !keys[k].parse(grant, value))
                ist__note_link(link, keys[k].complaint);
        }
    }
}
