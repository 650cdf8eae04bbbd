/*
 * port_pair.c - two ports back to back in memory
 */
#include "port.h"
#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* What the two ends share, under one lock. Each end's fields in struct isthmus_port belong to its own thread: it brings
 * them up to date from here in turn(). */
struct pair {
    pthread_mutex_t lock;
    struct end {
        struct isthmus_port port;
        struct pair *pair;
        struct end *peer;
        struct queue in;        /* frames for this end */
        int refused;            /* the peer had no room for a frame of this length with its head; 0 = none */
        int released;
    } end[2];
};

static struct end *end_of(struct isthmus_port *port)
{
    return (struct end *)port;
}

static void ring(const struct end *end)
{
    uint64_t one = 1;

    if (end->port.doorbell >= 0 && write(end->port.doorbell, &one, sizeof one) < 0)
        return; /* EAGAIN: it has been rung 2^64 times and is awake */
}

/* Under the lock. */
static void look(struct end *end)
{
    end->port.readable = end->in.used != 0;
    end->port.writable = end->peer->in.capacity - end->peer->in.used >= (uint32_t)end->refused;
    end->port.closed = end->peer->released != 0;
}

static void pair_turn(struct isthmus_port *port)
{
    struct end *end = end_of(port);

    pthread_mutex_lock(&end->pair->lock);
    look(end);
    pthread_mutex_unlock(&end->pair->lock);
}

static uint32_t pair_take(struct isthmus_port *port, const uint8_t *batch, uint32_t len)
{
    struct end *end = end_of(port);
    uint32_t taken;

    pthread_mutex_lock(&end->pair->lock);
    taken = queue_push(&end->peer->in, batch, len);
    end->refused = taken < len ? (int)(4 + frame_length(batch + taken)) : 0;
    look(end);
    if (taken && !end->peer->released)
        ring(end->peer);
    pthread_mutex_unlock(&end->pair->lock);
    return taken;
}

static uint32_t pair_give(struct isthmus_port *port, uint8_t *into, uint32_t cap)
{
    struct end *end = end_of(port);
    uint32_t given;

    pthread_mutex_lock(&end->pair->lock);
    given = queue_pull(&end->in, into, cap, port->frame_max, &port->dropped);
    look(end);
    if (given && end->peer->refused && !end->peer->released)
        ring(end->peer);
    pthread_mutex_unlock(&end->pair->lock);
    return given;
}

static void pair_release(struct isthmus_port *port)
{
    struct end *end = end_of(port);
    struct pair *pair = end->pair;
    int last;

    pthread_mutex_lock(&pair->lock);
    end->released = 1;
    last = end->peer->released;
    if (!last)
        ring(end->peer);
    pthread_mutex_unlock(&pair->lock);
    if (!last)
        return;
    queue_release(&pair->end[0].in);
    queue_release(&pair->end[1].in);
    pthread_mutex_destroy(&pair->lock);
    free(pair);
}

static const struct isthmus_port_class pair_class = {
    .take = pair_take, .give = pair_give, .turn = pair_turn, .release = pair_release,
};

int isthmus_port_pair(struct isthmus_port **a, struct isthmus_port **b, uint32_t kind, uint32_t mtu, uint32_t capacity)
{
    struct pair *pair = calloc(1, sizeof *pair);

    if (!pair)
        return -ENOMEM;
    for (int i = 0; i < 2; i++) {
        isthmus_port_init(&pair->end[i].port, &pair_class, kind, mtu, "");
        pair->end[i].pair = pair;
        pair->end[i].peer = &pair->end[1 - i];
    }
    if (capacity < 4 + (uint64_t)pair->end[0].port.frame_max || capacity > INT32_MAX) {
        free(pair);
        return -EINVAL;
    }
    if (queue_init(&pair->end[0].in, capacity) || queue_init(&pair->end[1].in, capacity)) {
        queue_release(&pair->end[0].in);
        free(pair);
        return -ENOMEM;
    }
    pthread_mutex_init(&pair->lock, NULL);
    *a = &pair->end[0].port;
    *b = &pair->end[1].port;
    return 0;
}
