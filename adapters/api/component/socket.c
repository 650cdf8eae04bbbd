/*
 * socket.c - what TCP and UDP sockets have in common: who holds them, and what they wait for
 */
#include <stdlib.h>
#include <isthmus/linger.h>
#include "component.h"

#define LINGER_NS UINT64_C(10000000000)    /* how long the drop of the last socket waits for its peer to have what was sent */
#define STEP_NS   UINT64_C(2000000)        /* between looks at TLS meanwhile */

static uint32_t n_sockets;

struct socket *socket_adopt(ist_handle handle, uint8_t family, bool udp)
{
    struct socket *s = calloc(1, sizeof *s);

    if (!s) {
        ist_close(handle);
        return NULL;
    }
    *s = (struct socket){ .handle = handle, .users = 1, .refs = 1, .family = family, .udp = udp };
    if (!udp)
        ist_option_set(handle, IST_OPTION_NO_DELAY, 1);   /* the interface has no such option; a write says when it is to leave */
    n_sockets++;
    return s;
}

struct socket *socket_open(uint32_t family, bool udp, int32_t *error)
{
    struct socket *s;
    ist_handle handle;

    *error = network_start();
    if (*error < 0)
        return NULL;
    handle = udp ? ist_udp_open(family) : ist_tcp_open(family);
    if (handle < 0) {
        *error = handle;
        return NULL;
    }
    if (family == IST_IPV6)
        ist_option_set(handle, IST_OPTION_V6ONLY, 1);     /* wasi:sockets has no dual-stack sockets */
    s = socket_adopt(handle, (uint8_t)family, udp);
    if (!s)
        *error = IST_ENOMEM;
    return s;
}

struct socket *socket_hold(struct socket *s)
{
    s->users++;
    s->refs++;
    return s;
}

void socket_watch(struct socket *s)
{
    s->refs++;
}

void socket_unwatch(struct socket *s)
{
    if (--s->refs == 0)
        free(s);
}

static bool is_on_its_way(const struct socket *s)
{
    struct ist_tcp_info info;

    return ist_tcp_info(s->handle, &info) == 0 && info.unsent + info.in_flight;
}

/* An instance has no kernel that goes on when its program has ended, which often is just after its last socket. */
static void linger(const struct socket *s)
{
    uint64_t deadline = ist_monotonic() + LINGER_NS;

    if (n_sockets != 1 || s->udp || s->state != SOCKET_CONNECTED)
        return;
    while (s->above && ist_ready(s->above) >= 0 && is_on_its_way(s) && ist_monotonic() < deadline)   /* which moves its records down */
        if (ist_wait(NULL, 0, ist_monotonic() + STEP_NS) == IST_ENOLINK)
            return;
    if (is_on_its_way(s) && ist_stream_shutdown(s->handle, IST_SHUT_WRITE) == 0)
        ist_linger_stream(s->handle, deadline);
}

/* TLS says close_notify and leaves the connection to whoever else holds it: it is closed with that. */
static void step_down(struct socket *s)
{
    if (!s->above)
        ist_stream_shutdown(s->handle, IST_SHUT_WRITE);
    s->below->above = s->above ? s->above : s->handle;
    socket_release(s->below);
}

static void end(struct socket *s)
{
    linger(s);
    ist_close(s->above ? s->above : s->handle);
    n_sockets--;
}

void socket_release(struct socket *s)
{
    if (--s->users == 0) {
        (s->below ? step_down : end)(s);
        s->handle = 0;
        if (s->state >= SOCKET_LISTENING)     /* there is an end for somebody to hear of */
            turn();
    }
    socket_unwatch(s);
}

enum error_code socket_refusal(const struct socket *s)
{
    bool busy = s->state == SOCKET_BINDING || s->state == SOCKET_LISTENING_SOON || s->state == SOCKET_CONNECTING;

    return busy ? CODE_CONCURRENCY_CONFLICT : CODE_INVALID_STATE;
}

void *socket_bind(struct socket *s, const struct ist_address *a)
{
    int32_t r;

    if (s->state != SOCKET_UNBOUND)
        return out_refused(socket_refusal(s));
    if (a->family != s->family || address_is_mapped(a) || (!s->udp && !address_is_unicast(a)))
        return out_refused(CODE_INVALID_ARGUMENT);
    r = ist_socket_bind(s->handle, a);
    if (r == IST_EADDRNOTAVAIL && address_is_unspecified(a))
        r = IST_EADDRINUSE;               /* no port was left */
    if (r == 0)
        s->state = SOCKET_BINDING;
    return out_result(r);
}

bool sockets_any(void)
{
    return n_sockets != 0;
}

int32_t socket_peer_set(struct socket *s, const struct ist_address *peer)
{
    static const struct ist_address none;
    int32_t r = 0;

    if (peer->family || s->peer.family)
        r = ist_socket_connect(s->handle, peer->family ? peer : &none);
    if (r < 0)
        return r;
    s->peer = *peer;
    s->state = peer->family ? SOCKET_CONNECTED : SOCKET_BOUND;
    return 0;
}

void *socket_local(const struct socket *s)
{
    struct ist_address a;

    if (s->state == SOCKET_UNBOUND || s->state == SOCKET_BINDING || ist_socket_local(s->handle, &a) < 0 || !a.port)
        return out_code(4, CODE_INVALID_STATE);
    a.family = s->family;
    return out_address(&a);
}

uint32_t socket_want(const struct socket *s)
{
    switch (s->state) {
    case SOCKET_CONNECTING: return IST_WRITABLE;
    case SOCKET_LISTENING:  return IST_READABLE;
    default:                return 0;
    }
}
