/* raw.c - see raw.h */
#include "raw.h"
#include <string.h>

int32_t raw_open(struct raw *raw, uint32_t n)
{
    memset(raw, 0, sizeof *raw);
    raw->x.magic = IST_LINK_MAGIC;
    raw->x.version = IST_LINK_VERSION;
    raw->x.size = sizeof raw->x;
    raw->x.link = n;
    return raw_grant(raw);
}

int32_t raw_grant(struct raw *raw)
{
    raw->x.want = IST_LINK_GRANT | IST_LINK_ENTROPY;
    raw->x.deadline = IST_LINK_NO_WAIT;
    raw->x.tx_len = raw->x.rx_cap = 0;
    raw->x.text = (uint32_t)(uintptr_t)raw->text;
    raw->x.text_cap = sizeof raw->text - 1;
    int32_t result = isthmus_exchange(&raw->x);
    raw->text[raw->x.text_len < sizeof raw->text ? raw->x.text_len : 0] = 0;
    raw->x.want = 0;
    return result;
}

int raw_queue(struct raw *raw, const void *frame, uint32_t len)
{
    if (raw->queued + 4 + len > RAW_BATCH) return 0;
    uint8_t *at = raw->tx + raw->queued;
    at[0] = (uint8_t)(len >> 24);
    at[1] = (uint8_t)(len >> 16);
    at[2] = (uint8_t)(len >> 8);
    at[3] = (uint8_t)len;
    memcpy(at + 4, frame, len);
    raw->queued += 4 + len;
    return 1;
}

int32_t raw_exchange(struct raw *raw, uint64_t deadline)
{
    int unread = raw->at < raw->end;
    raw->x.deadline = deadline;
    raw->x.tx = (uint32_t)(uintptr_t)raw->tx;
    raw->x.tx_len = raw->queued;
    raw->x.rx = (uint32_t)(uintptr_t)raw->rx;
    raw->x.rx_cap = unread ? 0 : RAW_BATCH;
    int32_t result = isthmus_exchange(&raw->x);
    raw->queued -= raw->x.tx_taken;
    if (raw->x.tx_taken && raw->queued) memmove(raw->tx, raw->tx + raw->x.tx_taken, raw->queued);
    if (!unread) {
        raw->at = 0;
        raw->end = raw->x.rx_len;
    }
    return result;
}

const uint8_t *raw_next(struct raw *raw, uint32_t *len)
{
    if (raw->at == raw->end) return NULL;
    const uint8_t *at = raw->rx + raw->at;
    *len = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    raw->at += 4 + *len;
    return at + 4;
}

int32_t raw_move(struct raw *raw)
{
    int32_t result = raw_exchange(raw, IST_LINK_NO_WAIT);
    /* A batch that is taken whole does not end a wait: hence a short one. */
    if (result == 0 && !raw->x.tx_taken) result = raw_exchange(raw, raw_in_ms(raw, 1));
    return result;
}

uint32_t raw_flush(struct raw *raw, uint32_t wait_ms)
{
    uint64_t end = raw_in_ms(raw, wait_ms);
    while (raw->queued && raw->x.monotonic < end && raw_move(raw) == 0) continue;
    return raw->queued;
}
