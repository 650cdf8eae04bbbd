/*
 * fd.c - the descriptors: small numbers from 256 on
 *
 * The host's descriptors stay below 256 (hook_path_open.c sees to it), so the two never collide, and both fit under FD_SETSIZE
 * while fewer than 768 sockets are open. There is no other limit than the stack's handles_max.
 */
#include <stdlib.h>
#include <string.h>
#include "posix.h"

static struct ist__fd *slots;
static uint32_t n_slots;
static uint32_t first_free;   /* no slot below is free */

int ist__fd_new(const struct ist__fd *init)
{
    uint32_t i = first_free;

    while (i < n_slots && slots[i].handle)
        i++;
    if (i == n_slots) {
        uint32_t n = n_slots ? n_slots * 2 : 16;
        struct ist__fd *more = realloc(slots, n * sizeof *slots);
        if (!more)
            return -ENOMEM;
        memset(more + n_slots, 0, (n - n_slots) * sizeof *slots);
        slots = more;
        n_slots = n;
    }
    slots[i] = *init;
    first_free = i + 1;
    return (int)(IST_FD_FIRST + i);
}

struct ist__fd *ist__fd_slot(uint32_t i)
{
    return i < n_slots ? &slots[i] : NULL;
}

struct ist__fd *ist__fd_get(int fd)
{
    uint32_t i = (uint32_t)fd - IST_FD_FIRST;

    return fd >= IST_FD_FIRST && i < n_slots && slots[i].handle ? &slots[i] : NULL;
}

/* The standard streams count as open: whether the host has closed one is not worth an import. */
static int host_open(int fd)
{
    if (fd < 0 || fd >= IST_FD_FIRST)
        return 0;
    return fd < 3 || (ist__host_open[fd / 32] >> (fd % 32) & 1);
}

int ist__fd_find(int fd, struct ist__fd **out)
{
    *out = ist__fd_get(fd);
    if (*out)
        return 0;
    return host_open(fd) ? -ENOTSOCK : -EBADF;
}

int ist__fd_close(int fd)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (!f)
        return -EBADF;
    ist_close(f->handle);
    f->handle = 0;
    if ((uint32_t)(f - slots) < first_free)
        first_free = (uint32_t)(f - slots);
    return 0;
}

/* dup2() in the only form that preview1 has: the old number is free afterwards. */
int ist__fd_move(int from, int to)
{
    struct ist__fd *f = ist__fd_get(from), *t = ist__fd_get(to);

    if (!f || !t)
        return -EBADF;
    if (f == t)
        return 0;
    ist_close(t->handle);
    *t = *f;
    f->handle = 0;
    if ((uint32_t)(f - slots) < first_free)
        first_free = (uint32_t)(f - slots);
    return 0;
}

enum ist__state ist__fd_state(struct ist__fd *f)
{
    if (f->state == IST_FD_CONNECTING) {
        int32_t levels = ist_ready(f->handle);
        if (levels < 0 || (uint32_t)levels & IST_FAILED)
            f->state = IST_FD_REFUSED;
        else if ((uint32_t)levels & IST_WRITABLE)
            f->state = IST_FD_CONNECTED;
    }
    return f->state;
}
