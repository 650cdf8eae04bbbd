/*
 * message.c - write a DNS query, read its answer
 */
#include "message.h"

#include <string.h>

#define TYPE_CNAME 5u
#define TYPE_SOA   6u
#define TYPE_OPT   41u
#define CLASS_IN   1u
#define FLAG_QR    0x8000u
#define FLAG_TC    0x0200u
#define FLAG_RD    0x0100u
#define FLAG_RA    0x0080u
#define FLAG_AA    0x0400u
#define OPCODE     0x7800u
#define JUMPS_MAX  127u        /* a name has no more labels */

struct reader {
    const uint8_t *msg;
    uint32_t len, at;
};

struct record {
    uint8_t  owner[IST__NAME_WIRE];
    uint16_t type, class;
    uint32_t ttl;               /* seconds */
    uint32_t data, data_len;    /* offset into the message */
};

static int read_u16(struct reader *r, uint16_t *value)
{
    if (r->len - r->at < 2) return 0;
    *value = (uint16_t)(r->msg[r->at] << 8 | r->msg[r->at + 1]);
    r->at += 2;
    return 1;
}

/* A name, following compression pointers (RFC 1035 4.1.4). Each must lead to before where the last part began: no loop. */
static int read_name(struct reader *r, uint8_t name[IST__NAME_WIRE])
{
    uint32_t at = r->at, part = r->at, n = 0;
    uint32_t n_jumps = 0;

    for (;;) {
        if (at >= r->len) return 0;
        uint32_t label = r->msg[at];
        if (label >= 0xc0) {
            if (r->len - at < 2) return 0;
            uint32_t target = (label & 0x3f) << 8 | r->msg[at + 1];
            if (target >= part || n_jumps == JUMPS_MAX) return 0;
            if (n_jumps++ == 0) r->at = at + 2;
            at = part = target;
            continue;
        }
        if (label > 63 || r->len - at < label + 1 || n + label + 1 > IST__NAME_WIRE) return 0;
        memcpy(name + n, r->msg + at, label + 1);
        n += label + 1;
        at += label + 1;
        if (label == 0) break;
    }
    if (n_jumps == 0) r->at = at;
    return 1;
}

static int read_record(struct reader *r, struct record *record)
{
    uint16_t ttl_high, ttl_low, data_len;

    if (!read_name(r, record->owner) || !read_u16(r, &record->type) || !read_u16(r, &record->class) ||
        !read_u16(r, &ttl_high) || !read_u16(r, &ttl_low) || !read_u16(r, &data_len) || r->len - r->at < data_len)
        return 0;
    record->ttl = ttl_high & 0x8000 ? 0 : (uint32_t)ttl_high << 16 | ttl_low;      /* RFC 2181 8 */
    record->data = r->at;
    record->data_len = data_len;
    r->at += data_len;
    return 1;
}

static void ttl_limit(struct ist__answer *answer, uint32_t ttl)
{
    if (ttl < answer->ttl) answer->ttl = ttl;
}

static void take_address(struct ist__answer *answer, const uint8_t *data, uint32_t len, struct ist_address *out, uint32_t cap)
{
    if (answer->n_addresses < cap) {
        struct ist_address *a = &out[answer->n_addresses];
        memset(a, 0, sizeof *a);
        a->family = len == 4 ? IST_IPV4 : IST_IPV6;
        memcpy(a->ip, data, len);
    }
    answer->n_addresses++;
}

/*
 * One walk over the answer section: takes the addresses of answer->name, or the alias that leads on from it.
 * 1: an alias was followed; 0: none; -1: broken.
 */
static int walk_answers(struct reader r, uint32_t n_records, uint16_t type, struct ist__answer *answer,
                        struct ist_address *out, uint32_t cap)
{
    uint32_t address_len = type == IST__TYPE_A ? 4 : 16;
    struct record record;

    while (n_records--) {
        if (!read_record(&r, &record)) return -1;
        if (record.class != CLASS_IN || !ist__name_equal(record.owner, answer->name)) continue;
        struct reader data = { r.msg, record.data + record.data_len, record.data };
        if (record.type == type) ttl_limit(answer, record.ttl);
        if (record.type == type && type == IST__TYPE_PTR) {
            answer->found = 1;           /* the first will do */
            return read_name(&data, answer->target) && data.at == data.len ? 0 : -1;
        } else if (record.type == type) {
            if (record.data_len != address_len) return -1;
            take_address(answer, r.msg + record.data, address_len, out, cap);
        } else if (record.type == TYPE_CNAME && answer->n_addresses == 0) {
            ttl_limit(answer, record.ttl);
            return read_name(&data, answer->name) && data.at == data.len ? 1 : -1;
        }
    }
    return 0;
}

/* How long the zone lets a negative answer be kept: RFC 2308 5. 0: not at all, or the record is broken. */
static uint32_t negative_ttl(const struct reader *r, const struct record *soa)
{
    struct reader data = { r->msg, soa->data + soa->data_len, soa->data };
    uint8_t name[IST__NAME_WIRE];
    uint16_t high, low;
    uint32_t minimum;

    if (!read_name(&data, name) || !read_name(&data, name) || data.len - data.at != 20) return 0;
    data.at += 16;
    if (!read_u16(&data, &high) || !read_u16(&data, &low)) return 0;
    minimum = (uint32_t)high << 16 | low;
    return minimum < soa->ttl ? minimum : soa->ttl;
}

/* Is the section after the answers there, and does it hold the SOA of a negative answer? Without one it is not to be kept. */
static int authority_is_final(struct reader r, uint32_t n_answers, uint32_t n_authority, struct ist__answer *answer)
{
    struct record record;
    uint32_t ttl = answer->ttl;

    answer->ttl = 0;
    for (; n_answers; n_answers--) {
        if (!read_record(&r, &record)) return 0;
        if (record.type == TYPE_CNAME && record.ttl < ttl) ttl = record.ttl;
    }
    for (; n_authority; n_authority--) {
        if (!read_record(&r, &record)) return 0;
        if (record.type != TYPE_SOA) continue;
        answer->ttl = ttl;
        ttl_limit(answer, negative_ttl(&r, &record));
        return 1;
    }
    return 0;
}

/* The upper bits of an extended RCODE, from the OPT record in the additional section. What is broken there has none. */
static uint16_t extended_rcode(struct reader r, uint32_t n_before, uint32_t n_additional)
{
    struct record record;

    for (uint32_t i = 0; i < n_before + n_additional; i++) {
        if (!read_record(&r, &record)) return 0;
        if (i >= n_before && record.type == TYPE_OPT) return (uint16_t)(record.ttl >> 24 << 4);
    }
    return 0;
}

uint32_t ist__query_write(const struct ist__question *question, uint8_t buf[IST__QUERY_MAX])
{
    uint32_t n = 12;

    memset(buf, 0, n);
    buf[0] = (uint8_t)(question->id >> 8);
    buf[1] = (uint8_t)question->id;
    buf[2] = FLAG_RD >> 8;
    buf[5] = 1;
    for (const uint8_t *label = question->name;; label += *label + 1) {
        memcpy(buf + n, label, *label + 1u);
        n += *label + 1u;
        if (*label == 0) break;
    }
    buf[n++] = 0;
    buf[n++] = (uint8_t)question->type;
    buf[n++] = 0;
    buf[n++] = CLASS_IN;
    if (question->udp_size) {              /* RFC 6891 6.1.2: the root's name, the size in place of the class, version 0, no options */
        const uint8_t opt[11] = { 0, 0, TYPE_OPT, (uint8_t)(question->udp_size >> 8), (uint8_t)question->udp_size };
        buf[11] = 1;
        memcpy(buf + n, opt, sizeof opt);
        n += (uint32_t)sizeof opt;
    }
    return n;
}

/* A header without a question, from a server that could not read past it. Only believed where it makes us ask once more. */
static int refuses_edns(const uint8_t *msg, uint32_t len, const struct ist__question *question)
{
    uint32_t rcode = len == 12 ? msg[3] & 15u : 0;

    return question->udp_size && (rcode == IST__RCODE_FORMERR || rcode == IST__RCODE_NOTIMP) && (msg[0] << 8 | msg[1]) == question->id &&
           (msg[2] & (FLAG_QR | OPCODE) >> 8) == FLAG_QR >> 8 && msg[4] == 0 && msg[5] == 0;
}

/* Header and question: RFC 5452 9.1. */
static int read_question(struct reader *r, const struct ist__question *question, uint16_t *flags, uint16_t count[4])
{
    uint8_t name[IST__NAME_WIRE];
    uint16_t id, type, class;

    return read_u16(r, &id) && id == question->id && read_u16(r, flags) && (*flags & FLAG_QR) && !(*flags & OPCODE) &&
           read_u16(r, &count[0]) && read_u16(r, &count[1]) && read_u16(r, &count[2]) && read_u16(r, &count[3]) &&
           count[0] == 1 && read_name(r, name) && read_u16(r, &type) && read_u16(r, &class) &&
           ist__name_equal(name, question->name) && type == question->type && class == CLASS_IN;
}

int32_t ist__answer_read(const uint8_t *msg, uint32_t len, const struct ist__question *question,
                         struct ist__answer *answer, struct ist_address *out, uint32_t cap)
{
    struct reader r = { msg, len, 0 };
    uint16_t flags, count[4];
    int more;

    memset(answer, 0, sizeof *answer);
    answer->ttl = UINT32_MAX;
    if (refuses_edns(msg, len, question)) {
        answer->rcode = msg[3] & 15;
        return 0;
    }
    if (!read_question(&r, question, &flags, count)) return IST_EPROTO;
    answer->truncated = (flags & FLAG_TC) != 0;
    answer->rcode = flags & 15;
    if (answer->truncated) return 0;
    if (question->udp_size) answer->rcode |= extended_rcode(r, (uint32_t)count[1] + count[2], count[3]);
    memcpy(answer->name, question->name, IST__NAME_WIRE);
    if (answer->rcode == IST__RCODE_NXDOMAIN) answer->final = (uint8_t)authority_is_final(r, count[1], count[2], answer);
    if (answer->rcode != IST__RCODE_OK) return 0;
    while ((more = walk_answers(r, count[1], question->type, answer, out, cap)) > 0)
        if (++answer->n_aliases > IST__CHAIN_MAX) {      /* a loop, or as bad as one */
            answer->rcode = IST__RCODE_SERVFAIL;
            return 0;
        }
    if (more < 0) return IST_EPROTO;
    if (answer->n_addresses == 0 && !answer->found) {
        uint32_t ttl = answer->ttl;
        answer->final = (uint8_t)authority_is_final(r, count[1], count[2], answer);
        if (!answer->final && answer->n_aliases) answer->ttl = ttl;      /* that of the aliases so far */
        answer->lame = !answer->final && !(flags & (FLAG_AA | FLAG_RA));
    }
    return 0;
}
