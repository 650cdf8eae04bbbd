/*
 * border.c - a program for wasm32-wasip2 that shows what its host gives it besides the network: border WHAT ARGS.. [, WHAT ARGS..]..
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int said(int r, const char *what)
{
    printf("%s: %s\n", what, r < 0 ? strerror(errno) : "ok");
    return r < 0;
}

static int copy(FILE *from)
{
    char buf[4096];
    size_t n;

    if (!from)
        return said(-1, "open");
    while ((n = fread(buf, 1, sizeof buf, from)) > 0)
        fwrite(buf, 1, n, stdout);
    return ferror(from) || fflush(stdout);
}

static int put(const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return said(-1, "write");
    fputs("written\n", f);
    return said(fclose(f), "write");
}

static int show(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("%s\n", argv[i]);
    printf("COLOUR=%s terminal=%d%d%d\n", getenv("COLOUR") ? getenv("COLOUR") : "", isatty(0), isatty(1), isatty(2));
    fprintf(stderr, "to standard error\n");
    return 0;
}

/* It waits for someone who never comes. */
static int forever(void)
{
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(9) };
    int s = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(s, (struct sockaddr *)&any, sizeof any) < 0 || listen(s, 1) < 0)
        return said(-1, "listen");
    printf("listening\n");
    fflush(stdout);
    return accept(s, NULL, NULL) >= 0;
}

static int act(const char *what, const char *path, const char *to)
{
    if (!strcmp(what, "cat"))
        return copy(*path ? fopen(path, "r") : stdin);
    if (!strcmp(what, "put"))
        return put(path);
    if (!strcmp(what, "rename"))
        return said(rename(path, to), "rename");
    if (!strcmp(what, "remove"))
        return said(unlink(path), "remove");
    if (!strcmp(what, "mkdir"))
        return said(mkdir(path, 0755), "mkdir");
    if (!strcmp(what, "trap"))
        __builtin_trap();
    if (!strcmp(what, "forever"))
        return forever();
    return 1;
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc > 1 && !strcmp(argv[1], "show"))
        return show(argc, argv);
    for (int i = 1, n; i < argc; i += n + 1) {
        const char *words[3] = { "", "", "" };
        for (n = 0; i + n < argc && strcmp(argv[i + n], ","); n++)
            if (n < 3)
                words[n] = argv[i + n];
        failed |= act(words[0], words[1], words[2]);
    }
    return failed;
}
