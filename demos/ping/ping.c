/*
 * ping.c - ICMP echo through a datagram socket of IPPROTO_ICMP or IPPROTO_ICMPV6, as Linux has it
 *
 * ping [-c COUNT] [-s BYTES] [-i SECONDS] HOST        exit status 0 when an answer came, else 1
 */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADER 8             /* type, code, checksum, identifier, sequence: RFC 792, RFC 4443 4.1 */
#define MOST   65000

static unsigned char packet[HEADER + MOST], answer[HEADER + MOST];

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Waits up to wait_ms for the answer to seq; 1 when it came. */
static int receive(int fd, int v6, unsigned seq, size_t len, double sent, int wait_ms)
{
    double until = now_ms() + wait_ms;

    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        double left = until - now_ms();
        ssize_t n;

        if (left <= 0 || poll(&p, 1, (int)left + 1) <= 0)
            return 0;
        n = recv(fd, answer, sizeof answer, 0);
        if (n < HEADER || answer[0] != (v6 ? 129 : 0) || (answer[6] << 8 | answer[7]) != (int)(seq & 0xffff))
            continue;
        printf("%zd bytes, seq %u, %.3f ms%s\n", n, seq, now_ms() - sent,
               (size_t)n == HEADER + len && !memcmp(answer + HEADER, packet + HEADER, len) ? "" : " (the data differ)");
        fflush(stdout);
        return 1;
    }
}

int main(int argc, char **argv)
{
    struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *to;
    int o, why, fd, v6, count = 4, answers = 0;
    long len = 56, size = 0;
    double interval = 1;
    char text[INET6_ADDRSTRLEN];

    while ((o = getopt(argc, argv, "c:s:i:")) != -1) {
        if (o == 'c')
            count = atoi(optarg);
        else if (o == 's')
            len = atol(optarg);
        else if (o == 'i')
            interval = atof(optarg);
        else
            return 2;
    }
    if (argc - optind != 1 || count < 1 || len < 0 || len > MOST || interval < 0) {
        fprintf(stderr, "usage: ping [-c COUNT] [-s BYTES] [-i SECONDS] HOST\n");
        return 2;
    }
    if ((why = getaddrinfo(argv[optind], NULL, &hints, &to))) {
        fprintf(stderr, "ping: %s: %s\n", argv[optind], gai_strerror(why));
        return 1;
    }
    v6 = to->ai_family == AF_INET6;
    fd = socket(to->ai_family, SOCK_DGRAM, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen) < 0) {
        fprintf(stderr, "ping: %s: %s\n", argv[optind], strerror(errno));
        return 1;
    }
    getnameinfo(to->ai_addr, to->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    printf("ping %s (%s): %ld bytes of data\n", argv[optind], text, len);
    freeaddrinfo(to);
    for (size = 0; size < len; size++)
        packet[HEADER + size] = (unsigned char)size;
    for (unsigned seq = 1; seq <= (unsigned)count; seq++) {
        double sent = now_ms();

        packet[0] = v6 ? 128 : 8;
        packet[6] = (unsigned char)(seq >> 8);
        packet[7] = (unsigned char)seq;
        if (send(fd, packet, HEADER + (size_t)len, 0) < 0)
            fprintf(stderr, "ping: %s\n", strerror(errno));
        else if (receive(fd, v6, seq, (size_t)len, sent, 2000))
            answers++;
        else
            printf("no answer to seq %u\n", seq);
        if (seq < (unsigned)count)
            usleep((useconds_t)(interval * 1e6));
    }
    printf("%d sent, %d answered\n", count, answers);
    close(fd);
    return answers ? 0 : 1;
}
