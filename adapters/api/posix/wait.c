/*
 * wait.c - every wait of the face goes through the stack, so that TCP moves meanwhile
 */
#include "posix.h"

#define CONFIGURE_STEP_NS UINT64_C(10000000)

uint64_t ist__now(void)
{
    ist_wait(NULL, 0, IST_NO_WAIT);   /* the clock is as old as the last exchange */
    return ist_monotonic();
}

uint64_t ist__deadline(uint64_t timeout_ns)
{
    return timeout_ns ? ist__now() + timeout_ns : IST_NO_DEADLINE;
}

int ist__wait(struct ist__fd *f, uint32_t want, uint64_t deadline)
{
    struct ist_interest interest = { .handle = f->handle, .want = want };
    int32_t r;

    do {
        r = ist_wait(&interest, 1, deadline);   /* IST_EINTR: no signal exists, so nobody wants to know */
    } while (r == IST_EINTR);
    if (r > 0)
        return 0;
    return r == 0 ? -EAGAIN : -ist__errno(r);
}

int ist__wait_may(struct ist__fd *f, uint32_t want, int flags, uint64_t timeout_ns, uint64_t *deadline)
{
    if (f->nonblock || flags & MSG_DONTWAIT) {
        struct ist_interest interest = { .handle = f->handle, .want = want };
        return ist_wait(&interest, 1, IST_NO_WAIT) > 0 ? 0 : -EAGAIN;
    }
    if (*deadline == 0)
        *deadline = ist__deadline(timeout_ns);
    return ist__wait(f, want, *deadline);
}

void ist__sleep_until(uint64_t deadline)
{
    while (ist_wait(NULL, 0, deadline) == IST_EINTR)
        ;
}

int ist__wait_configured(void)
{
    uint64_t now, end;

    if (ist_configured())
        return 0;
    now = ist__now();
    for (end = now + IST_CONFIGURE_NS; !ist_configured() && now < end; now = ist_monotonic()) {
        int32_t r = ist_wait(NULL, 0, now + CONFIGURE_STEP_NS);
        if (r < 0 && r != IST_EINTR)
            return -ist__errno(r);
    }
    return 0;
}
