/*
 * queue.h - frames in order, kept in memory, bounded in bytes (private to the C host)
 *
 * A ring of bytes that holds frames with their lengths, as they stand in a batch. Its user locks, if it must.
 */
#ifndef ISTHMUS_QUEUE_H
#define ISTHMUS_QUEUE_H

#include <stdint.h>

struct queue {
    uint8_t *bytes;
    uint32_t capacity, start, used;
};

/* Length of the frame that begins at @at. */
static inline uint32_t frame_length(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The bytes of the whole frames at the front of a batch that are together no more than @room. */
uint32_t frames_within(const uint8_t *batch, uint32_t len, uint32_t room);

int queue_init(struct queue *q, uint32_t capacity);     /* 0 or -ENOMEM */
void queue_release(struct queue *q);

uint32_t queue_front(const struct queue *q);            /* length of the first frame; there is one */

/* Both move whole frames, as many as fit, and return bytes. A frame over frame_max is not pulled but dropped and counted. */
uint32_t queue_push(struct queue *q, const uint8_t *batch, uint32_t len);
uint32_t queue_pull(struct queue *q, uint8_t *into, uint32_t cap, uint32_t frame_max, uint64_t *dropped);

#endif
