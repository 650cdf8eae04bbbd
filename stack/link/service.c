/*
 * service.c - a request to what the host grants by name, over a link of kind SERVICE (docs/link.md)
 *
 * Theory of Operation: such links have no netif; a request is an exchange of its own. A host that has the answer at hand gives it in the same
 * call. Else this waits, with the other links made deaf, or their frames would end every wait at once; the pump gives them room again.
 */
#include <stdlib.h>
#include <string.h>

#include "link/link.h"
#include "link/service.h"
#include "port/exchange.h"

#define FRAME_HEAD 5u                 /* u32 id, u8 operation */
#define FRAME_CAP  65536u             /* a service with larger frames is passed over */

static uint32_t next_id;

static bool offers(const char *text, const char *service, const char *name)
{
    size_t service_len = strlen(service), name_len = strlen(name);

    for (uint32_t n = 0;; n++) {
        uint32_t i = n, len;
        const char *value = ist__grant_find(text, "service", &i, &len);
        if (!value)
            return false;
        if (len == service_len + 1 + name_len && memcmp(value, service, service_len) == 0 && value[service_len] == ' ' &&
            memcmp(value + service_len + 1, name, name_len) == 0)
            return true;
    }
}

/* The link of which the grant names the service. */
static int32_t find(const char *service, const char *name, uint32_t *frame_max)
{
    for (uint32_t i = 0; i < ist__links.n; i++) {
        uint32_t kind;
        char *text;
        bool found;

        if (ist__links.at[i] || ist__link_grant(i, &kind, frame_max, &text) != 0)
            continue;
        found = kind == IST_LINK_KIND_SERVICE && *frame_max > FRAME_HEAD && *frame_max <= FRAME_CAP && offers(text, service, name);
        free(text);
        if (found)
            return (int32_t)i;
    }
    return IST_ENONAME;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* The answer among what came; answers to requests that were given up are passed over. -1: not there. */
static int32_t take_answer(const uint8_t *rx, uint32_t rx_len, const uint8_t *head, uint8_t *answer, uint32_t cap)
{
    uint32_t at = 0, len;

    for (; rx_len - at >= 4; at += 4 + len) {
        len = get32(rx + at);
        if (len > rx_len - at - 4)
            return IST_EPROTO;
        if (len < FRAME_HEAD || memcmp(rx + at + 4, head, FRAME_HEAD) != 0)
            continue;
        if (len - FRAME_HEAD > cap)
            return IST_EPROTO;
        memcpy(answer, rx + at + 4 + FRAME_HEAD, len - FRAME_HEAD);
        return (int32_t)(len - FRAME_HEAD);
    }
    return IST_EAGAIN;
}

/* Nobody else's frames end the wait. */
static void others_deafen(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && !ist__links.at[i]->closed)
            ist__link_exchange(ist__links.at[i], IST_LINK_NO_WAIT, false);
}

static int32_t converse(uint8_t *block, uint32_t block_len, struct ist_link *x, const uint8_t *tx, const uint8_t *rx, uint8_t *answer,
                        uint32_t cap, uint64_t timeout_ns)
{
    uint64_t until = 0;
    uint32_t rx_cap = x->rx_cap;

    for (;;) {
        int32_t r;

        ist__links.counts.exchanges++;
        r = ist__link_stamp(x, ist__port_exchange(block, block_len, x));
        if (r != 0)
            return IST_ENOLINK;
        if (x->rx_len > rx_cap || (x->tx_taken != 0 && x->tx_taken != x->tx_len))
            return IST_EPROTO;
        r = take_answer(rx, x->rx_len, tx + 4, answer, cap);
        if (r != IST_EAGAIN)
            return r;
        if (ist__links.nowait)
            return IST_EDEADLK;
        x->tx_len -= x->tx_taken;
        if (until == 0)
            until = ist__links.monotonic + timeout_ns;
        if (ist__links.monotonic >= until)
            return IST_ETIMEDOUT;
        others_deafen();
        x->deadline = until;
        x->tx_taken = x->rx_len = x->flags = 0;
    }
}

int32_t ist__service_ask(const char *service, const char *name, uint8_t operation, const uint8_t *request, uint32_t len, uint8_t *answer,
                         uint32_t cap, uint64_t timeout_ns)
{
    uint32_t frame_max, block_len, rx_cap;
    struct ist_link *x;
    uint8_t *block, *tx, *rx;
    int32_t r;

    if (!ist__started())
        return IST_ESTATE;
    r = find(service, name, &frame_max);
    if (r < 0)
        return r;
    if (len > frame_max - FRAME_HEAD)
        return IST_EMSGSIZE;
    rx_cap = 4 + frame_max;
    block_len = (uint32_t)sizeof *x + 2 * rx_cap;
    block = calloc(1, block_len);
    if (!block)
        return IST_ENOMEM;
    x = (struct ist_link *)(void *)block;
    tx = block + sizeof *x;
    rx = tx + rx_cap;
    put32(tx, FRAME_HEAD + len);
    put32(tx + 4, ++next_id);
    tx[8] = operation;
    memcpy(tx + 9, request, len);
    *x = (struct ist_link){ .magic = IST_LINK_MAGIC, .version = IST_LINK_VERSION, .size = sizeof *x, .link = (uint32_t)r,
                            .tx = ist__port_address(block, tx), .tx_len = 4 + FRAME_HEAD + len,
                            .rx = ist__port_address(block, rx), .rx_cap = rx_cap };
    r = converse(block, block_len, x, tx, rx, answer, cap, timeout_ns);
    free(block);
    return r;
}
