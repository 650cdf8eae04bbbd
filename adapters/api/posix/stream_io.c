/*
 * stream_io.c - sending and receiving on byte streams
 */
#include "posix.h"

#define PEEK_STEP_NS UINT64_C(5000000)

/* What a failed connection answers: its error once, then what Linux answers for ever after. */
static ssize_t stream_failed(struct ist__fd *f, int32_t error, ssize_t later)
{
    if (f->failed)
        return later;
    f->failed = 1;
    ist_failure(f->handle);   /* SO_ERROR has it no more */
    return -ist__errno(error);
}

/* Linux: sending where there was never a connection is EPIPE, as sending after one. */
ssize_t ist__stream_send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags)
{
    uint64_t deadline = 0;
    ssize_t total = 0;

    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (ist__fd_state(f) == IST_FD_NEW || f->state == IST_FD_LISTENING)
        return -EPIPE;
    for (int i = 0; i < n_iov; i++) {
        const uint8_t *at = iov[i].iov_base;
        size_t left = iov[i].iov_len;
        while (left > 0) {
            int32_t r = ist_stream_send(f->handle, at, left > INT32_MAX ? INT32_MAX : (uint32_t)left);
            if (r > 0) {
                at += r;
                left -= (size_t)r;
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
            return r == IST_EPIPE || r == IST_ENOTCONN ? -EPIPE : stream_failed(f, r, -EPIPE);
        }
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
    if (f->state == IST_FD_NEW || f->state == IST_FD_LISTENING)
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
            return total || r == 0 ? total : stream_failed(f, r, 0);
        }
    }
    return total;
}
