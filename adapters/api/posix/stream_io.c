/*
 * stream_io.c - sending and receiving on byte streams
 */
#include <string.h>
#include "posix.h"

#define GATHER 4096u
#define PEEK_STEP_NS UINT64_C(5000000)

/* Where in a list of buffers the next byte stands. */
struct place {
    const struct iovec *iov;
    int left;             /* buffers, this one too */
    size_t offset;
};

static void place_skip_empty(struct place *p)
{
    while (p->left && p->offset == p->iov->iov_len) {
        p->iov++;
        p->left--;
        p->offset = 0;
    }
}

static void place_advance(struct place *p, size_t n)
{
    while (n > 0) {
        size_t here = p->iov->iov_len - p->offset;
        if (here > n)
            here = n;
        p->offset += here;
        n -= here;
        place_skip_empty(p);
    }
}

/* The next bytes to send, in one piece: small buffers are put together, so that a writev of many is one segment, as on Linux. */
static uint32_t place_next(const struct place *p, uint8_t room[GATHER], const uint8_t **out)
{
    size_t len = p->iov->iov_len - p->offset;
    struct place from = *p;
    uint32_t n = 0;

    *out = (const uint8_t *)p->iov->iov_base + p->offset;
    if (len >= GATHER || p->left == 1)
        return len > INT32_MAX ? INT32_MAX : (uint32_t)len;
    *out = room;
    while (from.left && n < GATHER) {
        size_t here = from.iov->iov_len - from.offset;
        if (here > GATHER - n)
            here = GATHER - n;
        memcpy(room + n, (const uint8_t *)from.iov->iov_base + from.offset, here);
        n += (uint32_t)here;
        place_advance(&from, here);
    }
    return n;
}

/* Linux: sending where there was never a connection is EPIPE, as sending after one. */
ssize_t ist__stream_send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags)
{
    struct place at = { .iov = iov, .left = n_iov };
    uint8_t room[GATHER];
    const uint8_t *buf;
    uint64_t deadline = 0;
    ssize_t total = 0;

    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (ist__fd_state(f) == IST_FD_NEW || f->state == IST_FD_LISTENING)
        return -EPIPE;
    place_skip_empty(&at);
    while (at.left) {
        uint32_t len = place_next(&at, room, &buf);
        int32_t r = ist_stream_send(f->handle, buf, len);
        if (r > 0) {
            place_advance(&at, (size_t)r);
            total += r;
            continue;
        }
        if (r == IST_EAGAIN) {
            int e = ist__wait_may(f, IST_WRITABLE, flags, f->send_timeout_ns, &deadline);
            if (e == 0)
                continue;
            return total ? total : e;
        }
        if (total)
            return total;
        return r == IST_ENOTCONN ? -EPIPE : -ist__errno(r);
    }
    return total;
}

/* Waits for more of a stream to read; bytes that a peek has seen already do not count. */
static int more_wait(struct ist__fd *f, int flags, ssize_t seen, uint64_t *deadline)
{
    if (!(flags & MSG_PEEK) || seen == 0)
        return ist__wait_may(f, IST_READABLE, flags, f->recv_timeout_ns, deadline);
    if (f->nonblock || flags & MSG_DONTWAIT)
        return -EAGAIN;
    if (*deadline == 0)
        *deadline = ist__deadline(f->recv_timeout_ns);
    for (;;) {
        uint64_t now;
        int e;
        if (ist_stream_pending(f->handle) != seen || (uint32_t)ist_ready(f->handle) & (IST_PEER_CLOSED | IST_FAILED))
            return 0;
        now = ist__now();
        if (now >= *deadline)
            return -EAGAIN;
        e = ist_wait(NULL, 0, *deadline - now < PEEK_STEP_NS ? *deadline : now + PEEK_STEP_NS);
        if (e < 0 && e != IST_EINTR)
            return -ist__errno(e);
    }
}

ssize_t ist__stream_recv(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags)
{
    int peek = flags & MSG_PEEK;
    uint64_t deadline = 0;
    ssize_t total = 0;

    if (flags & MSG_OOB)
        return -EINVAL;   /* Linux, where there is no urgent data */
    if (ist__fd_state(f) == IST_FD_NEW || f->state == IST_FD_LISTENING)
        return -ENOTCONN;
    for (int i = 0; i < n_iov; i++) {
        uint8_t *at = iov[i].iov_base;
        size_t left = iov[i].iov_len;
        while (left > 0) {
            uint32_t cap = left > INT32_MAX ? INT32_MAX : (uint32_t)left;
            int32_t r = peek ? ist_stream_peek(f->handle, at, cap, (uint32_t)total) : ist_stream_recv(f->handle, at, cap);
            if (r > 0) {
                at += r;
                left -= (size_t)r;
                total += r;
                if (left > 0 && !(flags & MSG_WAITALL))
                    return total;   /* that was all */
                continue;
            }
            if (r == IST_EAGAIN && (total == 0 || flags & MSG_WAITALL)) {
                int e = more_wait(f, flags, total, &deadline);
                if (e == 0)
                    continue;
                return total ? total : e;
            }
            if (total || r == 0)
                return total;
            return r == IST_ENOTCONN ? 0 : -ist__errno(r);   /* Linux: after a failed attempt, the end */
        }
    }
    return total;
}
