/*
 * message.c - write a DNS query, read its answer
 */
#include "message.h"

#include <string.h>

#define TYPE_CNAME 5u
#define TYPE_SOA   6u
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
    record->data = r->at;
    record->data_len = data_len;
    r->at += data_len;
    return 1;
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
        if (record.type == type) {
            if (record.data_len != address_len) return -1;
            take_address(answer, r.msg + record.data, address_len, out, cap);
        } else if (record.type == TYPE_CNAME && answer->n_addresses == 0) {
            struct reader data = { r.msg, record.data + record.data_len, record.data };
            return read_name(&data, answer->name) && data.at == data.len ? 1 : -1;
        }
    }
    return 0;
}

/* Is the section after the answers there, and does it hold the SOA of a negative answer? */
static int authority_is_final(struct reader r, uint32_t n_answers, uint32_t n_authority)
{
    struct record record;

    for (; n_answers; n_answers--)
        if (!read_record(&r, &record)) return 0;
    for (; n_authority; n_authority--) {
        if (!read_record(&r, &record)) return 0;
        if (record.type == TYPE_SOA) return 1;
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
    return n;
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
    if (!read_question(&r, question, &flags, count)) return IST_EPROTO;
    answer->truncated = (flags & FLAG_TC) != 0;
    answer->rcode = flags & 15;
    if (answer->truncated) return 0;
    memcpy(answer->name, question->name, IST__NAME_WIRE);
    if (answer->rcode != IST__RCODE_OK) return 0;
    while ((more = walk_answers(r, count[1], question->type, answer, out, cap)) > 0)
        if (++answer->n_aliases > IST__CHAIN_MAX) {      /* a loop, or as bad as one */
            answer->rcode = IST__RCODE_SERVFAIL;
            return 0;
        }
    if (more < 0) return IST_EPROTO;
    if (answer->n_addresses == 0) {
        answer->final = (uint8_t)authority_is_final(r, count[1], count[2]);
        answer->lame = !answer->final && !(flags & (FLAG_AA | FLAG_RA));
    }
    return 0;
}
