/*
 * link.h - the virtual link: a hub that carries frames between the stacks and does them harm
 */
#ifndef SIM_LINK_H
#define SIM_LINK_H

#include "world.h"

/* What happens to the frames that one stack sends. Shares are in a million. */
struct faults {
    uint32_t loss, duplicate, reorder, flip, truncate;
    uint32_t reorder_most;     /* a frame is held until so many others have passed, 1..64 */
    bool flip_repaired;        /* checksums are made to fit: TCP cannot know */
    uint64_t delay, jitter;    /* ns */
    uint64_t rate;             /* bytes a second; 0 = no limit */
    uint64_t queue;            /* ns of waiting for the rate that the link keeps; more is lost */
    uint32_t hole;             /* longer packets vanish; 0 = none do */
    uint64_t tick;             /* arrivals are gathered to multiples of it: batches */
};

enum vanishing { VANISH_NEVER, VANISH_SYN, VANISH_SYN_ACK, VANISH_FIN, VANISH_DATA };

struct link {
    uint32_t kind, mtu;
    struct faults faults[STACKS_MAX];     /* of what each sends */
    bool blocked;                         /* nothing passes */
    uint32_t narrow;                      /* 1 + frames that the queues of the stacks' hosts hold beyond the first; 0 = many */
    bool pressing;                        /* what a stack does not take is offered again, and not lost */
    enum vanishing vanish;                /* from which frame on nothing passes any more */
    uint64_t vanish_after;                /* bytes of segments, VANISH_DATA */
    struct rng chance;
    uint64_t n_sent, n_lost, n_doubled, n_reordered, n_flipped, n_truncated, n_holed, n_refused;
    /* Told of each frame that will reach a stack, or not: for accounts. @harm: what was done to it. */
    void (*watch)(const uint8_t *packet, uint32_t len, bool arrives, bool harmed);
};

extern struct link the_link;

/* To see the oracle fail: flips that no world expects, their checksums made to fit, so many in a million. */
extern uint32_t link_lies;

void link_begin(uint32_t kind, uint32_t mtu);

/* Takes what the stacks have sent; whether there was anything. */
bool link_collect(void);

/* Frames on their way. */
uint32_t link_flying(void);

/* capture.c: pcapng of all that stacks send and get, if there is a path */
extern const char *capture_path;
void capture_open(uint32_t kind, uint32_t n_stacks);
void capture_frame(uint32_t stack, bool inward, const uint8_t *frame, uint32_t len);


#endif
