/*
 * path.c - finds a path from the peer's certificate to a trust anchor, and judges it
 *
 * Theory of Operation: the peer sends its own certificate first and others in any order, some of them for other anchors than
 * ours. Names of issuers and subjects lead from one to the next; each way that ends at an anchor is a path, and the first good one
 * counts. A path is judged twice: here by all that RFC 5280 asks and x509_minimal does not look at, then by x509_minimal, for the
 * signatures and once more dates, names and authority. The work is bounded: steps of the search, paths judged, names compared.
 */
#include <string.h>
#include "tls/parts.h"

#define DAYS_TO_1970 719528            /* from 0000-01-01, BearSSL's day 0 */
#define STEPS_MAX    512u
#define PATHS_MAX    8u                /* each costs a signature for every certificate of it */
#define NAMES_MAX    200000u           /* comparisons of names with constraints, over all paths */

struct search {
    struct ist__verify *v;
    struct ist__facts facts[IST_TLS_CHAIN_MAX];
    uint32_t path[IST_TLS_CHAIN_MAX], n;     /* positions in the chain as it was sent */
    uint32_t steps, tries, names_left;
    int32_t reason, foreign;                 /* of the first path that was refused */
};

static int64_t now_s(const struct ist__verify *v)
{
    return (int64_t)(v->realtime_ns / 1000000000u);
}

static int32_t judge_dates(const struct ist__verify *v, const struct ist__rules *r)
{
    if (v->flags & IST_TLS_NO_VERIFY_TIME)
        return 0;
    return now_s(v) < r->not_before_s ? IST_TLS_NOT_YET_VALID : now_s(v) > r->not_after_s ? IST_TLS_EXPIRED : 0;
}

static int32_t judge_purpose(const struct ist__verify *v, const struct ist__rules *r)
{
    return r->bits & (v->is_server ? IST__FOR_CLIENTS : IST__FOR_SERVERS) ? 0 : IST_TLS_KEY_USAGE;
}

/* One certificate by itself, at its place in the path: 0 is the peer's own. */
static int32_t judge_one(const struct ist__verify *v, const struct ist__rules *r, uint32_t place)
{
    int32_t reason = r->reason ? r->reason : judge_dates(v, r);

    if (reason)
        return reason;
    if (!(r->bits & IST__VERSION_3))
        return IST_TLS_UNSUPPORTED_CERTIFICATE;
    if (!(r->bits & IST__SERIAL_PROPER))
        return IST_TLS_BAD_CERTIFICATE;
    if (!(r->bits & IST__AUTHORITY)) {
        if (place)
            return IST_TLS_NOT_CA;
        if (r->constraints || r->bits & IST__SAYS_ISSUES)
            return IST_TLS_BAD_CERTIFICATE;
    } else if (place && !(r->bits & IST__MAY_ISSUE)) {
        return IST_TLS_KEY_USAGE;
    }
    return judge_purpose(v, r);
}

/* What an authority at @place (s->n: the anchor) permits of those below it. */
static int32_t judge_below(struct search *s, const struct ist__rules *r, uint32_t place)
{
    uint32_t between = 0;

    for (uint32_t i = 0; i < place; i++) {
        const struct ist__facts *f = &s->facts[s->path[i]];
        if (i && f->rules.bits & IST__SELF_ISSUED)
            continue;
        between += i > 0;
        if (r->constraints && !ist__constraints_permit(r, &f->c, &s->names_left))
            return s->names_left ? IST_TLS_CONSTRAINED : IST_TLS_UNSUPPORTED_CERTIFICATE;
    }
    return between > r->path_len ? IST_TLS_NOT_CA : 0;
}

/* An anchor is believed for its name and key; what else it says holds too. */
static int32_t judge_anchor(struct search *s, const br_x509_trust_anchor *a, const struct ist__rules *r)
{
    int32_t reason = r->reason ? r->reason : judge_dates(s->v, r);

    if (reason)
        return reason;
    if (a->pkey.key_type == BR_KEYTYPE_RSA && a->pkey.key.rsa.nlen < 2048 / 8)
        return IST_TLS_WEAK_KEY;
    if (!(a->flags & BR_X509_TA_CA))
        return 0;
    if (!(r->bits & IST__MAY_ISSUE))
        return IST_TLS_KEY_USAGE;
    if (!(r->bits & (IST__SELF_ISSUED | IST__NAMES_ISSUER_KEY)))
        return IST_TLS_BAD_CERTIFICATE;
    reason = judge_purpose(s->v, r);
    return reason ? reason : judge_below(s, r, s->n);
}

static int32_t judge_by_rules(struct search *s, const br_x509_trust_anchor *a, const struct ist__rules *anchor_rules)
{
    int32_t reason = 0;

    for (uint32_t i = 0; i < s->n && !reason; i++)
        reason = judge_one(s->v, &s->facts[s->path[i]].rules, i);
    for (uint32_t i = 1; i < s->n && !reason; i++)
        reason = judge_below(s, &s->facts[s->path[i]].rules, i);
    return reason ? reason : judge_anchor(s, a, anchor_rules);
}

/* The signatures, and all that BearSSL checks besides. */
static int32_t judge_by_minimal(struct search *s, const br_x509_trust_anchor *a)
{
    struct ist__verify *v = s->v;
    const br_x509_class **x = &v->minimal.vtable;
    unsigned err;

    br_x509_minimal_init(&v->minimal, &br_sha256_vtable, a, 1);
    ist__profile_verify(&v->minimal);
    (*x)->start_chain(x, NULL);
    for (uint32_t i = 0; i < s->n && v->minimal.err == 0; i++) {
        uint32_t at = s->path[i], len = v->start[at + 1] - v->start[at];
        int64_t t = v->flags & IST_TLS_NO_VERIFY_TIME ? s->facts[at].c.not_before_s : now_s(v);
        br_x509_minimal_set_time(&v->minimal, (uint32_t)(t / 86400 - (t % 86400 < 0) + DAYS_TO_1970), (uint32_t)((t % 86400 + 86400) % 86400));
        (*x)->start_cert(x, len);
        (*x)->append(x, v->der + v->start[at], len);
        (*x)->end_cert(x);
    }
    err = (*x)->end_chain(x);
    v->foreign = (int32_t)err;
    return ist__tls_reason((int)err);
}

/* The path as it is now, ended by an anchor. */
static int try_anchor(struct search *s, uint32_t i)
{
    const struct ist_tls_trust *t = s->v->trust;
    int32_t reason;

    s->v->foreign = 0;
    reason = judge_by_rules(s, &t->anchors[i], &t->rules[i]);
    if (!reason) {
        s->tries++;
        reason = judge_by_minimal(s, &t->anchors[i]);
    }
    if (!reason)
        return 1;
    if (!s->reason) {
        s->reason = reason;
        s->foreign = s->v->foreign;
    }
    return 0;
}

static int same_name(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static int on_path(const struct search *s, uint32_t i)
{
    for (uint32_t k = 0; k < s->n; k++)
        if (s->path[k] == i)
            return 1;
    return 0;
}

/* From the last of the path on; 1 when a good path was found. No deeper than the chain is long. */
static int extend(struct search *s)
{
    const struct ist_tls_trust *t = s->v->trust;
    const struct ist_certificate *last = &s->facts[s->path[s->n - 1]].c;

    for (uint32_t i = 0; i < t->n && s->tries < PATHS_MAX && s->steps < STEPS_MAX; i++) {
        const br_x509_trust_anchor *a = &t->anchors[i];
        int issuer = (a->flags & BR_X509_TA_CA) != 0;        /* else it is a server's own certificate */
        if (!(issuer ? same_name(last->issuer, last->issuer_len, a->dn.data, a->dn.len)
                     : s->n == 1 && same_name(last->subject, last->subject_len, a->dn.data, a->dn.len)))
            continue;
        s->steps++;
        if (try_anchor(s, i))
            return 1;
    }
    for (uint32_t i = 1; i < s->v->n && s->tries < PATHS_MAX; i++) {
        const struct ist_certificate *c = &s->facts[i].c;
        if (on_path(s, i) || !same_name(last->issuer, last->issuer_len, c->subject, c->subject_len))
            continue;
        if (s->n > s->v->depth) {
            s->reason = s->reason ? s->reason : (int32_t)IST_TLS_CHAIN_TOO_LARGE;
            return 0;
        }
        if (++s->steps >= STEPS_MAX)
            return 0;
        s->path[s->n++] = i;
        if (extend(s))
            return 1;
        s->n--;
    }
    return 0;
}

int32_t ist__path_judge(struct ist__verify *v)
{
    struct search s = { .v = v, .n = 1, .names_left = NAMES_MAX };

    if (v->realtime_ns == 0 && !(v->flags & IST_TLS_NO_VERIFY_TIME))
        return IST_TLS_CLOCK_UNKNOWN;
    for (uint32_t i = 0; i < v->n; i++)
        if (!ist__facts_read(v->der + v->start[i], v->start[i + 1] - v->start[i], &s.facts[i]))
            return IST_TLS_BAD_CERTIFICATE;
    if (extend(&s)) {
        v->foreign = 0;
        return IST_TLS_OK;
    }
    v->foreign = s.foreign;
    return s.reason ? s.reason : (int32_t)IST_TLS_NOT_TRUSTED;
}
