/*
 * resolve.c - the query handle: candidates for the name, A and AAAA side by side, the result
 *
 * Theory of operation. ist_resolve_open() decides what needs no server. Else the candidates (the name with each search suffix, then
 * alone) are asked one after the other, each as two struct ist__query at once. advance() moves them; it is called by ready(), that
 * is, by every turn of a wait on the handle, and by one lwIP timer set to the nearest of their deadlines.
 */
#include "host.h"
#include "query.h"

#include "core/core.h"
#include "socket/class.h"

#include <isthmus/stack.h>
#include <lwip/timeouts.h>
#include <stdlib.h>
#include <string.h>

#define TOTAL_NS  UINT64_C(12000000000)
#define SECOND_NS UINT64_C(3000000000)    /* one family is there: how long the other is waited for */
#define SUFFIXES_MAX 6u

struct resolve {
    struct ist__object object;
    int32_t  outcome;                     /* IST_EAGAIN while it runs; then the count of addresses, or an error */
    uint32_t family;
    char     name[IST_NAME_MAX + 1];      /* as asked; empty: the name of an address is wanted */
    struct ist_address address;           /* that */
    uint8_t  whole;                       /* it has a dot: no suffix */
    uint8_t  no_data;                     /* a candidate existed without an address */
    uint32_t candidate;                   /* suffix to try next; UINT32_MAX: none is left */
    uint64_t deadline;
    uint64_t timer;                       /* when the timer goes off, 0 = not set */
    struct ist__query query[2];           /* AAAA, A; outcome IST_ENODATA for a family that is not wanted */
    struct ist_address *addresses;        /* malloc */
    char     canonical[IST_NAME_MAX];
};

static void advance(struct resolve *r);

static void on_timer(void *arg)
{
    struct resolve *r = arg;

    r->timer = 0;
    advance(r);
}

static void clear_timer(struct resolve *r)
{
    if (r->timer) sys_untimeout(on_timer, r);
    r->timer = 0;
}

/* One timer at the nearest wake-up of the two. */
static void set_timer(struct resolve *r, uint64_t now)
{
    uint64_t nearest = r->deadline;

    if (r->outcome != IST_EAGAIN) {
        clear_timer(r);
        return;
    }
    for (int i = 0; i < 2; i++) {
        const struct ist__query *q = &r->query[i];
        if (q->outcome != IST_EAGAIN) continue;
        if (q->wake < nearest) nearest = q->wake;
        if (q->deadline < nearest) nearest = q->deadline;
    }
    if (nearest == r->timer) return;
    clear_timer(r);
    r->timer = nearest;
    sys_timeout(nearest > now ? (u32_t)((nearest - now + 999999) / 1000000) : 0, on_timer, r);
}

static void decide(struct resolve *r, int32_t outcome)
{
    for (int i = 0; i < 2; i++) ist__query_end(&r->query[i]);
    r->outcome = outcome;
}

/* The i-th suffix over all words of all search= lines. */
static int suffix_get(uint32_t i, char word[IST__WORD_MAX])
{
    char line[1024];

    if (i >= SUFFIXES_MAX) return 0;
    for (uint32_t k = 0; ist_grant_value("search", k, line, sizeof line) >= 0; k++)
        for (const char *p = line; (p = ist__word_next(p, word)) != NULL;)
            if (i-- == 0) return 1;
    return 0;
}

/* The next candidate in wire form; 0 when none is left. A suffix that makes no name is skipped. */
static int candidate_next(struct resolve *r, uint8_t wire[IST__NAME_WIRE])
{
    char word[IST__WORD_MAX], text[sizeof r->name + IST__WORD_MAX + 1];

    if (r->candidate == UINT32_MAX) return 0;
    if (!r->name[0]) {
        r->candidate = UINT32_MAX;
        ist__name_reverse(&r->address, wire);
        return 1;
    }
    while (!r->whole && suffix_get(r->candidate, word)) {
        size_t n = strlen(r->name);
        r->candidate++;
        memcpy(text, r->name, n);
        text[n] = '.';
        strcpy(text + n + 1, word[0] == '.' ? word + 1 : word);
        if (ist__name_parse(text, wire) > 0) return 1;
    }
    r->candidate = UINT32_MAX;
    return ist__name_parse(r->name, wire) > 0;
}

/* Asks for the next candidate; 0 when there is none. */
static int ask(struct resolve *r, uint64_t now)
{
    uint8_t wire[IST__NAME_WIRE] = { 0 };

    if (!candidate_next(r, wire)) return 0;
    for (int i = 0; i < 2; i++) {
        struct ist__query *q = &r->query[i];
        ist__query_end(q);
        if (r->family == (i == 0 ? IST_IPV4 : IST_IPV6)) q->outcome = IST_ENODATA;
        else ist__query_start(q, wire, !r->name[0] ? IST__TYPE_PTR : i == 0 ? IST__TYPE_AAAA : IST__TYPE_A, now, r->deadline);
    }
    return 1;
}

/* The address itself, and the name that its record gives; one that is no host name is none. */
static int32_t join_reverse(struct resolve *r)
{
    if (ist__name_format(r->query[1].question.name, r->canonical) <= 0) return IST_ENODATA;
    r->addresses = malloc(sizeof *r->addresses);
    if (!r->addresses) return IST_ENOMEM;
    *r->addresses = r->address;
    return 1;
}

/* Both answers joined, ordered, with the name at the end of the aliases. */
static int32_t join(struct resolve *r)
{
    const struct ist__query *six = &r->query[0], *four = &r->query[1];
    uint32_t n = six->n_addresses + four->n_addresses;

    if (!r->name[0]) return join_reverse(r);
    r->addresses = malloc(n * sizeof *r->addresses);
    if (!r->addresses) return IST_ENOMEM;
    if (six->n_addresses) memcpy(r->addresses, six->addresses, six->n_addresses * sizeof *r->addresses);
    if (four->n_addresses) memcpy(r->addresses + six->n_addresses, four->addresses, four->n_addresses * sizeof *r->addresses);
    ist__addresses_order(r->addresses, n);
    if (ist__name_format((six->n_addresses ? six : four)->question.name, r->canonical) < 0) {
        size_t len = strlen(r->name);     /* an alias to what is no host name: the name as asked */
        if (r->name[len - 1] == '.') len--;
        memcpy(r->canonical, r->name, len);
        r->canonical[len] = 0;
    }
    return (int32_t)n;
}

/* What the two outcomes mean together, none of them being an address. */
static int32_t failure_of(const struct resolve *r)
{
    int32_t six = r->query[0].outcome, four = r->query[1].outcome;

    if (six == IST_ENOMEM || four == IST_ENOMEM) return IST_ENOMEM;
    if (r->family == IST_IPV4) return four;
    if (r->family == IST_IPV6) return six;
    /* "no such name" holds for both; "no such record" says nothing about the other */
    if (six == IST_ENONAME || four == IST_ENONAME) return six == IST_ENODATA || four == IST_ENODATA ? IST_ENODATA : IST_ENONAME;
    return six == four ? six : IST_ENAMESERVER;
}

/* One family decided something for the other. */
static void spread(struct resolve *r, uint64_t now)
{
    for (int i = 0; i < 2; i++) {
        struct ist__query *q = &r->query[i], *other = &r->query[1 - i];
        if (other->outcome != IST_EAGAIN || q->outcome == IST_EAGAIN) continue;
        if (q->outcome == IST_ENONAME || q->outcome == IST_ENOMEM) ist__query_finish(other, q->outcome);
        else if (q->outcome == 0 && other->deadline > now + SECOND_NS) other->deadline = now + SECOND_NS;
    }
}

static void advance(struct resolve *r)
{
    uint64_t now = ist_monotonic();

    while (r->outcome == IST_EAGAIN) {
        spread(r, now);           /* the cache may have decided one already */
        for (int i = 0; i < 2; i++) {
            ist__query_step(&r->query[i], now);
            spread(r, now);
        }
        if (r->query[0].outcome == IST_EAGAIN || r->query[1].outcome == IST_EAGAIN) break;
        if (r->query[0].outcome == 0 || r->query[1].outcome == 0) {
            decide(r, join(r));
            break;
        }
        int32_t e = failure_of(r);
        r->no_data |= e == IST_ENODATA;
        if ((e != IST_ENONAME && e != IST_ENODATA) || !ask(r, now))
            decide(r, r->no_data && e == IST_ENONAME ? IST_ENODATA : e);
    }
    set_timer(r, now);
}

static uint32_t resolve_ready(struct ist__object *o)
{
    struct resolve *r = (struct resolve *)o;

    if (r->outcome == IST_EAGAIN) advance(r);
    return r->outcome == IST_EAGAIN ? 0 : IST_READABLE;
}

static void resolve_close(struct ist__object *o)
{
    struct resolve *r = (struct resolve *)o;

    clear_timer(r);
    decide(r, IST_ESTATE);
    free(r->addresses);
    free(r);
}

static void resolve_drop(struct ist__object *o, int32_t error)
{
    struct resolve *r = (struct resolve *)o;

    /* the sockets of its tries are dropped by themselves, and closed with it */
    clear_timer(r);
    if (r->outcome == IST_EAGAIN) r->outcome = error;
}

static const struct ist__class resolve_class = { .ready = resolve_ready, .close = resolve_close, .drop = resolve_drop };

/* Nobody is asked for what has a meaning here alone: no address, the loopback, link-local. */
static int is_local(const struct ist_address *a)
{
    static const uint8_t zero[15];

    if (a->family == IST_IPV4) return a->ip[0] == 0 || a->ip[0] == 127 || (a->ip[0] == 169 && a->ip[1] == 254);
    return (memcmp(a->ip, zero, 15) == 0 && a->ip[15] <= 1) || (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80);
}

static int decide_reverse(struct resolve *r)
{
    if (ist_resolve_reverse(&r->address, r->canonical, sizeof r->canonical) > 0) {
        r->addresses = malloc(sizeof *r->addresses);
        if (r->addresses) *r->addresses = r->address;
        r->outcome = r->addresses ? 1 : IST_ENOMEM;
    } else if (is_local(&r->address)) {
        r->outcome = IST_ENONAME;
    }
    return r->outcome != IST_EAGAIN;
}

/* What needs no server: 1 when that decided it. */
static int decide_locally(struct resolve *r)
{
    struct ist_address literal;
    int32_t n;

    if (!r->name[0]) return decide_reverse(r);
    if (ist_address_parse(r->name, &literal) == 0) {
        strcpy(r->canonical, r->name);
        n = r->family == 0 || r->family == literal.family ? 1 : IST_ENODATA;
    } else {
        n = ist__host_lookup(r->name, r->family, NULL, 0, r->canonical);
        if (n == IST_ENONAME) return 0;
    }
    r->outcome = n;
    if (n <= 0) return 1;
    r->addresses = malloc((uint32_t)n * sizeof *r->addresses);
    if (!r->addresses) {
        r->outcome = IST_ENOMEM;
    } else if (ist_address_parse(r->name, r->addresses) < 0) {
        ist__host_lookup(r->name, r->family, r->addresses, (uint32_t)n, r->canonical);
        ist__addresses_order(r->addresses, (uint32_t)n);
    }
    return 1;
}

static struct resolve *resolve_new(uint32_t family)
{
    struct resolve *r = calloc(1, sizeof *r);

    if (!r) return NULL;
    r->object.class = &resolve_class;
    r->family = family;
    r->outcome = IST_EAGAIN;
    return r;
}

static ist_handle begin(struct resolve *r)
{
    ist_handle handle = ist__handle_new(&r->object);

    if (handle < 0) {
        free(r);
        return handle;
    }
    if (!decide_locally(r)) {
        uint64_t now = ist_monotonic();
        r->deadline = now + TOTAL_NS;
        ask(r, now);
        advance(r);
        ist__queued();
    }
    return handle;
}

ist_handle ist_resolve_open(const char *name, uint32_t family)
{
    uint8_t wire[IST__NAME_WIRE];
    struct ist_address literal;
    struct resolve *r;

    if (!ist__started()) return IST_ESTATE;
    if (family != 0 && family != IST_IPV4 && family != IST_IPV6) return IST_EINVAL;
    if (strlen(name) > IST_NAME_MAX) return IST_EINVAL;
    if (ist_address_parse(name, &literal) < 0 && ist__name_parse(name, wire) < 0) return IST_EINVAL;
    r = resolve_new(family);
    if (!r) return IST_ENOMEM;
    strcpy(r->name, name);
    r->whole = strchr(name, '.') != NULL;
    return begin(r);
}

ist_handle ist_resolve_reverse_open(const struct ist_address *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    struct resolve *r;

    if (!ist__started()) return IST_ESTATE;
    if (address->family != IST_IPV4 && address->family != IST_IPV6) return IST_EINVAL;
    r = resolve_new(IST_IPV4);             /* one question, in the place of A */
    if (!r) return IST_ENOMEM;
    r->address = *address;
    r->address.port = 0;
    if (address->family == IST_IPV6 && memcmp(address->ip, mapped, 12) == 0) {
        memset(&r->address, 0, sizeof r->address);
        r->address.family = IST_IPV4;
        memcpy(r->address.ip, address->ip + 12, 4);
    }
    return begin(r);
}

int32_t ist_resolve_result(ist_handle query, struct ist_address *out, uint32_t cap)
{
    struct resolve *r = (struct resolve *)ist__handle_get(query, &resolve_class);

    if (!r) return IST_EBADF;
    if (r->outcome == IST_EAGAIN) advance(r);
    if (r->outcome > 0 && cap)
        memcpy(out, r->addresses, ((uint32_t)r->outcome < cap ? (uint32_t)r->outcome : cap) * sizeof *out);
    return r->outcome;
}

int32_t ist__resolve_family(ist_handle query, uint8_t family, struct ist_address *out, uint32_t cap)
{
    struct resolve *r = (struct resolve *)ist__handle_get(query, &resolve_class);
    const struct ist_address *from;
    uint32_t n, n_found = 0;

    if (!r) return IST_EBADF;
    if (r->outcome == IST_EAGAIN) advance(r);
    if (r->outcome == IST_EAGAIN) {          /* addresses decide a candidate; anything else may lead to the next */
        const struct ist__query *q = &r->query[family == IST_IPV4];
        if (q->outcome != 0) return IST_EAGAIN;
        from = q->addresses;
        n = q->n_addresses;
    } else if (r->outcome < 0) {
        return r->outcome;
    } else {
        from = r->addresses;
        n = (uint32_t)r->outcome;
    }
    for (uint32_t i = 0; i < n; i++)
        if (from[i].family == family && n_found++ < cap) out[n_found - 1] = from[i];
    return (int32_t)n_found;
}

int32_t ist_resolve_canonical(ist_handle query, char *name, uint32_t cap)
{
    struct resolve *r = (struct resolve *)ist__handle_get(query, &resolve_class);
    uint32_t n, fits;

    if (!r) return IST_EBADF;
    if (r->outcome <= 0) return r->outcome == IST_EAGAIN ? IST_EAGAIN : IST_ESTATE;
    n = (uint32_t)strlen(r->canonical);
    if (cap) {
        fits = n < cap ? n : cap - 1;
        memcpy(name, r->canonical, fits);
        name[fits] = 0;
    }
    return (int32_t)n;
}
