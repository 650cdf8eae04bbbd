/*
 * A program that ends has delivered what it sent, whichever way it ends. Two programs: "server PORT" judges, "client HOST PORT HOW"
 * sends TOTAL bytes and ends.
 */
#include <netdb.h>
#include <time.h>
#include "tap.h"

#define TOTAL (1 << 20)

static int fd;

static void last_words(void)
{
    need(send(fd, "!", 1, 0) == 1, "send in an atexit handler");
}

static int client(const char *host, const char *port, const char *how)
{
    static char block[TOTAL];
    struct timespec again = { 0, 50000000 };
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *at;
    FILE *f;

    if (strcmp(how, "atexit") == 0)
        atexit(last_words);
    need(getaddrinfo(host, port, &hints, &at) == 0, "getaddrinfo");
    fd = socket(AF_INET, SOCK_STREAM, 0);
    for (int i = 0; connect(fd, at->ai_addr, at->ai_addrlen); i++) {
        need(errno == ECONNREFUSED && i < 100, "connect");
        nanosleep(&again, NULL);
    }
    memset(block, how[0], sizeof block);
    if (strcmp(how, "stdio") == 0) {
        f = fdopen(fd, "w");
        need(fwrite(block, 1, sizeof block - 10, f) == sizeof block - 10 && fwrite(block, 1, 10, f) == 10, "fwrite");
        return 0;
    }
    need(send(fd, block, sizeof block, 0) == sizeof block, "send");
    if (strcmp(how, "exit") == 0)
        exit(0);
    return 0;
}

int main(int argc, char **argv)
{
    static char buf[1 << 16];
    struct sockaddr_in a;
    struct timespec late = { 0, 300000000 };
    int l, on = 1, c, words = 0;

    if (argc == 5)
        return client(argv[2], argv[3], argv[4]);
    need(argc == 3, "usage");
    l = socket(AF_INET, SOCK_STREAM, 0);
    a = at4(INADDR_ANY, atoi(argv[2]));
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    need(bind(l, (struct sockaddr *)&a, sizeof a) == 0 && listen(l, 8) == 0, "bind and listen");
    for (int i = 1; i <= 4; i++) {   /* return, exit, stdio, atexit; in any order */
        size_t got = 0;
        ssize_t n;
        char last = 0;
        c = accept(l, NULL, NULL);
        need(c >= 0, "accept");
        nanosleep(&late, NULL);   /* the client has ended by now, or would have */
        while ((n = recv(c, buf, sizeof buf, 0)) > 0) {
            got += (size_t)n;
            last = buf[n - 1];
        }
        words += last == '!';
        ok(n == 0 && got == TOTAL + (size_t)(last == '!'), "client %d sent a mebibyte and ended: all of it arrives, and the end", i);
        close(c);
    }
    ok(words == 1, "with what an atexit handler sent");
    close(l);
    return done();
}
