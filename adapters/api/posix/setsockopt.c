/*
 * setsockopt.c - setsockopt(); what is not in option.c's table or below is ENOPROTOOPT
 */
#include <string.h>
#include <sys/time.h>
#include "control.h"
#include "option.h"

static int timeout_set(uint64_t *ns, const void *value, socklen_t len)
{
    struct timeval tv;

    if (len < sizeof tv)
        return -EINVAL;
    memcpy(&tv, value, sizeof tv);
    if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
        return -EDOM;
    if (tv.tv_sec < 0 || tv.tv_sec > INT32_MAX)
        *ns = 0;   /* Linux: so long that it is for ever; negative: at once, here as for ever */
    else
        *ns = (uint64_t)tv.tv_sec * 1000000000u + (uint64_t)tv.tv_usec * 1000u;
    return 0;
}

static int linger_set(struct ist__fd *f, const void *value, socklen_t len)
{
    struct linger l;

    if (len < sizeof l)
        return -EINVAL;
    memcpy(&l, value, sizeof l);
    return -ist__errno(ist_option_set(f->handle, IST_OPTION_LINGER_S, l.l_onoff ? l.l_linger : -1));
}

/* IPPROTO_IP takes a byte too, and nothing as 0: IP_MULTICAST_TTL is one in many programs. */
static int number_get(int level, const void *value, socklen_t len, int32_t *out)
{
    if (len >= sizeof *out)
        memcpy(out, value, sizeof *out);
    else if (level == IPPROTO_IP)
        *out = len ? *(const uint8_t *)value : 0;
    else
        return -EINVAL;
    return 0;
}

static int option_set(struct ist__fd *f, int level, int name, const void *value, socklen_t len)
{
    const struct ist__option *o = ist__option_find(f, level, name);
    int32_t number;
    uint8_t bit;
    int r;

    if (!value)
        return -EFAULT;
    if (level == SOL_SOCKET && name == SO_RCVTIMEO)
        return timeout_set(&f->recv_timeout_ns, value, len);
    if (level == SOL_SOCKET && name == SO_SNDTIMEO)
        return timeout_set(&f->send_timeout_ns, value, len);
    if (level == SOL_SOCKET && name == SO_LINGER && f->protocol == IPPROTO_TCP)
        return linger_set(f, value, len);
    r = ist__multicast_set(f, level, name, value, len);
    if (r <= 0)
        return r;
    bit = ist__control_option(f, level, name);
    if (!o && !bit)
        return -ENOPROTOOPT;
    r = number_get(level, value, len, &number);
    if (r)
        return r;
    if (bit) {
        f->tell = number ? f->tell | bit : f->tell & (uint8_t)~bit;
        return 0;
    }
    return ist__option_set(f, o, number);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : option_set(f, level, option, value, len));
}
