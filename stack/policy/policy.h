/*
 * policy.h - rules in memory (private)
 */
#ifndef IST_POLICY_POLICY_H
#define IST_POLICY_POLICY_H

#include <isthmus/policy.h>

#define IST__POLICY_ALL_DIRECTIONS (IST_POLICY_OUTBOUND | IST_POLICY_INBOUND)
#define IST__POLICY_ALL_PROTOCOLS  (IST_POLICY_TCP | IST_POLICY_UDP | IST_POLICY_ICMP | IST_POLICY_OTHER)
#define IST__POLICY_NONE UINT32_MAX      /* no such text */

enum ist__policy_peer { IST__PEER_ANY, IST__PEER_PRIVATE, IST__PEER_IPV4, IST__PEER_IPV6, IST__PEER_NAME, IST__PEER_BELOW };

struct ist__policy_range {
    uint16_t first, last;
};

struct ist__policy_rule {
    uint32_t line;
    uint8_t  action, directions, protocols;
    uint8_t  peer;           /* enum ist__policy_peer; BELOW: "*." and the name */
    uint8_t  prefix_len;     /* IPV4, IPV6 */
    uint8_t  n_ranges;       /* 0: the rule says nothing of ports */
    uint8_t  ip[16];
    uint32_t ranges;         /* index of the first; ascending, none touches the next */
    uint32_t name, identity; /* where in text; NUL-terminated */
};

/* One block: this, the rules, the ranges, the text. */
struct ist_policy {
    uint32_t n_rules, n_ranges, text_len;
    struct ist__policy_rule  *rules;
    struct ist__policy_range *ranges;
    char *text;
};

/* A rule while it is read, before it has a place. */
struct ist__policy_draft {
    struct ist__policy_rule  rule;
    struct ist__policy_range ranges[IST_POLICY_RANGES_MAX];
    char name[256], identity[IST_POLICY_IDENTITY_MAX];      /* empty: none */
};

/*
 * ist__policy_peer_parse() - "any", an address, a prefix or a name, and ports
 * Returns: NULL, or why not; *at is then the offset in word
 */
const char *ist__policy_peer_parse(const char *word, uint32_t len, struct ist__policy_draft *draft, uint32_t *at);

/* The first n bits of two addresses are the same. */
int ist__policy_same_prefix(const uint8_t *a, const uint8_t *b, uint32_t n);

/* ::ffff:0:0/96 */
int ist__policy_is_mapped(const uint8_t ip[16]);

#endif
