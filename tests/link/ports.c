/*
 * ports.c - the ready-made ports of the host in C: two threads over a pair, a stream that takes and brings half frames,
 * and the kernel's own TUN device
 */
#include "../../adapters/host/c/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <isthmus/link.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS 20000u
#define ROOM   200000u

/* A guest's memory: one structure, and room for two batches. */
struct side {
    struct isthmus_host host;
    struct memory {
        struct ist_link x;
        uint8_t tx[ROOM], rx[ROOM];
    } *m;
};

static int count;

static void test(int holds, const char *sentence)
{
    printf("%s %d - %s\n", holds ? "ok" : "not ok", ++count, sentence);
    fflush(stdout);
}

static void side_init(struct side *s, struct isthmus_port *port)
{
    s->m = calloc(1, sizeof *s->m);
    if (!s->m || isthmus_host_init(&s->host) < 0 || isthmus_host_add(&s->host, port) != 0)
        abort();
}

static void side_release(struct side *s)
{
    isthmus_host_release(&s->host);
    free(s->m);
}

static int32_t swap(struct side *s, uint32_t tx_len, uint64_t deadline)
{
    s->m->x = (struct ist_link){
        .magic = IST_LINK_MAGIC, .version = IST_LINK_VERSION, .size = sizeof s->m->x, .deadline = deadline,
        .tx = offsetof(struct memory, tx), .tx_len = tx_len, .rx = offsetof(struct memory, rx), .rx_cap = ROOM,
    };
    return isthmus_host_exchange(&s->host, (uint8_t *)s->m, sizeof *s->m, 0);
}

static uint32_t put_frame(uint8_t *to, uint32_t len, uint32_t first)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(len >> (24 - 8 * i));
    for (uint32_t k = 0; k < len; k++)
        to[4 + k] = (uint8_t)(first + k);
    return 4 + len;
}

/* ---- a pair ------------------------------------------------------------------------------------------------------- */

/* Sends back what comes until the other side closes. */
static void *echo(void *of)
{
    struct side *s = of;
    uint32_t tx_len = 0;

    while (swap(s, tx_len, IST_LINK_NO_DEADLINE) == 0) {
        uint32_t left = tx_len - s->m->x.tx_taken;

        memmove(s->m->tx, s->m->tx + s->m->x.tx_taken, left);
        memcpy(s->m->tx + left, s->m->rx, s->m->x.rx_len);
        tx_len = left + s->m->x.rx_len;
    }
    return NULL;
}

static void pair(void)
{
    struct isthmus_port *a, *b;
    struct side one, other;
    pthread_t thread;
    uint32_t good = 0;

    test(isthmus_port_pair(&a, &b, IST_LINK_KIND_IP, 1500, 1503) == -EINVAL, "a pair with too little room for a frame is refused");
    if (isthmus_port_pair(&a, &b, IST_LINK_KIND_IP, 1500, 4000) < 0)
        abort();
    side_init(&one, a);
    side_init(&other, b);
    pthread_create(&thread, NULL, echo, &other);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t len = put_frame(one.m->tx, 1 + i % 1500, i);

        swap(&one, len, IST_LINK_NO_DEADLINE);
        while (one.m->x.rx_len == 0 && swap(&one, 0, IST_LINK_NO_DEADLINE) == 0)
            ;
        good += one.m->x.rx_len == len && memcmp(one.m->tx, one.m->rx, len) == 0;
    }
    test(good == ROUNDS, "pair: 20,000 frames go to another thread and back, and no wake-up is lost");
    isthmus_port_release(a);
    pthread_join(thread, NULL);
    test(swap(&other, 0, 0) == IST_LINK_CLOSED, "pair: an end whose peer is gone is closed");
    isthmus_port_release(b);
    side_release(&one);
    side_release(&other);
}

/* ---- a stream ----------------------------------------------------------------------------------------------------- */

static int stream(struct side *s, int fds[2], uint32_t buffer)
{
    struct isthmus_port *port;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
        abort();
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    port = isthmus_port_stream(fds[0], IST_LINK_KIND_ETHERNET, 1500, "");
    if (!port)
        abort();
    side_init(s, port);
    return fds[1];
}

static void stream_end(struct side *s, int peer)
{
    isthmus_port_release(s->host.ports[0]);
    side_release(s);
    if (peer >= 0)
        close(peer);
}

static void stream_out(void)
{
    struct side s;
    int fds[2], peer = stream(&s, fds, 4096);
    uint32_t len = 0, sent = 0, got = 0, swaps = 0;
    static uint8_t want[ROOM], have[ROOM];

    for (uint32_t i = 0; i < 100; i++)
        len += put_frame(s.m->tx + len, 1000 + i, i);
    memcpy(want, s.m->tx, len);
    for (; got < len && swaps < 100000; swaps++) {
        ssize_t n;

        memcpy(s.m->tx, want + sent, len - sent);
        if (swap(&s, len - sent, 0) != 0)
            break;
        sent += s.m->x.tx_taken;
        n = recv(peer, have + got, 777, MSG_DONTWAIT); /* a slow peer with small bites */
        got += n > 0 ? (uint32_t)n : 0;
    }
    test(swaps > 1 && got == len && memcmp(want, have, len) == 0, "stream: a slow peer gets every frame whole");
    stream_end(&s, peer);
}

static void stream_in(void)
{
    struct side s;
    int fds[2], peer = stream(&s, fds, 65536);
    uint8_t frames[8000];
    uint32_t len = put_frame(frames, 60, 1), good = 1;

    for (uint32_t i = 0; i < len; i++) {
        if (write(peer, frames + i, 1) != 1)
            abort();
        good &= swap(&s, 0, 0) == 0 && (i + 1 < len ? s.m->x.rx_len == 0 : s.m->x.rx_len == len);
    }
    test(good && memcmp(s.m->rx, frames, len) == 0, "stream: a frame that comes byte by byte is given when it is whole");
    len += put_frame(frames + len, 5000, 2);
    len += put_frame(frames + len, 0, 0);
    len += put_frame(frames + len, 1500, 3);
    if (write(peer, frames, len) != (ssize_t)len)
        abort();
    test(swap(&s, 0, 0) == 0 && s.m->x.rx_len == 64 + 1504 && s.host.ports[0]->dropped == 1,
         "stream: a frame over frame_max is dropped and counted, an empty one skipped, and the next is given");
    if (write(peer, frames, 64) != 64 || write(peer, frames, 10) != 10)
        abort();
    close(peer);
    test(swap(&s, 0, IST_LINK_NO_DEADLINE) == 0 && s.m->x.rx_len == 64, "stream: what the peer sent before it ended is given");
    test(swap(&s, 0, IST_LINK_NO_DEADLINE) == IST_LINK_CLOSED, "stream: then the link is closed, and half a frame is lost with it");
    stream_end(&s, -1);
}

/* ---- TUN ---------------------------------------------------------------------------------------------------------- */

/* Gives the device 10.99.77.1/24 and brings it up. */
static int configure(const char *name)
{
    struct ifreq request = { 0 };
    struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
    int fd = socket(AF_INET, SOCK_DGRAM, 0), good;

    strcpy(request.ifr_name, name);
    address->sin_family = AF_INET;
    inet_pton(AF_INET, "10.99.77.1", &address->sin_addr);
    good = ioctl(fd, SIOCSIFADDR, &request) == 0;
    inet_pton(AF_INET, "255.255.255.0", &address->sin_addr);
    good = good && ioctl(fd, SIOCSIFNETMASK, &request) == 0;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    good = good && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return good;
}

/* Waits for a UDP packet from the kernel to 10.99.77.2, and answers it with its addresses and ports swapped. */
static int answer_datagram(struct side *s)
{
    for (int tries = 0; tries < 50; tries++) {
        uint8_t *ip = s->m->rx + 4;

        swap(s, 0, s->m->x.monotonic + 100000000u);
        for (uint32_t at = 0; at < s->m->x.rx_len; at += 4 + ((uint32_t)ip[-2] << 8 | ip[-1])) {
            ip = s->m->rx + at + 4;
            if (ip[0] != 0x45 || ip[9] != 17 || ip[19] != 2)
                continue;
            memcpy(s->m->tx, ip - 4, 4 + 28 + 5);
            memcpy(s->m->tx + 4 + 12, ip + 16, 4);
            memcpy(s->m->tx + 4 + 16, ip + 12, 4);
            memcpy(s->m->tx + 4 + 20, ip + 22, 2);
            memcpy(s->m->tx + 4 + 22, ip + 20, 2);
            return swap(s, 4 + 28 + 5, 0) == 0 && s->m->x.tx_taken == 4 + 28 + 5;
        }
    }
    return 0;
}

static void tun(void)
{
    const char *sentence = "TUN: a datagram of the kernel comes through the device, and its answer goes back";
    char name[16], answer[8] = "";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7) };
    struct timeval patience = { .tv_sec = 5 };
    struct isthmus_port *port;
    struct side s;
    int fd, good;

    test(!isthmus_port_tun("a-name-that-is-too-long", NULL, IST_LINK_KIND_IP, 1500, "") && errno == EINVAL,
         "TUN: a name too long is refused");
    test(!isthmus_port_tun("", NULL, IST_LINK_KIND_UDP, 1500, "") && errno == EINVAL, "TUN: a kind that it cannot carry is refused");
    port = isthmus_port_tun("", name, IST_LINK_KIND_IP, 1500, "");
    if (!port && (errno == EPERM || errno == EACCES || errno == ENOENT)) {
        printf("ok %d - %s # SKIP needs root and /dev/net/tun\n", ++count, sentence);
        return;
    }
    if (!port || !configure(name)) {
        test(0, sentence);
        return;
    }
    side_init(&s, port);
    inet_pton(AF_INET, "10.99.77.2", &to.sin_addr);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    good = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 && send(fd, "hello", 5, 0) == 5;
    test(good && answer_datagram(&s) && recv(fd, answer, sizeof answer, 0) == 5 && memcmp(answer, "hello", 5) == 0, sentence);
    close(fd);
    isthmus_port_release(port);
    side_release(&s);
}

int main(void)
{
    pair();
    stream_out();
    stream_in();
    tun();
    printf("1..%d\n", count);
    return 0;
}
