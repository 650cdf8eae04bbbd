/*
 * policy.h - who may reach whom
 *
 * A policy is a text, one rule a line, and the first rule that matches decides; what no rule matches is denied:
 *
 *     allow outbound tcp *.example.org:443     # one service by its name
 *     deny  private
 *     allow outbound udp any:53,123
 *     allow inbound tcp any:8443 as dns:client.example.org
 *     deny  any
 *
 * It belongs to one side, a sandbox, say: "outbound" is what that side begins, "inbound" what others begin with it, the peer is
 * the other one, and the port is that of the one who is reached. docs/policy.md holds the grammar and what rules by name are
 * worth. Nothing here needs the stack: these calls are for whoever stands between two networks, at any time, with or
 * without ist_start(). A program that does not call them does not contain them.
 *
 * Limits: 1 MiB of text; 64 ports and ranges a rule; an identity has 1,023 bytes.
 */
#ifndef ISTHMUS_POLICY_H
#define ISTHMUS_POLICY_H

#include <isthmus/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IST_POLICY_TEXT_MAX     1048576u
#define IST_POLICY_RANGES_MAX   64u
#define IST_POLICY_IDENTITY_MAX 1024u       /* with its NUL */

/* direction */
#define IST_POLICY_OUTBOUND 1u
#define IST_POLICY_INBOUND  2u

/* protocol; 0 in a query = not known yet */
#define IST_POLICY_TCP   1u
#define IST_POLICY_UDP   2u
#define IST_POLICY_ICMP  4u     /* ICMP and ICMPv6 */
#define IST_POLICY_OTHER 8u     /* any other protocol over IP: rules that name none are for it too */

/* what ist_policy_match() says */
#define IST_POLICY_DENY      0
#define IST_POLICY_ALLOW     1
#define IST_POLICY_UNDECIDED 2  /* more must be known: see struct ist_policy_reason */

/* what an undecided question lacks: bits */
#define IST_POLICY_NEEDS_ADDRESS  1u
#define IST_POLICY_NEEDS_PORT     2u     /* the port, or the protocol */
#define IST_POLICY_NEEDS_IDENTITY 4u

struct ist_policy;

struct ist_policy_error {
    uint32_t    line, column;   /* from 1; the column counts bytes */
    const char *text;           /* a sentence; static */
};

/* One question. Zero means: not known yet. */
struct ist_policy_query {
    uint32_t size;                          /* of this struct */
    uint32_t direction;
    uint32_t protocol;
    uint32_t port;                          /* of the one who is reached: the peer's if outbound, one's own if inbound */
    const struct ist_address *address;      /* the peer's, NULL = not known yet; its port and scope are not looked at */
    const char *const *names;               /* the names that lead to this peer; NULL or none of them: it has no name */
    uint32_t n_names;
    uint32_t n_identities;
    const char *const *identities;          /* what the peer has proved; NULL = not asked yet; n_identities 0: nothing */
};

struct ist_policy_reason {
    uint32_t line;      /* of the rule that decided, or of the first that lacks something; 0: no rule matched */
    uint32_t needs;     /* IST_POLICY_UNDECIDED: IST_POLICY_NEEDS_ bits; else 0 */
};

/**
 * ist_policy_parse() - a policy from its text
 * @text:     in; char[@len], no NUL needed
 * @len:      bytes; 0 is a policy that denies everything
 * @policy:   out
 * @error:    out, or NULL; where and why, when the text is refused
 *
 * Reads the text twice: first it is checked and measured, then one block of memory is taken that holds it all: at most 8 bytes
 * for each byte of text, and 64.
 *
 * Returns: 0
 * Errors:  IST_EINVAL    not a policy: see @error
 *          IST_EMSGSIZE  @len is over IST_POLICY_TEXT_MAX
 *          IST_ENOMEM
 *          on an error @policy is NULL
 * Waits:   never
 * Owner:   caller keeps @text; @policy is the caller's, ist_policy_free()
 * Source:  docs/policy.md
 */
int32_t ist_policy_parse(const char *text, uint32_t len, struct ist_policy **policy, struct ist_policy_error *error);

/**
 * ist_policy_free() - give back the memory of a policy
 * @policy:   of ist_policy_parse(), or NULL
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   @policy is gone
 * Source:  this header
 */
void ist_policy_free(struct ist_policy *policy);

/**
 * ist_policy_print() - a policy as text, in its one canonical form
 * @policy:   in
 * @text:     out; NUL-terminated, cut to @cap; NULL when @cap is 0
 * @cap:      bytes
 *
 * A line a rule, no comments, single blanks, names in lower case, addresses as RFC 5952 says, ports ascending and joined. Parsed
 * again it is the same policy, with other line numbers.
 *
 * Returns: the length of the whole text
 * Errors:  none
 * Waits:   never
 * Owner:   caller keeps both
 * Source:  docs/policy.md
 */
int32_t ist_policy_print(const struct ist_policy *policy, char *text, uint32_t cap);

/**
 * ist_policy_match() - may this be?
 * @policy:   in
 * @query:    in
 * @reason:   out, or NULL; the rule that decided
 *
 * The first rule that matches decides. Where something is not known yet, the answer is given all the same if it is the same whatever
 * will come out, so a name can be judged before it is resolved, and a connection before its handshake. Only IST_POLICY_ALLOW is
 * permission: whoever cannot find out what is lacking denies. It takes no memory; the time is the count of rules times that of
 * names and identities.
 *
 * Returns: IST_POLICY_DENY, IST_POLICY_ALLOW or IST_POLICY_UNDECIDED
 * Errors:  IST_EINVAL   @query: size, direction, protocol, port over 65,535, an address without family, or a name that is none (an
 *                       address as text is none)
 * Waits:   never
 * Owner:   caller keeps all
 * Source:  docs/policy.md
 */
int32_t ist_policy_match(const struct ist_policy *policy, const struct ist_policy_query *query, struct ist_policy_reason *reason);

#ifdef __cplusplus
}
#endif

#endif
