/* shutdown: one direction ends, the other goes on. */
#include "tap.h"

int main(void)
{
    int p[2], fresh = socket(AF_INET, SOCK_STREAM, 0);
    char buf[16];

    tcp_pair(p);
    ok(send(p[0], "ask", 3, 0) == 3 && shutdown(p[0], SHUT_WR) == 0, "shutdown(SHUT_WR) after a request");
    ok(recv(p[1], buf, sizeof buf, MSG_WAITALL) == 3, "the peer reads the request");
    ok(recv(p[1], buf, sizeof buf, 0) == 0, "and the end");
    ok(send(p[1], "answer", 6, 0) == 6 && recv(p[0], buf, sizeof buf, 0) == 6, "and still answers");
    fails(send(p[0], "x", 1, MSG_NOSIGNAL), EPIPE, "sending after SHUT_WR is EPIPE");
    ok(shutdown(p[0], SHUT_WR) == 0, "a second SHUT_WR is no error");
    ok(shutdown(p[1], SHUT_RDWR) == 0, "SHUT_RDWR ends both");
    ok(recv(p[0], buf, sizeof buf, 0) == 0, "the first side reads the end");
    close(p[0]);
    close(p[1]);
    tcp_pair(p);
    ok(shutdown(p[0], SHUT_RD) == 0 && recv(p[0], buf, sizeof buf, 0) == 0, "after SHUT_RD the own side reads an end at once");
    fails(shutdown(fresh, SHUT_RD), ENOTCONN, "shutdown of a socket that is not connected is ENOTCONN");
    fails(shutdown(p[0], 77), EINVAL, "shutdown in a direction that does not exist is EINVAL");
    return done();
}
