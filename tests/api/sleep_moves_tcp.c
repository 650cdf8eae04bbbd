/* The network goes on while the program sleeps: what was queued has been carried when it wakes. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>
#include "tap.h"

#define TOTAL (1 << 20)

int main(void)
{
    static char block[TOTAL];
    struct timespec t = { 0, 100000000 };
    int p[2], sent = 0, there = 0, more;

    tcp_pair(p);
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 50 && there < TOTAL / 32; i++) {
        if (sent < TOTAL) {
            more = (int)send(p[0], block + sent, (size_t)(TOTAL - sent), 0);
            sent += more > 0 ? more : 0;
        }
        nanosleep(&t, NULL);
        ioctl(p[1], FIONREAD, &there);
    }
    ok(there >= TOTAL / 32, "the receiver holds what the sender queued before it slept");
    ok(there <= sent, "and no more than was sent");
    return done();
}
