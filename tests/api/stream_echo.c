/* A connection inside the instance: every way to send and receive, and the end. */
#include <netinet/tcp.h>
#include <sys/uio.h>
#include "tap.h"

int main(void)
{
    struct sockaddr_in a, peer, mine;
    socklen_t len = sizeof peer;
    int l = listener(&a, 5), c = socket(AF_INET, SOCK_STREAM, 0), s, on = 1;
    char buf[64];
    struct iovec out[2] = { { (void *)"one ", 4 }, { (void *)"two", 3 } }, in[2] = { { buf, 3 }, { buf + 3, 60 } };

    ok(connect(c, (struct sockaddr *)&a, sizeof a) == 0, "connect to a listener in the same program succeeds");
    s = accept(l, (struct sockaddr *)&peer, &len);
    ok(s >= 0 && s != c && s != l, "accept gives a new descriptor");
    ok(len == sizeof peer && peer.sin_family == AF_INET && ntohl(peer.sin_addr.s_addr) == INADDR_LOOPBACK, "accept names the peer");
    len = sizeof mine;
    ok(getsockname(c, (struct sockaddr *)&mine, &len) == 0 && mine.sin_port == peer.sin_port, "and its port is the one the client has");
    len = sizeof mine;
    ok(getpeername(c, (struct sockaddr *)&mine, &len) == 0 && mine.sin_port == a.sin_port, "getpeername of the client is the listener's address");

    ok(send(c, "hello", 5, 0) == 5, "send takes all");
    ok(recv(s, buf, sizeof buf, 0) == 5 && memcmp(buf, "hello", 5) == 0, "recv gives what came");
    ok(write(s, "back", 4) == 4 && read(c, buf, sizeof buf) == 4 && memcmp(buf, "back", 4) == 0, "write and read work on sockets");
    ok(writev(c, out, 2) == 7 && readv(s, in, 2) == 7 && memcmp(buf, "one two", 7) == 0, "writev and readv too");
    setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ok(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a) == 1 || errno == EISCONN, "sendto with an address on a stream is no disaster");
    ok(recv(s, buf, 1, 0) == 1 && buf[0] == 'x', "and its byte arrives");
    ok(read(s, buf, 0) == 0, "a read of nothing gives nothing and does not wait");

    close(c);
    ok(recv(s, buf, sizeof buf, 0) == 0 && recv(s, buf, sizeof buf, 0) == 0, "after close the other side reads the end, again and again");
    ok(close(s) == 0 && close(l) == 0, "close succeeds");
    fails(close(s), EBADF, "a second close is EBADF");
    return done();
}
