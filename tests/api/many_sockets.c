/* A thousand descriptors at once, and poll over them. */
#include <poll.h>
#include <sys/resource.h>
#include "tap.h"

#define N 500

int main(void)
{
    static int c[N], s[N];
    static struct pollfd set[N];
    struct sockaddr_in a;
    int l, n = 0, good = 0, before = socket(AF_INET, SOCK_STREAM, 0), after;
    char byte;
#ifndef __wasm__
    struct rlimit many = { 4096, 4096 };
    setrlimit(RLIMIT_NOFILE, &many);
#endif

    close(before);
    l = listener(&a, N);
    for (int i = 0; i < N; i++) {
        c[i] = socket(AF_INET, SOCK_STREAM, 0);
        n += c[i] >= 0 && connect(c[i], (struct sockaddr *)&a, sizeof a) == 0;
        s[i] = accept(l, NULL, NULL);
        n += s[i] >= 0;
        set[i] = (struct pollfd) { .fd = s[i], .events = POLLIN };
    }
    ok(n == 2 * N, "500 connections stand, 1,000 descriptors");
    ok(poll(set, N, 0) == 0, "poll over 500 says that none has anything");
    send(c[123], "x", 1, 0);
    send(c[499], "x", 1, 0);
    for (int i = 0; i < 500 && (n = poll(set, N, 10)) < 2; i++)
        ;
    ok(n == 2 && set[123].revents == POLLIN && set[499].revents == POLLIN, "and then which two have");
    for (int i = 0; i < N; i++) {
        send(c[i], "y", 1, 0);
        if (i == 123 || i == 499)
            good += recv(s[i], &byte, 1, 0) == 1 && byte == 'x';
        good += recv(s[i], &byte, 1, 0) == 1 && byte == 'y';
    }
    ok(good == N + 2, "every one carries a byte");
    for (int i = 0; i < N; i++) {
        close(c[i]);
        close(s[i]);
    }
    close(l);
    after = socket(AF_INET, SOCK_STREAM, 0);
    ok(after == before, "all closed, the first number is given again");
    return done();
}
