/*
 * transfer.c - bytes between the client's buffers and the sockets, through one buffer of our own
 */
#include <string.h>
#include "merge.h"

uint8_t client_stage[STAGE];

struct client_iov { uint32_t buf, len; };

/* The list of buffers; the sum of their lengths, at most UINT32_MAX. */
static int iovs_read(struct client_iov iov[IOVS_MAX], uint32_t iovs, uint32_t n, uint32_t *sum)
{
    uint64_t all = 0;

    if (n > IOVS_MAX)
        return EINVAL;
    if (client_read(iov, iovs, n * sizeof *iov))
        return EFAULT;
    for (uint32_t i = 0; i < n; i++)
        all += iov[i].len;
    *sum = all > UINT32_MAX ? UINT32_MAX : (uint32_t)all;
    return 0;
}

/* Moves @len bytes between the stage and the buffers from @at on; @to_client: out of the stage. */
static int move(const struct client_iov *iov, uint32_t n, uint32_t at, uint32_t len, int to_client)
{
    uint32_t done = 0;
    int e = 0;

    for (uint32_t i = 0; i < n && done < len && !e; i++) {
        uint32_t here = iov[i].len;
        if (at >= here) {
            at -= here;
            continue;
        }
        here -= at;
        if (here > len - done)
            here = len - done;
        e = to_client ? client_write(iov[i].buf + at, client_stage + done, here) : client_read(client_stage + done, iov[i].buf + at, here);
        done += here;
        at = 0;
    }
    return e;
}

/* The socket and the buffers of a call. */
static int begin(int fd, struct ist__fd **f, struct client_iov iov[IOVS_MAX], uint32_t iovs, uint32_t n, uint32_t *sum)
{
    int e = -ist__fd_find(fd_of(fd), f);

    return e ? e : iovs_read(iov, iovs, n, sum);
}

int client_recv(int fd, uint32_t iovs, uint32_t n, int flags, uint32_t *done, int *out_flags, struct sockaddr_storage *from)
{
    static struct client_iov iov[IOVS_MAX];
    struct ist__fd *f;
    uint32_t sum;
    int e = begin(fd, &f, iov, iovs, n, &sum);

    *done = 0;
    *out_flags = 0;
    if (e)
        return e;
    do {
        uint32_t len = sum - *done < STAGE ? sum - *done : STAGE;
        struct iovec one = { client_stage, len };
        socklen_t from_len = sizeof *from;
        ssize_t r = ist__recv(f, &one, 1, flags, out_flags, (struct sockaddr *)from, from ? &from_len : NULL);
        if (from && from_len == 0)
            from->ss_family = AF_UNSPEC;
        if (r < 0)
            return *done ? 0 : (int)-r;
        e = move(iov, n, *done, (uint32_t)r, 1);
        if (e)
            return e;
        *done += (uint32_t)r;
        if (r < (ssize_t)len)
            break;
    } while (flags & MSG_WAITALL && !(flags & MSG_PEEK) && *done < sum);
    return 0;
}

int client_send(int fd, uint32_t iovs, uint32_t n, int flags, uint32_t *done, const struct sockaddr_storage *to)
{
    static struct client_iov iov[IOVS_MAX];
    struct ist__fd *f;
    uint32_t sum;
    int e = begin(fd, &f, iov, iovs, n, &sum);

    *done = 0;
    if (!e && f->type != SOCK_STREAM && sum > STAGE)
        e = EMSGSIZE;
    if (e)
        return e;
    do {
        uint32_t len = sum - *done < STAGE ? sum - *done : STAGE;
        struct iovec one = { client_stage, len };
        ssize_t r;
        e = move(iov, n, *done, len, 0);
        if (e)
            return e;
        r = ist__send(f, &one, 1, flags, (const struct sockaddr *)to, to ? address_length(to) : 0);
        if (r < 0)
            return *done ? 0 : (int)-r;
        *done += (uint32_t)r;
        if (r < (ssize_t)len)
            break;
    } while (*done < sum);
    return 0;
}
