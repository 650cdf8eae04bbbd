/*
 * dns_message.h - build DNS answers byte by byte, right or wrong, for the resolver's tests
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include <resolve/message.h>
#include <stdlib.h>
#include <string.h>

/* The message under construction. */
static struct {
    uint8_t msg[65536];
    uint32_t len;
} b;

static inline void u8(uint32_t v) { b.msg[b.len++] = (uint8_t)v; }
static inline void u16(uint32_t v) { u8(v >> 8); u8(v & 255); }
static inline void bytes(const void *p, uint32_t n) { memcpy(b.msg + b.len, p, n); b.len += n; }

static inline void name(const char *text)
{
    uint8_t wire[IST__NAME_WIRE];
    int32_t n = ist__name_parse(text, wire);

    if (n < 0) abort();
    bytes(wire, (uint32_t)n);
}

/* An answer (QR, RD, RA); flags are added: an rcode, 0x200 TC. */
static inline void header(uint32_t id, uint32_t flags, uint32_t n_answers, uint32_t n_authority)
{
    b.len = 0;
    u16(id), u16(0x8180 | flags), u16(1), u16(n_answers), u16(n_authority), u16(0);
}

static inline void echo_question(const char *text, uint32_t type)
{
    name(text), u16(type), u16(1);
}

static uint32_t ttl;     /* of the records to come, s */

/* owner NULL: a pointer to the question's name */
static inline void record(const char *owner, uint32_t type, const void *data, uint32_t len)
{
    if (owner) name(owner);
    else u16(0xc00c);
    u16(type), u16(1), u16(ttl >> 16), u16(ttl & 65535), u16(len), bytes(data, len);
}

static inline void alias(const char *owner, const char *target)
{
    uint8_t wire[IST__NAME_WIRE];
    int32_t n = ist__name_parse(target, wire);

    if (n < 0) abort();
    record(owner, 5, wire, (uint32_t)n);
}

/* The SOA of "test", with a minimum that negative answers may be kept for. */
static inline void soa(uint32_t minimum)
{
    uint8_t data[22] = { 0, 0, [18] = (uint8_t)(minimum >> 24), (uint8_t)(minimum >> 16), (uint8_t)(minimum >> 8), (uint8_t)minimum };

    record("test", 6, data, sizeof data);
}

static inline void pointer(const char *target)
{
    uint8_t wire[IST__NAME_WIRE];
    int32_t n = ist__name_parse(target, wire);

    if (n < 0) abort();
    record(NULL, 12, wire, (uint32_t)n);
}

#endif
