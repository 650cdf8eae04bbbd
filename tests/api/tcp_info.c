/* TCP_INFO, and TCP_MAXSEG that is set. */
#include <poll.h>
#ifdef __linux__
#include <linux/tcp.h>    /* glibc's own structure ends early */
enum { TCP_ESTABLISHED = 1, TCP_FIN_WAIT2 = 5, TCP_CLOSE = 7, TCP_CLOSE_WAIT = 8, TCP_LISTEN = 10 };
#else
#include <netinet/tcp.h>
#endif
#include "tap.h"

static struct tcp_info info;

static int ask(int fd)
{
    socklen_t len = sizeof info;

    memset(&info, 0xee, sizeof info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && len > 104;
}

static int state(int fd)
{
    return ask(fd) ? info.tcpi_state : -1;
}

static int maxseg(int fd)
{
    int v = -1;
    socklen_t len = sizeof v;
    return getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &v, &len) == 0 ? v : -1;
}

static int limit(int fd, int v)
{
    return setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &v, sizeof v);
}

/* Until the state is @want, 2 s at most. */
static int becomes(int fd, int want)
{
    for (int i = 0; i < 200 && state(fd) != want; i++)
        usleep(10000);
    return state(fd) == want;
}

static void states(void)
{
    struct sockaddr_in a;
    int l = listener(&a, 7), c = socket(AF_INET, SOCK_STREAM, 0), s, u = udp_bound(&(struct sockaddr_in) { 0 });
    socklen_t len = 1;
    unsigned char first = 0;

    ok(state(c) == TCP_CLOSE, "a new socket is closed");
    ok(state(l) == TCP_LISTEN && info.tcpi_unacked == 0 && info.tcpi_sacked == 7, "a listener tells its backlog");
    need(connect(c, (struct sockaddr *)&a, sizeof a) == 0, "connect");
    for (int i = 0; i < 200 && ask(l) && info.tcpi_unacked == 0; i++)
        usleep(10000);
    ok(info.tcpi_unacked == 1, "and how many wait");
    s = accept(l, NULL, NULL);
    ok(state(c) == TCP_ESTABLISHED && state(s) == TCP_ESTABLISHED, "a connection is established");
    ok(info.tcpi_snd_mss >= 500 && info.tcpi_snd_mss <= 65535 && info.tcpi_advmss >= 500, "it has segments");
    ok(info.tcpi_snd_cwnd >= 1 && info.tcpi_snd_cwnd < 1000, "a congestion window, in segments");
    ok(info.tcpi_rto >= 100000 && info.tcpi_rto <= 5000000, "a retransmission timeout, in microseconds");
    ok(info.tcpi_rtt <= info.tcpi_rto && info.tcpi_ca_state == 0 && info.tcpi_retransmits == 0 && info.tcpi_backoff == 0, "nothing is lost");
    ok(info.tcpi_options & 4 && info.tcpi_rcv_wscale > 0 && info.tcpi_snd_wscale > 0, "windows are scaled");
    ok(info.tcpi_options & 2, "and SACK is spoken");
    ok(info.tcpi_rcv_space > 1000, "there is room to receive");
    ok(info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0, "and nothing under way");
    ok(getsockopt(c, IPPROTO_TCP, TCP_INFO, &first, &len) == 0 && len == 1 && first == TCP_ESTABLISHED, "the first byte alone may be asked for");
    shutdown(c, SHUT_WR);
    ok(becomes(c, TCP_FIN_WAIT2) && becomes(s, TCP_CLOSE_WAIT), "half closed: FIN_WAIT2 and CLOSE_WAIT");
    shutdown(s, SHUT_WR);
    ok(becomes(c, TCP_CLOSE) && becomes(s, TCP_CLOSE), "closed");
    len = sizeof info;
    ok(getsockopt(u, IPPROTO_TCP, TCP_INFO, &info, &len) == -1, "a UDP socket has none");
    fails(setsockopt(c, IPPROTO_TCP, TCP_INFO, &info, sizeof info), ENOPROTOOPT, "it cannot be set");
}

/* What a reader that does not read leaves behind. */
static void queued(void)
{
    static char bytes[65536];
    int p[2];

    tcp_pair(p);
    while (send(p[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
    ok(ask(p[0]) && info.tcpi_notsent_bytes > 0, "to a full peer bytes wait: tcpi_notsent_bytes");
}

/* A connection to a listener with that limit, or from a socket with it. */
static void limited(int calls, const char *who)
{
    struct sockaddr_in a;
    int l = listener(&a, 5), c = socket(AF_INET, SOCK_STREAM, 0), s;
    char byte;

    ok(limit(calls ? c : l, 1000) == 0 && maxseg(calls ? c : l) == 1000, "%s may be limited to segments of 1,000 bytes", who);
    need(connect(c, (struct sockaddr *)&a, sizeof a) == 0, "connect");
    s = accept(l, NULL, NULL);
    ok(send(c, "x", 1, 0) == 1 && recv(s, &byte, 1, 0) == 1, "its connection works");
    ok(maxseg(c) > 900 && maxseg(c) <= 1000 && maxseg(s) > 900 && maxseg(s) <= 1000, "both sides send no larger ones");
    ok(ask(c) && info.tcpi_snd_mss > 900 && info.tcpi_snd_mss <= 1000, "TCP_INFO says so too");
}

int main(void)
{
    int t = socket(AF_INET, SOCK_STREAM, 0);

    states();
    queued();
    fails(limit(t, 87), EINVAL, "TCP_MAXSEG 87 is EINVAL");
    fails(limit(t, 32768), EINVAL, "32,768 too");
    ok(limit(t, 88) == 0 && maxseg(t) == 88, "88 is the least");
    ok(limit(t, 0) == 0 && maxseg(t) > 88, "0 is no limit");
    limited(1, "who connects");
    limited(0, "a listener");
    return done();
}
