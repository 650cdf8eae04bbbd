/*
 * rest.c - bytes that a client may write by check-write, and that the stack had no memory or place for after all
 *
 * Rare: the permit counts bytes, the stack also segments. A rest goes out in later turns; what ends the connection waits for it.
 */
#include <stdlib.h>
#include <string.h>
#include "component.h"

static struct socket *first;

bool rest_any(void)
{
    return first != NULL;
}

void rest_keep(struct socket *s, const uint8_t *from, uint32_t len)
{
    s->rest = take(len);
    memcpy(s->rest, from, len);
    s->rest_len = len;
    s->next = first;
    first = socket_hold(s);
}

/* Whether there is nothing left to send, for good or ill. */
static bool drained(struct socket *s)
{
    int32_t n = ist_stream_send(s->handle, s->rest, s->rest_len);

    if (n == IST_EAGAIN || n == IST_ENOMEM)
        return false;
    if (n > 0 && (uint32_t)n < s->rest_len) {
        s->rest_len -= (uint32_t)n;
        memmove(s->rest, s->rest + n, s->rest_len);
        return false;
    }
    free(s->rest);
    s->rest = NULL;
    s->rest_len = 0;
    if (s->shut_after_rest)
        ist_stream_shutdown(s->handle, IST_SHUT_WRITE);
    return true;
}

void rest_push(void)
{
    struct socket **at = &first;

    while (*at) {
        struct socket *s = *at;
        if (!drained(s)) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        socket_release(s);
    }
}
