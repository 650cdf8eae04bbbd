/*
 * intake.c - what BearSSL lets pass, seen in the peer's bytes before it gets them
 *
 * A peer that sends nothing but empty records or warnings keeps us busy and never fails: RFC 5246 bounds neither, we do. And a ClientHello
 * may have each extension once (RFC 5246 7.4.1.4); BearSSL's server takes the last, where others may have looked at the first.
 * The bytes come in any pieces, so both are read one by one.
 */
#include "tls/engine.h"

#define HEADER         5u
#define IDLE_MAX       32u             /* records in a row; what others permit too */
#define TYPE_ALERT     21
#define TYPE_HANDSHAKE 22

enum stage { MESSAGE, SESSION, SUITES, COMPRESSIONS, EXTENSIONS, EXTENSION, LENGTH, OVER };

/* Whether the record that begins moves nothing on. */
static int is_idle(const struct ist_tls_engine *e)
{
    const struct intake *in = &e->intake;
    const struct ist__suite *suite = ist__suite_find(e->eng->session.cipher_suite);
    uint32_t around = !e->eng->incrypt ? 0 : suite && suite->cipher == IST_TLS_CHACHA20_POLY1305 ? 16 : 24;

    return in->type == TYPE_ALERT || in->left <= around;
}

/* A new extension of the ClientHello. */
static int note_extension(struct intake *in, uint32_t type)
{
    for (uint32_t i = 0; i < in->n_extensions; i++)
        if (in->extensions[i] == type)
            return 0;
    if (in->n_extensions == sizeof in->extensions / sizeof *in->extensions)
        return 0;
    in->extensions[in->n_extensions++] = (uint16_t)type;
    return 1;
}

/* One byte of the first handshake message of a client. Its other faults are BearSSL's to find. */
static int hello_byte(struct intake *in, uint8_t byte)
{
    static const uint8_t width[] = { [MESSAGE] = 4, [SESSION] = 1, [SUITES] = 2, [COMPRESSIONS] = 1, [EXTENSIONS] = 2, [EXTENSION] = 2, [LENGTH] = 2 };
    uint32_t value;

    if (in->stage != MESSAGE && in->message_left-- == 0)
        in->stage = OVER;
    if (in->stage == OVER)
        return 1;
    if (in->skip) {
        in->skip--;
        return 1;
    }
    in->value = in->value << 8 | byte;
    if (++in->got < width[in->stage])
        return 1;
    value = in->value;
    in->value = in->got = 0;
    if (in->stage == EXTENSION && !note_extension(in, value))
        return 0;
    if (in->stage == MESSAGE) {
        in->message_left = value & 0xffffff;
        in->skip = 34;                                       /* version and random */
    } else if (in->stage != EXTENSIONS && in->stage != EXTENSION) {
        in->skip = value;
    }
    in->stage = in->stage == LENGTH ? EXTENSION : in->stage + 1;
    return 1;
}

int32_t ist__intake(struct ist_tls_engine *e, const uint8_t *bytes, uint32_t len)
{
    struct intake *in = &e->intake;

    in->hello_end = NO_HELLO_END;
    for (uint32_t i = 0; i < len; i++) {
        if (in->header < HEADER) {
            if (in->header == 0)
                in->type = bytes[i];
            in->left = in->left << 8 | bytes[i];
            if (++in->header < HEADER)
                continue;
            in->left &= 0xffff;
            COUNT(e, records_in, 1);
            COUNT(e, alerts_in, in->type == TYPE_ALERT);
            in->idle = is_idle(e) ? in->idle + 1 : 0;
            if (in->idle > IDLE_MAX)
                return IST_TLS_IDLE;
        } else {
            if (in->type == TYPE_HANDSHAKE && in->stage != OVER && e->config.role == IST_TLS_SERVER && !hello_byte(in, bytes[i]))
                return IST_TLS_BAD_HANDSHAKE;
            if (in->stage != MESSAGE && in->message_left == 0 && !in->hello_over) {
                in->hello_over = 1;
                in->hello_end = i;
            }
            in->left--;
        }
        if (in->left == 0)
            in->header = 0;
    }
    return 0;
}
