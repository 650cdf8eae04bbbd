/*
 * print.c - rules to text
 */
#include "policy.h"

#include "../resolve/ip_text.h"

#include <string.h>

struct sink {
    char    *text;
    uint32_t cap, n;
};

static void put(struct sink *to, const char *text, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++, to->n++)
        if (to->n + 1 < to->cap) to->text[to->n] = text[i];
}

static void put_text(struct sink *to, const char *text)
{
    put(to, text, (uint32_t)strlen(text));
}

static void put_number(struct sink *to, char before, uint32_t value)
{
    char buf[12], *p = buf;

    *p++ = before;
    p = ist__number_format(p, value);
    put(to, buf, (uint32_t)(p - buf));
}

static void put_address(struct sink *to, const struct ist__policy_rule *rule)
{
    char buf[IST__IP_TEXT_MAX];
    int is_6 = rule->peer == IST__PEER_IPV6, bracket = is_6 && rule->n_ranges;
    char *end = is_6 ? ist__ipv6_format(buf, rule->ip) : ist__ipv4_format(buf, rule->ip);

    if (bracket) put_text(to, "[");
    put(to, buf, (uint32_t)(end - buf));
    if (rule->prefix_len < (is_6 ? 128 : 32)) put_number(to, '/', rule->prefix_len);
    if (bracket) put_text(to, "]");
}

static void put_rule(struct sink *to, const struct ist_policy *policy, const struct ist__policy_rule *rule)
{
    put_text(to, rule->action == IST_POLICY_ALLOW ? "allow " : "deny ");
    if (rule->directions == IST_POLICY_OUTBOUND) put_text(to, "outbound ");
    if (rule->directions == IST_POLICY_INBOUND) put_text(to, "inbound ");
    if (rule->protocols == IST_POLICY_TCP) put_text(to, "tcp ");
    if (rule->protocols == IST_POLICY_UDP) put_text(to, "udp ");
    if (rule->protocols == IST_POLICY_ICMP) put_text(to, "icmp ");
    if (rule->peer == IST__PEER_ANY) put_text(to, "any");
    else if (rule->peer == IST__PEER_PRIVATE) put_text(to, "private");
    else if (rule->peer == IST__PEER_IPV4 || rule->peer == IST__PEER_IPV6) put_address(to, rule);
    else {
        if (rule->peer == IST__PEER_BELOW) put_text(to, "*.");
        put_text(to, policy->text + rule->name);
    }
    for (uint32_t i = 0; i < rule->n_ranges; i++) {
        const struct ist__policy_range *r = policy->ranges + rule->ranges + i;
        put_number(to, i ? ',' : ':', r->first);
        if (r->last > r->first) put_number(to, '-', r->last);
    }
    if (rule->identity != IST__POLICY_NONE) {
        put_text(to, " as ");
        put_text(to, policy->text + rule->identity);
    }
    put_text(to, "\n");
}

int32_t ist_policy_print(const struct ist_policy *policy, char *text, uint32_t cap)
{
    struct sink to = { text, cap, 0 };

    for (uint32_t i = 0; i < policy->n_rules; i++) put_rule(&to, policy, policy->rules + i);
    if (cap) text[to.n < cap ? to.n : cap - 1] = 0;
    return (int32_t)to.n;
}
