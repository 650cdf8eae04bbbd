/* MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT on a stream. */
#include <netinet/tcp.h>
#include <sys/time.h>
#include "tap.h"

int main(void)
{
    int p[2], on = 1;
    char buf[16];
    struct timeval tv = { 0, 100000 };

    tcp_pair(p);
    setsockopt(p[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);   /* each send is on its way at once */
    fails(recv(p[1], buf, 1, MSG_DONTWAIT), EAGAIN, "MSG_DONTWAIT with nothing there is EAGAIN");
    need(send(p[0], "abc", 3, 0) == 3, "send");
    ok(recv(p[1], buf, 16, MSG_PEEK) == 3 && memcmp(buf, "abc", 3) == 0, "MSG_PEEK shows the bytes");
    ok(recv(p[1], buf, 2, MSG_PEEK) == 2 && recv(p[1], buf, 2, 0) == 2 && buf[0] == 'a', "and leaves them");
    need(send(p[0], "defg", 4, 0) == 4, "send");
    ok(recv(p[1], buf, 5, MSG_WAITALL) == 5 && memcmp(buf, "cdefg", 5) == 0, "MSG_WAITALL gathers what comes in two parts");
    need(send(p[0], "hij", 3, 0) == 3, "send");
    setsockopt(p[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    ok(recv(p[1], buf, 16, MSG_WAITALL) == 3, "and gives what it has at the timeout");
    need(send(p[0], "kl", 2, 0) == 2, "send");
    shutdown(p[0], SHUT_WR);
    ok(recv(p[1], buf, 16, MSG_PEEK | MSG_WAITALL) == 2, "MSG_PEEK and MSG_WAITALL end at the end");
    ok(recv(p[1], buf, 16, MSG_WAITALL) == 2, "MSG_WAITALL too");
    ok(recv(p[1], buf, 16, MSG_WAITALL) == 0 && recv(p[1], buf, 16, MSG_PEEK) == 0, "and there it is");
    return done();
}
