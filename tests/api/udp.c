/* Datagrams. */
#include "tap.h"

int main(void)
{
    static char big[70000];
    struct sockaddr_in a, b, from;
    socklen_t len = sizeof from;
    int s = udp_bound(&a), c = udp_bound(&b), dead, third;
    char buf[16];

    ok(sendto(c, "ping", 4, 0, (struct sockaddr *)&a, sizeof a) == 4, "sendto sends");
    ok(recvfrom(s, buf, sizeof buf, 0, (struct sockaddr *)&from, &len) == 4 && len == sizeof from && from.sin_port == b.sin_port,
        "recvfrom gives it and names the sender");
    ok(sendto(s, "", 0, 0, (struct sockaddr *)&from, len) == 0 && recv(c, buf, sizeof buf, 0) == 0, "an empty datagram is one");
    sendto(c, "0123456789", 10, 0, (struct sockaddr *)&a, sizeof a);
    ok(recv(s, buf, 4, MSG_PEEK) == 4 && memcmp(buf, "0123", 4) == 0, "MSG_PEEK leaves it");
    ok(recv(s, buf, 4, MSG_PEEK | MSG_TRUNC) == 10, "MSG_TRUNC tells its length");
    ok(recv(s, buf, 4, 0) == 4, "what does not fit");
    fails(recv(s, buf, sizeof buf, MSG_DONTWAIT), EAGAIN, "is gone");
    fails(sendto(c, big, sizeof big, 0, (struct sockaddr *)&a, sizeof a), EMSGSIZE, "one of 70,000 bytes is EMSGSIZE");
    ok(sendto(c, big, 9000, 0, (struct sockaddr *)&a, sizeof a) == 9000 && recv(s, big, sizeof big, 0) == 9000, "one of 9,000 passes");
    fails(send(c, "x", 1, 0), EDESTADDRREQ, "send without a peer is EDESTADDRREQ");
    fails(sendto(c, "x", 1, 0, (struct sockaddr *)&a, 4), EINVAL, "a short address is EINVAL");

    ok(connect(c, (struct sockaddr *)&a, sizeof a) == 0 && send(c, "x", 1, 0) == 1 && recv(s, buf, 1, 0) == 1, "connect sets the peer");
    len = sizeof from;
    ok(getpeername(c, (struct sockaddr *)&from, &len) == 0 && from.sin_port == a.sin_port, "getpeername names it");
    third = udp_bound(&from);
    sendto(third, "spam", 4, 0, (struct sockaddr *)&b, sizeof b);
    sendto(s, "mail", 4, 0, (struct sockaddr *)&b, sizeof b);
    ok(recv(c, buf, sizeof buf, 0) == 4 && memcmp(buf, "mail", 4) == 0, "a connected socket hears its peer alone");
    from.sin_family = AF_UNSPEC;
    ok(connect(c, (struct sockaddr *)&from, sizeof from) == 0, "AF_UNSPEC dissolves it");
    fails(send(c, "x", 1, 0), EDESTADDRREQ, "and send is EDESTADDRREQ again");

    dead = udp_bound(&from);
    close(dead);
    connect(c, (struct sockaddr *)&from, sizeof from);
    ok(send(c, "x", 1, 0) == 1, "sending to a closed port succeeds");
    fails(recv(c, buf, 1, 0), ECONNREFUSED, "and the next call is ECONNREFUSED");
    fails(listen(s, 5), EOPNOTSUPP, "listen is EOPNOTSUPP");
    fails(accept(s, NULL, NULL), EOPNOTSUPP, "accept is EOPNOTSUPP");
    close(s);
    close(c);
    close(third);
    return done();
}
