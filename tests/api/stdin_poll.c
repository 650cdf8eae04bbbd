/* Standard input beside sockets. Asks the test for input with lines "# type", "# close". */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include "tap.h"

static void ask(const char *what)
{
    printf("# %s\n", what);
    fflush(stdout);
}

int main(void)
{
    static char block[1 << 20];
    int p[2], there = 0;
    char line[64];
    struct pollfd set[2];

    tcp_pair(p);
    set[0] = (struct pollfd) { .fd = 0, .events = POLLIN };
    set[1] = (struct pollfd) { .fd = p[1], .events = POLLIN };
    ok(poll(set, 2, 150) == 0, "nothing typed and nothing sent: poll waits its time out");
    ask("type");
    ok(poll(set, 2, 20000) == 1 && set[0].revents == POLLIN && set[1].revents == 0, "typing wakes it");
    ok(read(0, line, sizeof line) == 5 && memcmp(line, "word\n", 5) == 0, "and is read");
    ok(poll(set, 2, 50) == 0, "once");
    need(send(p[0], "x", 1, 0) == 1, "send");
    ok(poll(set, 2, 20000) == 1 && set[0].revents == 0 && set[1].revents == POLLIN, "a byte on the socket wakes it too");
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    need(send(p[0], block, sizeof block, 0) > 0, "send");
    ask("wait and type");
    ok(read(0, line, sizeof line) == 5, "a blocking read of standard input waits for the line");
    ok(ioctl(p[1], FIONREAD, &there) == 0 && there > 10000, "and meanwhile the network went on");
    recv(p[1], block, sizeof block, 0);
    while (recv(p[1], block, sizeof block, MSG_DONTWAIT) > 0)
        ;
    ask("close");
    ok(poll(set, 1, 20000) == 1 && set[0].revents & (POLLIN | POLLHUP), "the end of standard input wakes it");
    ok(read(0, line, sizeof line) == 0, "and reads as the end");
    return done();
}
