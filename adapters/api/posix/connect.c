/*
 * connect.c - connect(), with Linux's answers when it is called again
 *
 * After EINPROGRESS: EALREADY while the attempt runs, then once 0 or the error (ECONNABORTED if SO_ERROR has taken it), then EISCONN
 * or a new attempt.
 */
#include "posix.h"

/* How the attempt ended, said once. */
static int announce(struct ist__fd *f)
{
    int32_t error;

    f->announced = 1;
    if (ist__fd_state(f) == IST_FD_CONNECTED)
        return 0;
    f->state = IST_FD_REFUSED;
    error = ist_failure(f->handle);
    return error < 0 ? -ist__errno(error) : -ECONNABORTED;
}

static int attempt_wait(struct ist__fd *f)
{
    int r = ist__wait(f, IST_WRITABLE, ist__deadline(f->send_timeout_ns));

    if (r)
        return r == -EAGAIN ? -EINPROGRESS : r;
    return announce(f);
}

static int is_unspecified(const struct sockaddr *peer, socklen_t len)
{
    return peer && len >= sizeof peer->sa_family && peer->sa_family == AF_UNSPEC;
}

/* AF_UNSPEC: the socket is as after bind(), whatever it was. */
int ist__dissolve(struct ist__fd *f)
{
    struct ist_address none = { .family = 0 };

    f->state = IST_FD_NEW;
    f->shut = f->announced = 0;
    return -ist__errno(ist_socket_connect(f->handle, &none));
}

static int stream_connect(struct ist__fd *f, const struct sockaddr *peer, socklen_t len)
{
    struct ist_address a;
    int r;

    switch (ist__fd_state(f)) {
    case IST_FD_LISTENING:
        return -EISCONN;
    case IST_FD_CONNECTED:
        return f->announced ? -EISCONN : announce(f);
    case IST_FD_CONNECTING:
        return f->nonblock ? -EALREADY : attempt_wait(f);
    case IST_FD_REFUSED:
        if (!f->announced)
            return announce(f);
        break;
    case IST_FD_NEW:
        break;
    }
    r = ist__address_from(&a, f, peer, len);
    if (r)
        return r;
    if (ist__address_is_any(&a))
        ist__address_loopback(&a);
    r = ist_socket_connect(f->handle, &a);
    if (r < 0)
        return -ist__errno(r);
    f->state = IST_FD_CONNECTING;
    f->announced = 0;
    if (!f->nonblock)
        return attempt_wait(f);
    ist_wait(NULL, 0, IST_NO_WAIT);
    return -EINPROGRESS;
}

static int datagram_connect(struct ist__fd *f, const struct sockaddr *peer, socklen_t len)
{
    struct ist_address a;
    int r = ist__address_from(&a, f, peer, len);
    if (r == 0 && ist__address_is_any(&a))
        ist__address_loopback(&a);
    if (r == 0 && !ist__address_is_loopback(&a))
        r = ist__wait_configured();
    if (r == 0)
        r = -ist__errno(ist_socket_connect(f->handle, &a));
    if (r == 0)
        f->state = IST_FD_CONNECTED;
    return r;
}

int connect(int fd, const struct sockaddr *peer, socklen_t len)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    if (r == 0 && f->domain == AF_UNIX)
        r = -EISCONN;
    if (r == 0 && is_unspecified(peer, len))
        r = ist__dissolve(f);
    else if (r == 0)
        r = f->type == SOCK_STREAM ? stream_connect(f, peer, len) : datagram_connect(f, peer, len);
    return ist__result(r);
}
