/*
 * host.c - localhost (RFC 6761 6.3) and the grant's host= lines: "address name [alias...]"
 */
#include "host.h"

#include <isthmus/stack.h>
#include <string.h>

#define LINE_MAX_LEN 1024u       /* a host= line is read up to here */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int ist__text_equal(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) a++, b++;
    if (*a == '.' && a[1] == 0) a++;
    if (*b == '.' && b[1] == 0) b++;
    return *a == 0 && *b == 0;
}

const char *ist__word_next(const char *line, char word[IST__WORD_MAX])
{
    uint32_t n = 0;

    while (*line == ' ' || *line == '\t') line++;
    if (*line == 0) return NULL;
    for (; *line && *line != ' ' && *line != '\t'; line++)
        if (n < IST__WORD_MAX - 1) word[n++] = *line;
    word[n] = 0;
    return line;
}

static int is_localhost(const char *name)
{
    static const char suffix[] = ".localhost";
    size_t n = strlen(name);

    if (n && name[n - 1] == '.') n--;
    if (n == sizeof suffix - 2) return ist__text_equal(name, suffix + 1);
    return n >= sizeof suffix && ist__text_equal(name + n - (sizeof suffix - 1), suffix);
}

static uint32_t add(struct ist_address *out, uint32_t cap, uint32_t n, const struct ist_address *address)
{
    if (n < cap) out[n] = *address;
    return n + 1;
}

static int32_t lookup_localhost(uint32_t family, struct ist_address *out, uint32_t cap)
{
    struct ist_address a;
    uint32_t n = 0;

    if (family != IST_IPV4 && ist_address_parse("::1", &a) == 0) n = add(out, cap, n, &a);
    if (family != IST_IPV6 && ist_address_parse("127.0.0.1", &a) == 0) n = add(out, cap, n, &a);
    return (int32_t)n;
}

static void set_name(char *to, const char *from)
{
    size_t n = strlen(from);

    if (n && from[n - 1] == '.') n--;
    if (n >= IST_NAME_MAX) n = IST_NAME_MAX - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

/* Does the line, after its address, hold the name? */
static int line_names(const char *line, const char *name)
{
    char word[IST__WORD_MAX];

    while ((line = ist__word_next(line, word)) != NULL)
        if (ist__text_equal(word, name)) return 1;
    return 0;
}

int32_t ist__host_lookup(const char *name, uint32_t family, struct ist_address *out, uint32_t cap, char *canonical)
{
    char line[LINE_MAX_LEN], word[IST__WORD_MAX];
    uint32_t n = 0;
    int known = 0;

    if (is_localhost(name)) {
        set_name(canonical, name);
        return lookup_localhost(family, out, cap);
    }
    for (uint32_t i = 0; ist_grant_value("host", i, line, sizeof line) >= 0; i++) {
        struct ist_address a;
        const char *names = ist__word_next(line, word);
        if (!names || ist_address_parse(word, &a) < 0 || !line_names(names, name)) continue;
        if (!known && ist__word_next(names, word)) set_name(canonical, word);
        known = 1;
        if (family == 0 || a.family == family) n = add(out, cap, n, &a);
    }
    if (n) return (int32_t)n;
    return known ? IST_ENODATA : IST_ENONAME;
}

static int same_host(const struct ist_address *a, const struct ist_address *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, a->family == IST_IPV4 ? 4 : 16) == 0 &&
           (a->scope == b->scope || a->scope == 0 || b->scope == 0);
}

static int32_t give_name(const char *from, char *name, uint32_t cap)
{
    char whole[IST_NAME_MAX];
    uint32_t n;

    set_name(whole, from);
    n = (uint32_t)strlen(whole);
    if (cap) {
        uint32_t fits = n < cap ? n : cap - 1;
        memcpy(name, whole, fits);
        name[fits] = 0;
    }
    return (int32_t)n;
}

int32_t ist_resolve_reverse(const struct ist_address *address, char *name, uint32_t cap)
{
    char line[LINE_MAX_LEN], word[IST__WORD_MAX];
    struct ist_address a;

    if (address->family != IST_IPV4 && address->family != IST_IPV6) return IST_EINVAL;
    for (uint32_t i = 0; ist_grant_value("host", i, line, sizeof line) >= 0; i++) {
        const char *names = ist__word_next(line, word);
        if (names && ist_address_parse(word, &a) == 0 && same_host(&a, address) && ist__word_next(names, word))
            return give_name(word, name, cap);
    }
    for (const char *const *p = (const char *const[]){ "127.0.0.1", "::1", NULL }; *p; p++)
        if (ist_address_parse(*p, &a) == 0 && same_host(&a, address)) return give_name("localhost", name, cap);
    return IST_ENONAME;
}
