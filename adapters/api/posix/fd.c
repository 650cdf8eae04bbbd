/*
 * fd.c - the descriptors: small numbers from 256 on
 *
 * The host's descriptors stay below 256 (hook_path_open.c sees to it), so the two never collide, and both fit under FD_SETSIZE
 * while fewer than 768 sockets are open. A number stands for a struct ist__fd, which several may share after dup(). There is no
 * other limit than the stack's handles_max and, for numbers, IST_FD_LIMIT.
 */
#include <stdlib.h>
#include <string.h>
#include "posix.h"

struct slot {
    struct ist__fd *open;     /* NULL: free */
    uint8_t cloexec;
};

static struct slot *slots;
static uint32_t n_slots;
static uint32_t first_free;   /* no slot below is free */

/* Room for slot @i: 0, or -ENOMEM. */
static int reach(uint32_t i)
{
    uint32_t n = n_slots ? n_slots : 16;
    struct slot *more;

    if (i < n_slots)
        return 0;
    while (n <= i)
        n *= 2;
    more = realloc(slots, n * sizeof *slots);
    if (!more)
        return -ENOMEM;
    memset(more + n_slots, 0, (n - n_slots) * sizeof *slots);
    slots = more;
    n_slots = n;
    return 0;
}

/* @f under the lowest free number from slot @i on. */
static int place(struct ist__fd *f, uint32_t i)
{
    int from_first = i <= first_free;

    i = from_first ? first_free : i;
    while (i < n_slots && slots[i].open)
        i++;
    if (i >= IST_FD_LIMIT - IST_FD_FIRST)
        return -EMFILE;
    if (reach(i))
        return -ENOMEM;
    slots[i] = (struct slot) { .open = f };
    f->n_fds++;
    if (from_first)
        first_free = i + 1;
    return (int)(IST_FD_FIRST + i);
}

int ist__fd_new(const struct ist__fd *init, int cloexec)
{
    struct ist__fd *f = malloc(sizeof *f);
    int fd;

    if (!f)
        return -ENOMEM;
    *f = *init;
    f->n_fds = 0;
    fd = place(f, 0);
    if (fd < 0)
        free(f);
    else
        *ist__fd_cloexec(fd) = cloexec != 0;
    return fd;
}

static struct slot *slot_of(int fd)
{
    uint32_t i = (uint32_t)fd - IST_FD_FIRST;

    return fd >= IST_FD_FIRST && i < n_slots && slots[i].open ? &slots[i] : NULL;
}

struct ist__fd *ist__fd_get(int fd)
{
    struct slot *s = slot_of(fd);

    return s ? s->open : NULL;
}

uint8_t *ist__fd_cloexec(int fd)
{
    struct slot *s = slot_of(fd);

    return s ? &s->cloexec : NULL;
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
    if (*out && !(*out)->pipe)
        return 0;
    return *out || host_open(fd) ? -ENOTSOCK : -EBADF;
}

int ist__fd_close(int fd)
{
    struct slot *s = slot_of(fd);
    struct ist__fd *f;

    if (!s)
        return -EBADF;
    f = s->open;
    s->open = NULL;
    if ((uint32_t)(s - slots) < first_free)
        first_free = (uint32_t)(s - slots);
    if (--f->n_fds == 0) {
        ist_close(f->handle);
        free(f);
    }
    return 0;
}

void ist__fd_close_all(void)
{
    for (uint32_t i = 0; i < n_slots; i++)
        ist__fd_close((int)(IST_FD_FIRST + i));
}

int ist__fd_dup(int fd, int from)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (!f)
        return -EBADF;
    if (from < 0 || from >= IST_FD_LIMIT)
        return -EINVAL;
    return place(f, from < IST_FD_FIRST ? 0 : (uint32_t)from - IST_FD_FIRST);
}

int ist__fd_dup_to(int fd, int to)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (!f || to < IST_FD_FIRST || to >= IST_FD_LIMIT)
        return -EBADF;
    if (fd == to)
        return to;
    if (reach((uint32_t)to - IST_FD_FIRST))
        return -ENOMEM;
    ist__fd_close(to);
    return place(f, (uint32_t)to - IST_FD_FIRST);
}

/* dup2() in the only form that preview1 has: the old number is free afterwards. */
int ist__fd_move(int from, int to)
{
    int r;

    if (!ist__fd_get(from) || !ist__fd_get(to))
        return -EBADF;
    if (from == to)
        return 0;
    r = ist__fd_dup_to(from, to);
    return r < 0 ? r : ist__fd_close(from);
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
