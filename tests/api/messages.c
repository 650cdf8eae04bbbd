/* sendmsg and recvmsg. */
#include <sys/uio.h>
#include "tap.h"

int main(void)
{
    struct sockaddr_in a, b, from;
    int s = udp_bound(&a), c = udp_bound(&b), p[2];
    char x[8], y[8];
    struct iovec out[3] = { { (void *)"ab", 2 }, { (void *)"", 0 }, { (void *)"cdefgh", 6 } }, in[2] = { { x, 3 }, { y, 8 } };
    struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = out, .msg_iovlen = 3 };
    struct msghdr r = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = in, .msg_iovlen = 2 };
    union { struct cmsghdr align; char room[64]; } control;

    ok(sendmsg(c, &m, 0) == 8, "sendmsg gathers a datagram");
    ok(recvmsg(s, &r, 0) == 8 && memcmp(x, "abc", 3) == 0 && memcmp(y, "defgh", 5) == 0, "recvmsg scatters it");
    ok(r.msg_namelen == sizeof from && from.sin_port == b.sin_port && r.msg_flags == 0, "and names the sender");
    sendmsg(c, &m, 0);
    in[1].iov_len = 2;
    ok(recvmsg(s, &r, 0) == 5 && r.msg_flags == MSG_TRUNC, "msg_flags has MSG_TRUNC when it was cut");
    sendmsg(c, &m, 0);
    ok(recvmsg(s, &r, MSG_TRUNC) == 8 && r.msg_flags == MSG_TRUNC, "with MSG_TRUNC the length is the whole one");
    sendmsg(c, &m, 0);
    r.msg_control = control.room;
    r.msg_controllen = sizeof control.room;
    in[1].iov_len = 8;
    ok(recvmsg(s, &r, 0) == 8 && r.msg_controllen == 0, "there is no control data");
    sendmsg(c, &m, 0);
    r.msg_iovlen = 0;
    ok(recvmsg(s, &r, 0) == 0 && r.msg_flags == MSG_TRUNC, "into no buffer at all: a datagram goes and is cut");

    tcp_pair(p);
    m = (struct msghdr) { .msg_iov = out, .msg_iovlen = 3 };
    r = (struct msghdr) { .msg_iov = in, .msg_iovlen = 2 };
    ok(sendmsg(p[0], &m, 0) == 8 && recvmsg(p[1], &r, 0) == 8, "on a stream too");
    m.msg_iovlen = 100000;
    fails(sendmsg(p[0], &m, 0), EMSGSIZE, "too many buffers are EMSGSIZE");
    return done();
}
