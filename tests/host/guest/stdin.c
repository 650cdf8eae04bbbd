/*
 * stdin.c - standard input in the ways of a preview1 program
 *
 *   say:WORD       print WORD
 *   cat            read() to the end, print bytes and a checksum
 *   lines          echo each line with its number
 *   poll           ask with a timeout of 0 once; print what it says
 *   poll-wait:MS   poll_oneoff with a timeout
 *   follow:N       wait in exchange without a deadline, N waits; after each ask poll and read what is there
 *   idle:MS        count and print the waits of exchange that end within MS while nothing is read
 *   nonblock       set O_NONBLOCK, read once, print the errno
 *   close          close(0), read again, print the errno
 *   read:N         read at most N bytes, print them
 */
#include "raw.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct raw raw;
static uint8_t buffer[100000];

static void print_poll(int timeout_ms)
{
    struct pollfd p = { .fd = 0, .events = POLLIN };
    int n = poll(&p, 1, timeout_ms);
    printf("poll %d%s%s\n", n, n > 0 && p.revents & POLLIN ? " in" : "", n > 0 && p.revents & POLLHUP ? " hup" : "");
}

static void cat(void)
{
    uint64_t total = 0;
    uint32_t sum = 0;
    ssize_t n;
    while ((n = read(0, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < n; i++) sum = sum * 31 + buffer[i];
        total += (uint64_t)n;
    }
    printf("%llu bytes, sum %u, %s\n", (unsigned long long)total, (unsigned)sum, n ? strerror(errno) : "end");
}

static void follow(int waits)
{
    print_poll(0);
    for (int i = 0; i < waits; i++) {
        raw_exchange(&raw, IST_LINK_NO_DEADLINE);
        uint32_t len, frames = 0;
        while (raw_next(&raw, &len)) frames++;
        struct pollfd p = { .fd = 0, .events = POLLIN };
        if (poll(&p, 1, 0) > 0) {
            ssize_t n = read(0, buffer, sizeof buffer);
            if (n > 0 && buffer[n - 1] == '\n') n--;
            printf("read %d %.*s\n", (int)n, (int)(n > 0 ? n : 0), (char *)buffer);
            if (n <= 0) return;
        } else {
            printf("woken, %u frames\n", (unsigned)frames);
        }
        fflush(stdout);
    }
}

static void idle(uint32_t ms)
{
    print_poll(0);
    uint64_t end = raw_in_ms(&raw, ms);
    unsigned waits = 0;
    while (raw.x.monotonic < end) {
        raw_exchange(&raw, end);
        printf("wait %u\n", ++waits);
    }
    print_poll(0);
    printf("%u waits\n", waits);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    raw_open(&raw, 0);
    for (int i = 1; i < argc; i++) {
        char *colon = strchr(argv[i], ':');
        int n = colon ? atoi(colon + 1) : 0;
        size_t verb = colon ? (size_t)(colon - argv[i]) : strlen(argv[i]);
        #define IS(word) (verb == sizeof word - 1 && !memcmp(argv[i], word, verb))
        if (IS("say")) puts(colon + 1);
        else if (IS("cat")) cat();
        else if (IS("poll")) print_poll(0);
        else if (IS("poll-wait")) print_poll(n);
        else if (IS("follow")) follow(n);
        else if (IS("idle")) idle((uint32_t)n);
        else if (IS("nonblock")) {
            fcntl(0, F_SETFL, O_NONBLOCK);
            ssize_t got = read(0, buffer, 10);
            printf("read %d %s\n", (int)got, got < 0 && errno == EAGAIN ? "EAGAIN" : "");
        } else if (IS("close")) {
            close(0);
            ssize_t got = read(0, buffer, 10);
            printf("read %d %s\n", (int)got, got < 0 && errno == EBADF ? "EBADF" : "");
        } else if (IS("read")) {
            ssize_t got = read(0, buffer, (size_t)n);
            printf("read %d %.*s\n", (int)got, (int)(got > 0 ? got : 0), (char *)buffer);
        } else return 9;
        fflush(stdout);
    }
    return 0;
}
