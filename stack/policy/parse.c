/*
 * parse.c - text to rules
 *
 * The same reader goes over the text twice: without a policy it checks and counts, with one it fills. So an error costs no
 * memory, and the block that is taken has the exact size.
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

struct word {
    const char *text;
    uint32_t    len;      /* 0: the line has no more */
};

struct line {
    const char *begin, *at, *end;
    uint32_t    number;
    struct ist_policy_error *error;
};

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct word next_word(struct line *line)
{
    struct word w;

    while (line->at < line->end && is_blank(*line->at)) line->at++;
    if (line->at < line->end && *line->at == '#') line->end = line->at;      /* only where a word could begin */
    w.text = line->at;
    while (line->at < line->end && !is_blank(*line->at)) line->at++;
    w.len = (uint32_t)(line->at - w.text);
    return w;
}

static int is(struct word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.text, text, w.len) == 0;
}

static int32_t refuse(struct line *line, const char *at, const char *why)
{
    if (line->error) *line->error = (struct ist_policy_error){ line->number, (uint32_t)(at - line->begin) + 1, why };
    return IST_EINVAL;
}

/* The value of the word among those that may stand here; 0: none of them, or no word. */
static uint8_t one_of(struct word w, const char *const names[], const uint8_t values[])
{
    for (uint32_t i = 0; names[i]; i++)
        if (is(w, names[i])) return values[i];
    return 0;
}

static int32_t parse_identity(struct line *line, struct word w, struct ist__policy_draft *draft)
{
    if (w.len == 0) return refuse(line, w.text, "behind as stands an identity, such as dns:client.example.org");
    if (w.len >= IST_POLICY_IDENTITY_MAX) return refuse(line, w.text, "an identity has at most 1023 bytes");
    memcpy(draft->identity, w.text, w.len);
    draft->identity[w.len] = 0;
    return 0;
}

/* Outside comments there is nothing but printable ASCII: what looks the same is the same. */
static const char *find_odd(struct line *line)
{
    for (const char *p = line->at; p < line->end; p++) {
        if (*p == '#' && (p == line->begin || is_blank(p[-1]))) return NULL;
        if (!is_blank(*p) && (*p < 0x21 || *p > 0x7e)) return p;
    }
    return NULL;
}

/* 1: a rule; 0: an empty line. */
static int32_t parse_line(struct line *line, struct ist__policy_draft *draft)
{
    static const char *const directions[] = { "outbound", "inbound", NULL }, *const protocols[] = { "tcp", "udp", "icmp", NULL };
    static const uint8_t direction_bits[] = { IST_POLICY_OUTBOUND, IST_POLICY_INBOUND };
    static const uint8_t protocol_bits[] = { IST_POLICY_TCP, IST_POLICY_UDP, IST_POLICY_ICMP };
    const char *odd = find_odd(line), *why;
    struct word w = next_word(line);
    uint32_t at;

    if (odd) return refuse(line, odd, "a byte that is no printable ASCII stands outside a comment");
    if (w.len == 0) return 0;
    draft->rule = (struct ist__policy_rule){ .line = line->number, .name = IST__POLICY_NONE, .identity = IST__POLICY_NONE };
    draft->name[0] = draft->identity[0] = 0;
    if (!is(w, "allow") && !is(w, "deny")) return refuse(line, w.text, "a rule begins with allow or deny");
    draft->rule.action = is(w, "allow") ? IST_POLICY_ALLOW : IST_POLICY_DENY;
    w = next_word(line);
    draft->rule.directions = one_of(w, directions, direction_bits);
    if (draft->rule.directions) w = next_word(line);
    else draft->rule.directions = IST__POLICY_ALL_DIRECTIONS;
    draft->rule.protocols = one_of(w, protocols, protocol_bits);
    if (draft->rule.protocols) w = next_word(line);
    else draft->rule.protocols = IST__POLICY_ALL_PROTOCOLS;
    if (w.len == 0) return refuse(line, w.text, "the peer is missing: any, private, an address, a prefix or a name");
    if ((why = ist__policy_peer_parse(w.text, w.len, draft, &at)) != NULL) return refuse(line, w.text + at, why);
    w = next_word(line);
    if (is(w, "as")) {
        int32_t e = parse_identity(line, next_word(line), draft);
        if (e < 0) return e;
        w = next_word(line);
    }
    return w.len == 0 ? 1 : refuse(line, w.text, "behind the peer stands nothing, a comment, or: as IDENTITY");
}

static uint32_t add_text(struct ist_policy *to, const char *text, int fill)
{
    uint32_t at = to->text_len, n = (uint32_t)strlen(text) + 1;

    if (n == 1) return IST__POLICY_NONE;
    if (fill) memcpy(to->text + at, text, n);
    to->text_len += n;
    return at;
}

static void add_rule(struct ist_policy *to, struct ist__policy_draft *draft, int fill)
{
    struct ist__policy_rule *rule = &draft->rule;

    rule->ranges = to->n_ranges;
    if (fill) memcpy(to->ranges + to->n_ranges, draft->ranges, rule->n_ranges * sizeof *draft->ranges);
    to->n_ranges += rule->n_ranges;
    rule->name = add_text(to, draft->name, fill);
    rule->identity = add_text(to, draft->identity, fill);
    if (fill) to->rules[to->n_rules] = *rule;
    to->n_rules++;
}

/* Counts into @to from zero on, and with @fill stores as well. */
static int32_t read_text(const char *text, uint32_t len, struct ist_policy *to, int fill, struct ist_policy_error *error)
{
    struct ist__policy_draft draft;
    const char *end = len ? text + len : text;

    to->n_rules = to->n_ranges = to->text_len = 0;
    for (uint32_t number = 1; text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text)), *stop = newline ? newline : end;
        struct line line = { text, text, stop, number, error };
        int32_t e = parse_line(&line, &draft);
        if (e < 0) return e;
        if (e > 0) add_rule(to, &draft, fill);
        text = newline ? newline + 1 : end;
    }
    return 0;
}

int32_t ist_policy_parse(const char *text, uint32_t len, struct ist_policy **policy, struct ist_policy_error *error)
{
    struct ist_policy count = { 0 }, *p;
    size_t rules, ranges;
    int32_t e;

    *policy = NULL;
    if (len > IST_POLICY_TEXT_MAX) return IST_EMSGSIZE;
    if ((e = read_text(text, len, &count, 0, error)) < 0) return e;
    rules = count.n_rules * sizeof *p->rules;
    ranges = count.n_ranges * sizeof *p->ranges;
    if ((p = malloc(sizeof *p + rules + ranges + count.text_len)) == NULL) return IST_ENOMEM;
    p->rules = (struct ist__policy_rule *)(void *)(p + 1);
    p->ranges = (struct ist__policy_range *)(void *)((char *)p->rules + rules);
    p->text = (char *)p->ranges + ranges;
    (void)read_text(text, len, p, 1, NULL);      /* has just gone well */
    *policy = p;
    return 0;
}

void ist_policy_free(struct ist_policy *policy)
{
    free(policy);
}
