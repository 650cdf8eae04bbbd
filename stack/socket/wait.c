/*
 * wait.c - the one wait
 *
 * The set is looked at once before and once after each turn of the pump; a turn brings a whole batch of packets, so the look at
 * 10,000 interests is paid per batch and not per packet.
 */
#include "core/core.h"
#include "socket/class.h"

uint32_t ist__moved;

/* Fills in @ready of each interest; how many have one, or IST_EBADF. */
static int32_t set_look_once(struct ist_interest *set, uint32_t n_set)
{
    int32_t n = 0;

    for (uint32_t i = 0; i < n_set; i++) {
        struct ist__object *o = ist__handle_get(set[i].handle, NULL);
        if (!o)
            return IST_EBADF;
        set[i].ready = o->class->ready(o) & (set[i].want | IST_HANGUP | IST_FAILED);
        n += set[i].ready != 0;
    }
    return n;
}

/* Two TLS streams over one pipe: what the second look of one carries, the next look of the other finds. */
static int32_t set_look(struct ist_interest *set, uint32_t n_set)
{
    uint32_t moved;
    int32_t n;

    do {
        moved = ist__moved;
        n = set_look_once(set, n_set);
    } while (n == 0 && moved != ist__moved);
    return n;
}

int32_t ist_wait(struct ist_interest *set, uint32_t n_set, uint64_t deadline)
{
    int32_t n, r;

    if (!ist__started())
        return IST_ESTATE;
    n = set_look(set, n_set);
    if (n < 0)
        return n;
    if (n > 0) {
        /* TCP must move even in a program that never has to wait. What was ready may then be so no longer: a reset before accept. */
        if (ist__turn(IST_NO_WAIT) <= 0)
            return n;
        n = set_look(set, n_set);
        if (n != 0 || deadline == IST_NO_WAIT)
            return n;
    }
    for (;;) {
        r = ist__turn(deadline);
        n = set_look(set, n_set);
        if (n != 0)
            return n;
        if (r <= 0)
            return r;
        if (deadline != IST_NO_DEADLINE && ist_monotonic() >= deadline)
            return 0;
    }
}
