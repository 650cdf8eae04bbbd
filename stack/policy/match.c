/*
 * match.c - a question to the rules
 *
 * Each part of a rule matches, does not, or may, as long as something is not known. A rule that may match does not end the search:
 * its answer is one of those possible. When all that are possible agree, that is the answer.
 */
#include "policy.h"

#include "../resolve/message.h"

#include <string.h>

#define NO (-1)      /* else 0: yes, or the IST_POLICY_NEEDS_ bits of what would tell */

/* A question in the form of the rules. */
struct asked {
    const struct ist_policy_query *query;
    uint32_t family;         /* 0: no address yet */
    uint8_t  ip[16];         /* IPv4 in the first four, also if it came mapped */
};

struct network {
    uint8_t prefix_len, ip[16];
};

/* What is not a unicast address of the public Internet (RFC 6890 and its registry; docs/policy.md lists them). */
static const struct network private_4[] = {
    { 8, { 0 } }, { 8, { 10 } }, { 10, { 100, 64 } }, { 8, { 127 } }, { 16, { 169, 254 } }, { 12, { 172, 16 } }, { 16, { 192, 168 } },
    { 15, { 198, 18 } }, { 4, { 224 } }, { 4, { 240 } },
};
static const struct network private_6[] = {
    { 127, { 0 } }, { 7, { 0xfc } }, { 10, { 0xfe, 0x80 } }, { 10, { 0xfe, 0xc0 } }, { 8, { 0xff } }, { 48, { 0, 0x64, 0xff, 0x9b, 0, 1 } },
};
static const struct network nat64 = { 96, { 0, 0x64, 0xff, 0x9b } };

static int is_in(const uint8_t *ip, const struct network *networks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ist__policy_same_prefix(ip, networks[i].ip, networks[i].prefix_len)) return 1;
    return 0;
}

static int is_private(uint32_t family, const uint8_t *ip)
{
    if (family == IST_IPV4) return is_in(ip, private_4, sizeof private_4 / sizeof *private_4);
    if (is_in(ip, &nat64, 1)) return is_private(IST_IPV4, ip + 12);      /* leads to that IPv4 address, RFC 6052 */
    return is_in(ip, private_6, sizeof private_6 / sizeof *private_6);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* name, without regard to case and a final dot, is the rule's or, with below, ends in a dot and the rule's. */
static int is_name(const char *name, const char *rule, int below)
{
    size_t len = strlen(name), n = strlen(rule);

    if (len && name[len - 1] == '.') len--;
    if (below ? len < n + 2 || name[len - n - 1] != '.' : len != n) return 0;
    for (size_t i = 0; i < n; i++)
        if (lower(name[len - n + i]) != rule[i]) return 0;
    return 1;
}

static int32_t match_peer(const struct ist_policy *policy, const struct ist__policy_rule *rule, const struct asked *a)
{
    if (rule->peer == IST__PEER_ANY) return 0;
    if (rule->peer == IST__PEER_NAME || rule->peer == IST__PEER_BELOW) {
        for (uint32_t i = 0; a->query->names && i < a->query->n_names; i++)
            if (is_name(a->query->names[i], policy->text + rule->name, rule->peer == IST__PEER_BELOW)) return 0;
        return NO;
    }
    if (a->family == 0) return IST_POLICY_NEEDS_ADDRESS;
    if (rule->peer == IST__PEER_PRIVATE) return is_private(a->family, a->ip) ? 0 : NO;
    if (a->family != (rule->peer == IST__PEER_IPV4 ? IST_IPV4 : IST_IPV6)) return NO;
    return ist__policy_same_prefix(a->ip, rule->ip, rule->prefix_len) ? 0 : NO;
}

static int32_t match_protocol(const struct ist__policy_rule *rule, uint32_t protocol)
{
    if (protocol == 0) return rule->protocols == IST__POLICY_ALL_PROTOCOLS ? 0 : (int32_t)IST_POLICY_NEEDS_PORT;
    return rule->protocols & protocol ? 0 : NO;
}

static int32_t match_port(const struct ist_policy *policy, const struct ist__policy_rule *rule, const struct ist_policy_query *query)
{
    const struct ist__policy_range *r = policy->ranges + rule->ranges, *end = r + rule->n_ranges;

    if (rule->n_ranges == 0) return 0;
    if (query->protocol & (IST_POLICY_ICMP | IST_POLICY_OTHER)) return NO;
    if (query->port == 0) return IST_POLICY_NEEDS_PORT;
    for (; r < end; r++)
        if (query->port >= r->first && query->port <= r->last) return query->protocol ? 0 : (int32_t)IST_POLICY_NEEDS_PORT;
    return NO;
}

static int32_t match_identity(const struct ist_policy *policy, const struct ist__policy_rule *rule, const struct ist_policy_query *query)
{
    if (rule->identity == IST__POLICY_NONE) return 0;
    if (query->identities == NULL) return IST_POLICY_NEEDS_IDENTITY;
    for (uint32_t i = 0; i < query->n_identities; i++)
        if (strcmp(query->identities[i], policy->text + rule->identity) == 0) return 0;
    return NO;
}

static int32_t match_rule(const struct ist_policy *policy, const struct ist__policy_rule *rule, const struct asked *a)
{
    const struct ist_policy_query *query = a->query;
    int32_t protocol, port, peer, identity;

    if (!(rule->directions & query->direction)) return NO;
    if ((protocol = match_protocol(rule, query->protocol)) == NO) return NO;
    if ((port = match_port(policy, rule, query)) == NO) return NO;
    if ((peer = match_peer(policy, rule, a)) == NO) return NO;
    if ((identity = match_identity(policy, rule, query)) == NO) return NO;
    return protocol | port | peer | identity;
}

static int32_t check(const struct ist_policy_query *query, struct asked *a)
{
    uint8_t wire[IST__NAME_WIRE];

    memset(a, 0, sizeof *a);
    if (query->size != sizeof *query || query->port > 65535) return IST_EINVAL;
    if (query->direction != IST_POLICY_OUTBOUND && query->direction != IST_POLICY_INBOUND) return IST_EINVAL;
    if (query->protocol & (query->protocol - 1) || query->protocol > IST_POLICY_OTHER) return IST_EINVAL;
    for (uint32_t i = 0; query->names && i < query->n_names; i++)
        if (ist__name_parse(query->names[i], wire) < 0) return IST_EINVAL;
    a->query = query;
    if (query->address == NULL) return 0;
    if (query->address->family != IST_IPV4 && query->address->family != IST_IPV6) return IST_EINVAL;
    a->family = query->address->family;
    memcpy(a->ip, query->address->ip, sizeof a->ip);
    if (a->family == IST_IPV6 && ist__policy_is_mapped(a->ip)) {
        a->family = IST_IPV4;
        memmove(a->ip, a->ip + 12, 4);
    }
    return 0;
}

int32_t ist_policy_match(const struct ist_policy *policy, const struct ist_policy_query *query, struct ist_policy_reason *reason)
{
    struct ist_policy_reason why = { 0, 0 };
    struct asked a;
    uint32_t possible = 0, first = 0;      /* bit IST_POLICY_DENY, bit IST_POLICY_ALLOW; the line of the first that may match */
    int32_t match = NO, e = check(query, &a);

    if (e < 0) return e;
    for (uint32_t i = 0; i < policy->n_rules && match != 0; i++) {
        const struct ist__policy_rule *rule = policy->rules + i;
        if ((match = match_rule(policy, rule, &a)) == NO) continue;
        possible |= 1u << rule->action;
        why.needs |= (uint32_t)match;
        why.line = rule->line;
        if (!first) first = rule->line;
    }
    if (match != 0) {
        possible |= 1u << IST_POLICY_DENY;
        why.line = 0;
    }
    if (possible == 3) why.line = first;
    else why.needs = 0;
    if (reason) *reason = why;
    return possible == 3 ? IST_POLICY_UNDECIDED : possible == 1u << IST_POLICY_ALLOW ? IST_POLICY_ALLOW : IST_POLICY_DENY;
}
