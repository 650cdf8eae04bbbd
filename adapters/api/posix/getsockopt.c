/*
 * getsockopt.c - getsockopt(); what is not in option.c's table or below is ENOPROTOOPT
 */
#include <string.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include "control.h"
#include "option.h"

/* The error of an attempt or a connection, once. */
static int32_t error_take(struct ist__fd *f)
{
    ist_wait(NULL, 0, IST_NO_WAIT);
    ist__fd_state(f);   /* after the error has been taken it could not tell any more */
    return ist__errno(ist_failure(f->handle));
}

static int own_number(struct ist__fd *f, int name, int32_t *out)
{
    switch (name) {
    case SO_ERROR:      *out = error_take(f); return 1;
    case SO_TYPE:       *out = f->type; return 1;
    case SO_DOMAIN:     *out = f->domain; return 1;
    case SO_PROTOCOL:   *out = f->protocol; return 1;
    case SO_ACCEPTCONN: *out = f->state == IST_FD_LISTENING; return 1;
    }
    return 0;
}

static int give(void *value, socklen_t *len, const void *from, socklen_t from_len)
{
    if (*len > from_len)
        *len = from_len;
    memcpy(value, from, *len);
    return 0;
}

/* IPPROTO_IP gives a byte where there is no room for more, as Linux. */
static int number_give(int level, void *value, socklen_t *len, int32_t number)
{
    if (level == IPPROTO_IP && *len > 0 && *len < sizeof number && number >= 0 && number <= 255)
        return give(value, len, &(uint8_t) { (uint8_t)number }, 1);
    return give(value, len, &number, sizeof number);
}

static int timeout_get(uint64_t ns, void *value, socklen_t *len)
{
    struct timeval tv = { .tv_sec = (time_t)(ns / 1000000000u), .tv_usec = (suseconds_t)(ns / 1000u % 1000000u) };

    return give(value, len, &tv, sizeof tv);
}

static int option_get(struct ist__fd *f, int level, int name, void *value, socklen_t *len)
{
    const struct ist__option *o = ist__option_find(f, level, name);
    struct in_addr interface;
    int32_t number, r;

    if (!value || !len)
        return -EFAULT;
    if (*len > INT32_MAX)
        return -EINVAL;
    if (level == SOL_SOCKET && own_number(f, name, &number))
        return give(value, len, &number, sizeof number);
    if (level == SOL_SOCKET && name == SO_RCVTIMEO)
        return timeout_get(f->recv_timeout_ns, value, len);
    if (level == SOL_SOCKET && name == SO_SNDTIMEO)
        return timeout_get(f->send_timeout_ns, value, len);
    if (level == SOL_SOCKET && name == SO_LINGER && f->protocol == IPPROTO_TCP) {
        r = ist_option_get(f->handle, IST_OPTION_LINGER_S, &number);
        struct linger l = { .l_onoff = number >= 0, .l_linger = number >= 0 ? number : 0 };
        return r < 0 ? -ist__errno(r) : give(value, len, &l, sizeof l);
    }
    if (level == IPPROTO_TCP && name == TCP_INFO && f->protocol == IPPROTO_TCP) {
        struct tcp_info info;
        r = ist__tcp_info_get(f, &info);
        return r < 0 ? r : give(value, len, &info, sizeof info);
    }
    r = ist__multicast_get(f, level, name, &interface);
    if (r <= 0)
        return r < 0 ? r : give(value, len, &interface, sizeof interface);
    if (ist__control_option(f, level, name))
        return number_give(level, value, len, (f->tell & ist__control_option(f, level, name)) != 0);
    if (!o)
        return -ENOPROTOOPT;
    r = ist_option_get(f->handle, o->option, &number);
    return r < 0 ? -ist__errno(r) : number_give(level, value, len, number);
}

int getsockopt(int fd, int level, int option, void *__restrict value, socklen_t *__restrict len)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : option_get(f, level, option, value, len));
}
