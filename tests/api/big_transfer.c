/* 8 MiB each way at once, every byte checked; then the same with blocking calls one way. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

#define TOTAL (8u << 20)

static unsigned char byte_at(unsigned side, unsigned i)
{
    return (unsigned char)((i * 2654435761u >> 13) + side * 85 + i);
}

struct end { int fd; unsigned sent, got, wrong; };

static void push(struct end *e, unsigned side)
{
    static unsigned char buf[70001];
    unsigned n = TOTAL - e->sent < sizeof buf ? TOTAL - e->sent : (unsigned)sizeof buf;
    ssize_t r;

    for (unsigned i = 0; i < n; i++)
        buf[i] = byte_at(side, e->sent + i);
    r = send(e->fd, buf, n, 0);
    if (r > 0)
        e->sent += (unsigned)r;
    else if (errno != EAGAIN)
        need(0, "send");
    if (e->sent == TOTAL)
        shutdown(e->fd, SHUT_WR);
}

static int pull(struct end *e, unsigned side)
{
    static unsigned char buf[50021];
    ssize_t r = recv(e->fd, buf, sizeof buf, 0);

    if (r < 0)
        need(errno == EAGAIN, "recv");
    for (ssize_t i = 0; i < r; i++)
        e->wrong += buf[i] != byte_at(!side, e->got++);
    return r == 0;
}

int main(void)
{
    int p[2], ended = 0, spins = 0, r, last = -1;
    struct end e[2] = { { 0 } };

    tcp_pair(p);
    for (int i = 0; i < 2; i++) {
        e[i].fd = p[i];
        fcntl(p[i], F_SETFL, O_NONBLOCK);
    }
    while (ended < 2 && spins++ < 1000000) {
        struct pollfd set[2];
        for (int i = 0; i < 2; i++)
            set[i] = (struct pollfd) { .fd = i == last ? -1 : p[i], .events = POLLIN | (e[i].sent < TOTAL ? POLLOUT : 0) };
        r = poll(set, 2, 10000);
        if (r == 0)
            break;
        for (unsigned i = 0; i < 2; i++) {
            if (set[i].revents & POLLOUT && e[i].sent < TOTAL)
                push(&e[i], i);
            if (set[i].revents & POLLIN && pull(&e[i], i)) {
                last = (int)i;
                ended++;
            }
        }
    }
    ok(ended == 2, "both ends come to an end");
    ok(e[0].sent == TOTAL && e[1].sent == TOTAL, "all was sent both ways");
    ok(e[0].got == TOTAL && e[1].got == TOTAL, "all was received both ways");
    ok(e[0].wrong == 0 && e[1].wrong == 0, "every byte is the one that was sent");
    return done();
}
