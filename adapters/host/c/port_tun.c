/*
 * port_tun.c - a network device of the kernel: TUN carries IP packets, TAP Ethernet frames
 *
 * One read or write is one frame. Frames are read straight into the guest's rx; one is read ahead to know whether there
 * is one.
 */
#include "port.h"
#include "queue.h"

#include <isthmus/link.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

struct tun {
    struct isthmus_port port;
    int fd;
    uint32_t ahead_len;
    uint8_t ahead[];            /* the frame read ahead */
};

static struct tun *tun_of(struct isthmus_port *port)
{
    return (struct tun *)port;
}

/* Reads a frame of at most frame_max bytes; 0 when there is none. Longer ones are dropped: one byte of spill tells. */
static uint32_t tun_read(struct tun *tun, uint8_t *into)
{
    for (;;) {
        uint8_t spill;
        struct iovec parts[2] = { { .iov_base = into, .iov_len = tun->port.frame_max }, { .iov_base = &spill, .iov_len = 1 } };
        ssize_t n = readv(tun->fd, parts, 2);

        if (n > 0 && (size_t)n <= tun->port.frame_max)
            return (uint32_t)n;
        if (n > 0) {
            tun->port.dropped++;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        /* EIO: the device is down now, and may come up again. EBADFD: it has been deleted. */
        if (n < 0 && errno == EBADFD)
            tun->port.closed = 1;
        return 0;
    }
}

/* Writes one frame. Returns 0 when the kernel has no room now. A frame that it will not have is dropped. */
static int tun_write(struct tun *tun, const uint8_t *frame, uint32_t len)
{
    ssize_t n;

    do
        n = write(tun->fd, frame, len);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return 1;
    if (errno == EAGAIN || errno == ENOBUFS)
        return 0;
    if (errno == EBADFD)
        tun->port.closed = 1;
    tun->port.dropped++;
    return 1;
}

static uint32_t tun_take(struct isthmus_port *port, const uint8_t *batch, uint32_t len)
{
    uint32_t at = 0;

    port->writable = 0;
    while (len - at >= 4 && frame_length(batch + at) <= len - at - 4) {
        if (!tun_write(tun_of(port), batch + at + 4, frame_length(batch + at)))
            break;
        at += 4 + frame_length(batch + at);
    }
    return at;
}

static void put_length(uint8_t *at, uint32_t length)
{
    at[0] = (uint8_t)(length >> 24);
    at[1] = (uint8_t)(length >> 16);
    at[2] = (uint8_t)(length >> 8);
    at[3] = (uint8_t)length;
}

static void tun_turn(struct isthmus_port *port)
{
    struct tun *tun = tun_of(port);
    struct pollfd room = { .fd = tun->fd, .events = POLLOUT };

    if (tun->ahead_len == 0)
        tun->ahead_len = tun_read(tun, tun->ahead);
    port->readable = tun->ahead_len != 0;
    if (port->seen.refused)
        port->writable = poll(&room, 1, 0) == 1 && (room.revents & POLLOUT);
}

static uint32_t tun_give(struct isthmus_port *port, uint8_t *into, uint32_t cap)
{
    struct tun *tun = tun_of(port);
    uint32_t given = 0, length = 0;

    if (tun->ahead_len && tun->ahead_len <= cap - 4) {
        put_length(into, tun->ahead_len);
        memcpy(into + 4, tun->ahead, tun->ahead_len);
        given = 4 + tun->ahead_len;
        tun->ahead_len = 0;
    }
    while (cap - given >= 4 + port->frame_max && (length = tun_read(tun, into + given + 4)) != 0) {
        put_length(into + given, length);
        given += 4 + length;
    }
    tun_turn(port);
    return given;
}

static short tun_events(struct isthmus_port *port, int *fd)
{
    *fd = tun_of(port)->fd;
    if (port->closed)
        return 0;
    return (short)((port->readable ? 0 : POLLIN) | (port->seen.refused ? POLLOUT : 0));
}

static void tun_release(struct isthmus_port *port)
{
    close(tun_of(port)->fd);
    free(port);
}

static const struct isthmus_port_class tun_class = {
    .take = tun_take, .give = tun_give, .turn = tun_turn, .events = tun_events, .release = tun_release,
};

/* Returns a descriptor, or -1 with errno. */
static int tun_open(const char *name, char *name_out, uint32_t kind)
{
    struct ifreq request = { .ifr_flags = (short)((kind == IST_LINK_KIND_IP ? IFF_TUN : IFF_TAP) | IFF_NO_PI) };
    int fd;

    if ((kind != IST_LINK_KIND_IP && kind != IST_LINK_KIND_ETHERNET) || strlen(name) >= sizeof request.ifr_name) {
        errno = EINVAL;
        return -1;
    }
    fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    strcpy(request.ifr_name, name);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    if (name_out)
        strcpy(name_out, request.ifr_name);
    return fd;
}

struct isthmus_port *isthmus_port_tun(const char *name, char *name_out, uint32_t kind, uint32_t mtu, const char *grant)
{
    int fd = tun_open(name, name_out, kind);
    struct isthmus_port common;
    struct tun *tun;

    if (fd < 0)
        return NULL;
    isthmus_port_init(&common, &tun_class, kind, mtu, grant);
    tun = malloc(sizeof *tun + common.frame_max);
    if (!tun) {
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    *tun = (struct tun){ .port = common, .fd = fd };
    return &tun->port;
}
