/*
 * edge_option.c - the socket options of WasmEdge: level 0 is SOL_SOCKET, the options are numbered from 0
 */
#include <sys/time.h>
#include "merge.h"

#define VALUE_MAX 16u

static const int16_t options[] = {
    SO_REUSEADDR, SO_TYPE, SO_ERROR, -1 /* DONTROUTE */, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, -1 /* OOBINLINE */, SO_LINGER,
    -1 /* RCVLOWAT */, SO_RCVTIMEO, SO_SNDTIMEO, SO_ACCEPTCONN, -1 /* BINDTODEVICE */
};

static int option_of(uint32_t level, uint32_t name)
{
    if (level != 0 || name >= sizeof options / sizeof *options)
        return -1;
    return options[name];
}

EXPORT(edge_setsockopt)(int32_t fd, uint32_t level, uint32_t name, uint32_t value, uint32_t len)
{
    uint8_t room[VALUE_MAX];
    int option = option_of(level, name);

    if (option < 0)
        return ENOPROTOOPT;
    if (len > VALUE_MAX)
        return EINVAL;
    if (client_read(room, value, len))
        return EFAULT;
    return last(setsockopt(fd_of(fd), SOL_SOCKET, option, room, len));
}

/* @len: where the length stands; Go's library passes the length itself, which is no address. The type is numbered as in sock_open. */
EXPORT(edge_getsockopt)(int32_t fd, uint32_t level, uint32_t name, uint32_t value, uint32_t len)
{
    int room[VALUE_MAX / sizeof(int)] = { 0 };
    int option = option_of(level, name);
    uint32_t cap = len;
    socklen_t got;

    if (option < 0)
        return ENOPROTOOPT;
    if (len > VALUE_MAX && client_read(&cap, len, sizeof cap))
        return EFAULT;
    got = cap < sizeof room ? cap : sizeof room;
    if (getsockopt(fd_of(fd), SOL_SOCKET, option, room, &got) < 0)
        return errno;
    if (option == SO_TYPE)
        room[0] = room[0] == SOCK_STREAM ? 2 : 1;
    if (len > VALUE_MAX && client_write_u32(len, got))
        return EFAULT;
    return client_write(value, room, got);
}
