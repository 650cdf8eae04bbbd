/*
 * queue.c - frames in order, kept in memory
 */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint32_t frames_within(const uint8_t *batch, uint32_t len, uint32_t room)
{
    uint32_t at = 0;

    if (len > room)
        len = room;
    while (len - at >= 4 && frame_length(batch + at) <= len - at - 4)
        at += 4 + frame_length(batch + at);
    return at;
}

int queue_init(struct queue *q, uint32_t capacity)
{
    memset(q, 0, sizeof *q);
    q->capacity = capacity;
    q->bytes = malloc(capacity);
    return q->bytes ? 0 : -ENOMEM;
}

void queue_release(struct queue *q)
{
    free(q->bytes);
    memset(q, 0, sizeof *q);
}

/* Copies out from the front without removing. */
static void copy_out(const struct queue *q, uint8_t *into, uint32_t len)
{
    uint32_t first = len < q->capacity - q->start ? len : q->capacity - q->start;

    memcpy(into, q->bytes + q->start, first);
    memcpy(into + first, q->bytes, len - first);
}

static void remove_front(struct queue *q, uint32_t len)
{
    q->start = (uint32_t)(((uint64_t)q->start + len) % q->capacity);
    q->used -= len;
}

uint32_t queue_push(struct queue *q, const uint8_t *batch, uint32_t len)
{
    uint32_t at, first;

    len = frames_within(batch, len, q->capacity - q->used);
    if (len == 0)
        return 0;
    at = (uint32_t)(((uint64_t)q->start + q->used) % q->capacity);
    first = len < q->capacity - at ? len : q->capacity - at;
    memcpy(q->bytes + at, batch, first);
    memcpy(q->bytes, batch + first, len - first);
    q->used += len;
    return len;
}

uint32_t queue_front(const struct queue *q)
{
    uint8_t head[4];

    copy_out(q, head, 4);
    return frame_length(head);
}

uint32_t queue_pull(struct queue *q, uint8_t *into, uint32_t cap, uint32_t frame_max, uint64_t *dropped)
{
    uint32_t len = 0;

    while (q->used) {
        uint32_t frame = queue_front(q);

        if (frame <= frame_max) {
            if ((uint64_t)len + 4 + frame > cap)
                break;
            copy_out(q, into + len, 4 + frame);
            len += 4 + frame;
        } else {
            ++*dropped;
        }
        remove_front(q, 4 + frame);
    }
    return len;
}
