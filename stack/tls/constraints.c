/*
 * constraints.c - name constraints: for which names an authority may issue
 *
 * RFC 5280 4.2.1.10. Compared are DNS names, addresses, directory names and addresses of mail. A name of another kind (URI) is refused where the
 * authority is constrained in that kind at all. It makes no difference whether the extension is critical.
 */
#include <string.h>
#include "tls/parts.h"

#define KIND_MAIL      0x81u
#define KIND_DNS       0x82u
#define KIND_DIRECTORY 0xa4u
#define KIND_ADDRESS   0x87u

static size_t length(const struct ist__der *e)
{
    return (size_t)(e->end - e->at);
}

/* ASCII only, whatever the locale. */
static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

int ist__same_text(const uint8_t *a, const uint8_t *b, size_t len)
{
    while (len && lower(*a) == lower(*b)) {
        a++;
        b++;
        len--;
    }
    return len == 0;
}

/* ---- form */

static int dns_valid(const struct ist__der *base)
{
    if (length(base) && *base->at == '.')
        return 0;
    for (const uint8_t *p = base->at; p < base->end; p++)
        if (*p <= ' ' || *p > '~' || *p == '*')
            return 0;
    return 1;
}

/* An address and a mask of the same size whose bits are one block. */
static int address_valid(const struct ist__der *base)
{
    size_t n = length(base) / 2;
    int ended = 0;

    if (length(base) != 8 && length(base) != 32)
        return 0;
    for (size_t bit = 0; bit < n * 8; bit++) {
        int set = base->at[n + bit / 8] >> (7 - bit % 8) & 1;
        if (set && ended)
            return 0;
        ended |= !set;
    }
    return 1;
}

static int directory_valid(const struct ist__der *base)
{
    struct ist__der in = *base, name;

    return ist__der_take(&in, IST__DER_SEQUENCE, &name) && in.at == in.end;
}

/* One GeneralSubtree; minimum and maximum are not used in X.509 for the Internet. 0: malformed. */
static int take_subtree(struct ist__der *list, uint32_t *kind, struct ist__der *base)
{
    struct ist__der subtree;

    return ist__der_take(list, IST__DER_SEQUENCE, &subtree) && ist__der_next(&subtree, kind, base) && subtree.at == subtree.end;
}

static int subtrees_valid(struct ist__der list)
{
    struct ist__der base;
    uint32_t kind;

    if (list.at == list.end)
        return 0;
    while (list.at < list.end)
        if (!take_subtree(&list, &kind, &base) || (kind == KIND_DNS && !dns_valid(&base)) || (kind == KIND_ADDRESS && !address_valid(&base)) ||
            (kind == KIND_DIRECTORY && !directory_valid(&base)) || (kind == KIND_MAIL && !ist__mail_base_valid(&base)))
            return 0;
    return 1;
}

/* The two lists; the one that is not there is empty. */
static int take_lists(const struct ist__rules *r, struct ist__der *permitted, struct ist__der *excluded)
{
    struct ist__der in = { r->constraints, r->constraints + r->constraints_len }, both;

    *permitted = *excluded = (struct ist__der){ in.end, in.end };
    if (!ist__der_take(&in, IST__DER_SEQUENCE, &both) || in.at != in.end || both.at == both.end)
        return 0;
    if (ist__der_take(&both, 0xa0, permitted) && !subtrees_valid(*permitted))
        return 0;
    if (ist__der_take(&both, 0xa1, excluded) && !subtrees_valid(*excluded))
        return 0;
    return both.at == both.end;
}

int ist__constraints_valid(const struct ist__rules *r)
{
    struct ist__der permitted, excluded;

    return take_lists(r, &permitted, &excluded);
}

/* ---- names against subtrees */

static int dns_within(struct ist__der name, struct ist__der base)
{
    size_t n, b;

    name.end -= length(&name) && name.end[-1] == '.';
    base.end -= length(&base) && base.end[-1] == '.';
    n = length(&name);
    b = length(&base);
    return b == 0 || (n >= b && ist__same_text(name.end - b, base.at, b) && (n == b || name.end[-(ptrdiff_t)b - 1] == '.'));
}

/* Whether `*.example.org` can stand for a name that lies under @base: for excluded ones that is enough. */
static int wildcard_covers(struct ist__der name, struct ist__der base)
{
    if (length(&name) < 2 || name.at[0] != '*' || name.at[1] != '.')
        return 0;
    while (base.at < base.end && *base.at != '.')
        base.at++;
    name.at++;
    name.end -= name.end[-1] == '.';
    base.end -= length(&base) && base.end[-1] == '.';
    return length(&name) == length(&base) && ist__same_text(name.at, base.at, length(&base));
}

static int address_within(struct ist__der name, struct ist__der base)
{
    size_t n = length(&name);

    if (length(&base) != 2 * n)
        return 0;
    for (size_t i = 0; i < n; i++)
        if ((name.at[i] ^ base.at[i]) & base.at[n + i])
            return 0;
    return 1;
}

/* The next character of a name's text, runs of spaces as one and none at either end; 0 at the end. */
static uint8_t next_char(struct ist__der *text, int *begun)
{
    const uint8_t *p = text->at;

    while (p < text->end && *p == ' ')
        p++;
    if (p == text->end)
        return 0;
    if (p > text->at && *begun) {
        text->at = p;
        return ' ';
    }
    *begun = 1;
    text->at = p + 1;
    return lower(*p);
}

static int is_text(uint32_t tag)
{
    return tag == 0x0c || tag == 0x13 || tag == 0x16;         /* UTF8String, PrintableString, IA5String */
}

/* RFC 5280 7.1, as far as ASCII goes; what is no such text is compared byte by byte. */
static int same_value(uint32_t a_tag, struct ist__der a, uint32_t b_tag, struct ist__der b)
{
    int a_begun = 0, b_begun = 0;
    uint8_t c;

    if (!is_text(a_tag) || !is_text(b_tag))
        return a_tag == b_tag && length(&a) == length(&b) && memcmp(a.at, b.at, length(&a)) == 0;
    do {
        c = next_char(&a, &a_begun);
        if (c != next_char(&b, &b_begun))
            return 0;
    } while (c);
    return 1;
}

static int same_rdn(struct ist__der a, struct ist__der b)
{
    struct ist__der pair_a, pair_b, a_value, b_value;
    uint32_t a_tag, b_tag;

    while (a.at < a.end && b.at < b.end) {
        if (!ist__der_take(&a, IST__DER_SEQUENCE, &pair_a) || !ist__der_take(&b, IST__DER_SEQUENCE, &pair_b) ||
            !ist__der_next(&pair_a, &a_tag, &a_value) || !ist__der_next(&pair_b, &b_tag, &b_value) || length(&a_value) != length(&b_value) ||
            memcmp(a_value.at, b_value.at, length(&a_value)) != 0 || !ist__der_next(&pair_a, &a_tag, &a_value) ||
            !ist__der_next(&pair_b, &b_tag, &b_value) || !same_value(a_tag, a_value, b_tag, b_value))
            return 0;
    }
    return a.at == a.end && b.at == b.end;
}

/* @base is the beginning of @name; both are whole Names. */
static int directory_within(struct ist__der name, struct ist__der base)
{
    struct ist__der names, bases, a, b;

    if (!ist__der_take(&name, IST__DER_SEQUENCE, &names) || !ist__der_take(&base, IST__DER_SEQUENCE, &bases))
        return 0;
    while (bases.at < bases.end)
        if (!ist__der_take(&names, IST__DER_SET, &a) || !ist__der_take(&bases, IST__DER_SET, &b) || !same_rdn(a, b))
            return 0;
    return 1;
}

static int within(uint32_t kind, struct ist__der name, struct ist__der base)
{
    return kind == KIND_DNS ? dns_within(name, base) : kind == KIND_ADDRESS ? address_within(name, base)
         : kind == KIND_MAIL ? ist__mail_within(&name, &base) : directory_within(name, base);
}

/* One name against both lists. */
static int name_permitted(uint32_t kind, struct ist__der name, struct ist__der permitted, struct ist__der excluded, uint32_t *budget)
{
    int comparable = kind == KIND_DNS || kind == KIND_ADDRESS || kind == KIND_DIRECTORY || (kind == KIND_MAIL && ist__mail_valid(&name));
    int constrained = 0, found = 0;
    struct ist__der base;
    uint32_t base_kind;

    while (take_subtree(&excluded, &base_kind, &base)) {
        if (*budget == 0 || !--*budget)
            return 0;
        if (base_kind == kind && (!comparable || within(kind, name, base) || (kind == KIND_DNS && wildcard_covers(name, base))))
            return 0;
    }
    while (!found && take_subtree(&permitted, &base_kind, &base)) {
        if (*budget == 0 || !--*budget)
            return 0;
        if (base_kind == kind) {
            constrained = 1;
            found = comparable && within(kind, name, base);
        }
    }
    return found || !constrained;
}

/* An address of mail as an attribute of the subject, 1.2.840.113549.1.9.1, is a name of that kind too. */
static int subject_mail_permitted(struct ist__der subject, struct ist__der permitted, struct ist__der excluded, uint32_t *budget)
{
    static const uint8_t mail[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 };
    struct ist__der names, set, pair, oid, value;
    uint32_t tag;

    if (!ist__der_take(&subject, IST__DER_SEQUENCE, &names))
        return 0;
    while (names.at < names.end) {
        if (!ist__der_take(&names, IST__DER_SET, &set))
            return 0;
        while (set.at < set.end) {
            if (!ist__der_take(&set, IST__DER_SEQUENCE, &pair) || !ist__der_take(&pair, IST__DER_OID, &oid) || !ist__der_next(&pair, &tag, &value))
                return 0;
            if (length(&oid) == sizeof mail && memcmp(oid.at, mail, sizeof mail) == 0 &&
                !name_permitted(KIND_MAIL, value, permitted, excluded, budget))
                return 0;
        }
    }
    return 1;
}

int ist__constraints_permit(const struct ist__rules *authority, const struct ist_certificate *c, uint32_t *budget)
{
    struct ist__der names, permitted, excluded, name;
    uint32_t kind;

    if (!take_lists(authority, &permitted, &excluded))
        return 0;
    name = (struct ist__der){ c->subject, c->subject + c->subject_len };
    if (c->subject_len > 2 && !name_permitted(KIND_DIRECTORY, name, permitted, excluded, budget))
        return 0;
    if (!subject_mail_permitted(name, permitted, excluded, budget))
        return 0;
    if (!c->names)
        return 1;
    names = (struct ist__der){ c->names, c->names + c->names_len };
    while (ist__der_next(&names, &kind, &name))
        if (!name_permitted(kind, name, permitted, excluded, budget))
            return 0;
    return 1;
}
