/*
 * peer.c - one word of a rule: the peer and its ports
 *
 * What has two colons and no bracket is an IPv6 address without ports; else what follows the colon are ports.
 */
#include "policy.h"

#include "../resolve/ip_text.h"
#include "../resolve/message.h"

#include <string.h>

/* No names: a policy that uses one as such has a mistake, or would print as something else. */
static const char *const words[] = { "any", "private", "allow", "deny", "inbound", "outbound", "tcp", "udp", "icmp", "as" };

int ist__policy_is_mapped(const uint8_t ip[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    return memcmp(ip, mapped, sizeof mapped) == 0;
}

int ist__policy_same_prefix(const uint8_t *a, const uint8_t *b, uint32_t n)
{
    uint32_t bytes = n / 8, rest = n % 8;

    return memcmp(a, b, bytes) == 0 && (rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

/* A number from min to max without leading zeros; *at moves behind it. -1: none. */
static int32_t number(const char *text, uint32_t len, uint32_t *at, uint32_t min, uint32_t max)
{
    uint32_t value = 0, first = *at, i = first;

    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
        value = value * 10 + (uint32_t)(text[i] - '0');
        if (value > max) return -1;
    }
    if (i == first || value < min || (text[first] == '0' && i - first > 1)) return -1;
    *at = i;
    return (int32_t)value;
}

/* Bits after the prefix must be 0: whoever writes 10.1.2.3/8 means something else. */
static int has_host_bits(const uint8_t *ip, uint32_t prefix, uint32_t bits)
{
    for (uint32_t i = prefix; i < bits; i++)
        if (ip[i / 8] >> (7 - i % 8) & 1) return 1;
    return 0;
}

static const char *parse_address(const char *text, uint32_t len, int is_6, struct ist__policy_rule *rule, uint32_t *at)
{
    uint32_t bits = is_6 ? 128 : 32, n = is_6 ? ist__ipv6_parse(text, rule->ip) : ist__ipv4_parse(text, rule->ip);
    int32_t prefix = (int32_t)bits;

    *at = 0;
    if (n == 0) return is_6 ? "not an IPv6 address; one with ports is written [address]:ports" : "not an IPv4 address";
    *at = n;
    if (n < len && text[n] == '%') return "a rule has no interface";
    if (n < len && text[n] != '/') return is_6 ? "not an IPv6 address" : "not an IPv4 address";
    if (n < len) {
        *at = ++n;
        prefix = number(text, len, &n, 0, bits);
        if (prefix < 0 || n < len) return is_6 ? "a prefix length is a number from 0 to 128" : "a prefix length is a number from 0 to 32";
    }
    *at = 0;
    if (has_host_bits(rule->ip, (uint32_t)prefix, bits)) return "the address has bits set that the prefix length leaves out";
    rule->peer = is_6 ? IST__PEER_IPV6 : IST__PEER_IPV4;
    if (is_6 && prefix >= 96 && ist__policy_is_mapped(rule->ip)) {
        memmove(rule->ip, rule->ip + 12, 4);
        memset(rule->ip + 4, 0, 12);
        rule->peer = IST__PEER_IPV4;
        prefix -= 96;
    }
    rule->prefix_len = (uint8_t)prefix;
    return NULL;
}

static const char *parse_name(const char *text, uint32_t len, struct ist__policy_draft *draft)
{
    uint8_t wire[IST__NAME_WIRE];

    if (strchr(text, '/')) return "a prefix length stands behind an address";
    if (len > 1 && text[0] == '*' && text[1] == '.') {
        draft->rule.peer = IST__PEER_BELOW;
        text += 2;
        len -= 2;
    } else {
        draft->rule.peer = IST__PEER_NAME;
    }
    if (strchr(text, '*')) return "a * stands for the first labels of a name only, as in *.example.org; for everybody write any";
    if (ist__name_parse(text, wire) < 0) return "not a name: labels of 1 to 63 letters, digits, - and _, 253 in all, the last no number";
    if (text[len - 1] == '.') len--;
    for (uint32_t i = 0; i < len; i++) draft->name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    draft->name[len] = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && draft->rule.peer == IST__PEER_NAME; i++)
        if (strcmp(draft->name, words[i]) == 0) return "a word of the grammar is no peer; the order is: allow, direction, protocol, peer";
    return NULL;
}

static const char *parse_host(const char *word, uint32_t len, int is_6, struct ist__policy_draft *draft, uint32_t *at)
{
    char text[256];

    *at = 0;
    if (len == 0) return "the peer is missing: any, private, an address, a prefix or a name";
    if (len >= sizeof text) return "longer than any name";
    memcpy(text, word, len);
    text[len] = 0;
    if (is_6) return parse_address(text, len, 1, &draft->rule, at);
    if (strspn(text, "0123456789./") == len) return parse_address(text, len, 0, &draft->rule, at);
    if (strcmp(text, "any") == 0) draft->rule.peer = IST__PEER_ANY;
    else if (strcmp(text, "private") == 0) draft->rule.peer = IST__PEER_PRIVATE;
    else return parse_name(text, len, draft);
    return NULL;
}

/* Puts a range in its place; what overlaps or touches becomes one. */
static void add_range(struct ist__policy_draft *draft, uint32_t first, uint32_t last)
{
    struct ist__policy_range *r = draft->ranges;
    uint32_t n = draft->rule.n_ranges, i = 0, kept;

    while (i < n && r[i].last + 1u < first) i++;
    for (kept = i; kept < n && r[kept].first <= last + 1u; kept++) {
        if (r[kept].first < first) first = r[kept].first;
        if (r[kept].last > last) last = r[kept].last;
    }
    memmove(r + i + 1, r + kept, (n - kept) * sizeof *r);
    r[i].first = (uint16_t)first;
    r[i].last = (uint16_t)last;
    draft->rule.n_ranges = (uint8_t)(n - (kept - i) + 1);
}

static const char *parse_ports(const char *word, uint32_t len, struct ist__policy_draft *draft, uint32_t *at)
{
    for (uint32_t n = 0;; n++) {
        uint32_t begin = *at;
        int32_t first = number(word, len, at, 1, 65535), last = first;
        if (first >= 0 && *at < len && word[*at] == '-') {
            ++*at;
            last = number(word, len, at, 1, 65535);
        }
        if (first < 0 || last < 0) return "a port is a number from 1 to 65535";
        if (last < first) return *at = begin, "the range ends before it begins";
        if (n == IST_POLICY_RANGES_MAX) return *at = begin, "more than 64 ports and ranges in one rule";
        add_range(draft, (uint32_t)first, (uint32_t)last);
        if (*at == len) return NULL;
        if (word[*at] != ',') return "ports are numbers and ranges with commas between: 80,443,8000-8099";
        ++*at;
    }
}

const char *ist__policy_peer_parse(const char *word, uint32_t len, struct ist__policy_draft *draft, uint32_t *at)
{
    const char *colon = memchr(word, ':', len), *why;
    uint32_t host = 0, host_len = len, next = len;
    int is_6 = 0;

    *at = 0;
    if (word[0] == '[') {
        const char *close = memchr(word, ']', len);
        if (!close) return "the bracket is not closed";
        host = 1;
        host_len = (uint32_t)(close - word) - 1;
        next = host_len + 2;
        *at = next;
        if (next < len && word[next] == '/') return "the prefix length stands inside the brackets";
        if (next < len && word[next] != ':') return "behind the bracket stands : and ports, or nothing";
        is_6 = 1;
    } else if (colon && memchr(colon + 1, ':', len - (uint32_t)(colon + 1 - word))) {
        is_6 = 1;
    } else if (colon) {
        host_len = next = (uint32_t)(colon - word);
    }
    why = parse_host(word + host, host_len, is_6, draft, at);
    *at += host;
    if (why) return why;
    if (next == len) return NULL;
    *at = next;
    if (draft->rule.protocols == IST_POLICY_ICMP) return "icmp has no ports";
    ++*at;
    return parse_ports(word, len, draft, at);
}
