/*
 * datagram_io.c - sending and receiving datagrams: UDP and ICMP echo
 */
#include <stdlib.h>
#include <string.h>
#include "posix.h"

#define DATAGRAM_MAX 65535u

uint64_t ist__datagram_sent_ns;

static size_t iov_length(const struct iovec *iov, int n_iov)
{
    size_t n = 0;

    for (int i = 0; i < n_iov && n <= DATAGRAM_MAX; i++)
        n += iov[i].iov_len > DATAGRAM_MAX ? DATAGRAM_MAX + 1 : iov[i].iov_len;
    return n;
}

/* 0 or -errno; *out is NULL for the default peer */
static int destination(struct ist__fd *f, const struct sockaddr *to, socklen_t to_len, struct ist_address *room, const struct ist_address **out)
{
    int e;

    *out = NULL;
    if (!to)
        return f->state == IST_FD_CONNECTED ? 0 : -EDESTADDRREQ;
    e = ist__address_from(room, f, to, to_len);
    if (e)
        return e;
    if (room->port == 0 && f->protocol == IPPROTO_UDP)
        return -EINVAL;
    if (ist__address_is_any(room))
        ist__address_loopback(room);
    *out = room;
    return ist__address_is_loopback(room) ? 0 : ist__wait_configured();
}

ssize_t ist__datagram_send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, const struct sockaddr *to, socklen_t to_len,
    const struct ist_sending *with)
{
    size_t len = iov_length(iov, n_iov), at = 0;
    const void *buf = n_iov == 1 ? iov[0].iov_base : NULL;
    struct ist_address room;
    const struct ist_address *peer;
    uint64_t deadline = 0;
    uint8_t *joined = NULL;
    int32_t r;
    int e;

    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (len > DATAGRAM_MAX)
        return -EMSGSIZE;
    e = destination(f, to, to_len, &room, &peer);
    if (e)
        return e;
    if (f->shut & IST_SHUT_WRITE)
        return -EPIPE;
    if (n_iov > 1) {
        buf = joined = malloc(len ? len : 1);
        if (!joined)
            return -ENOMEM;
        for (int i = 0; i < n_iov; at += iov[i++].iov_len)
            memcpy(joined + at, iov[i].iov_base, iov[i].iov_len);
    }
    for (;;) {
        r = with ? ist_datagram_send_with(f->handle, buf, (uint32_t)len, peer, with) : ist_datagram_send(f->handle, buf, (uint32_t)len, peer);
        if (r != IST_EAGAIN)
            break;
        e = ist__wait_may(f, IST_WRITABLE, flags, f->send_timeout_ns, &deadline);
        if (e)
            break;
    }
    free(joined);
    if (e)
        return e;
    if (with && (r == IST_EADDRNOTAVAIL || r == IST_EAFNOSUPPORT))
        return -EINVAL;    /* of IP_PKTINFO */
    if (r < 0)
        return -ist__errno(r);
    ist__datagram_sent_ns = ist_monotonic();
    return (ssize_t)len;
}

/* One datagram into one buffer, waiting for it if the socket may. Its length, which may be over cap, or -errno. */
static ssize_t datagram_take(struct ist__fd *f, void *buf, size_t cap, int flags, struct ist_datagram *info)
{
    uint64_t deadline = 0;

    for (;;) {
        int32_t r = ist_datagram_recv(f->handle, buf, (uint32_t)cap, flags & MSG_PEEK ? IST_PEEK : 0, info);
        int e;
        if (r >= 0)
            return r;
        if (r != IST_EAGAIN)
            return -ist__errno(r);
        if (f->shut & IST_SHUT_READ) {
            info->from.family = info->to.family = 0;
            return 0;
        }
        e = ist__wait_may(f, IST_READABLE, flags, f->recv_timeout_ns, &deadline);
        if (e)
            return e;
    }
}

ssize_t ist__datagram_recv(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, int *out_flags,
    struct sockaddr *from, socklen_t *from_len, struct ist_datagram *info)
{
    size_t cap = iov_length(iov, n_iov), at = 0, got;
    void *buf = n_iov == 1 ? iov[0].iov_base : NULL;
    uint8_t *joined = NULL;
    ssize_t r;

    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (cap > DATAGRAM_MAX)
        cap = DATAGRAM_MAX;
    if (n_iov != 1) {
        buf = joined = malloc(cap ? cap : 1);
        if (!joined)
            return -ENOMEM;
    }
    r = datagram_take(f, buf, cap, flags, info);
    got = r < 0 ? 0 : (size_t)r < cap ? (size_t)r : cap;
    for (int i = 0; joined && i < n_iov && at < got; i++) {
        size_t n = iov[i].iov_len < got - at ? iov[i].iov_len : got - at;
        memcpy(iov[i].iov_base, joined + at, n);
        at += n;
    }
    free(joined);
    if (r < 0)
        return r;
    if ((size_t)r > cap)
        *out_flags |= MSG_TRUNC;
    if (from_len && info->from.family)
        ist__address_to(from, from_len, f, &info->from);
    else if (from_len)
        *from_len = 0;
    return flags & MSG_TRUNC ? r : (ssize_t)got;
}
