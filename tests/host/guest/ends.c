/*
 * ends.c - the ways to end, and the read-only folder: ends exit N | trap | overflow | env KEY | args... | ca | note TEXT | sleep MS | stdio
 */
#include "raw.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct raw raw;

static void tell(const char *what, int result)
{
    printf("%s: %s\n", what, result >= 0 ? "allowed" : errno == EROFS || errno == ENOTCAPABLE || errno == EBADF ? "refused" : strerror(errno));
}

/* libc opens with the rights that the folder still has, so that writing may be what is refused. */
static int write_to(int fd)
{
    return fd < 0 ? -1 : (int)write(fd, "x", 1);
}

static void ca(void)
{
    char line[64] = "";
    FILE *f = fopen("/etc/ssl/cert.pem", "r");
    printf("cert.pem: %s\n", f && fgets(line, sizeof line, f) ? line : "missing");
    int folder = open("/etc/ssl", O_RDONLY | O_DIRECTORY);
    tell("list", opendir("/etc/ssl") ? 0 : -1);
    tell("write", write_to(open("/etc/ssl/cert.pem", O_WRONLY)));
    tell("read and write", write_to(open("/etc/ssl/cert.pem", O_RDWR)));
    tell("truncate", open("/etc/ssl/cert.pem", O_RDONLY | O_TRUNC));
    tell("append", write_to(open("/etc/ssl/cert.pem", O_WRONLY | O_APPEND)));
    tell("create", open("/etc/ssl/new", O_WRONLY | O_CREAT, 0644));
    tell("create read-only", open("/etc/ssl/new", O_RDONLY | O_CREAT, 0644));
    tell("create through a folder opened again", openat(folder, "new", O_WRONLY | O_CREAT, 0644));
    tell("unlink", unlink("/etc/ssl/cert.pem"));
    tell("rename", rename("/etc/ssl/cert.pem", "/etc/ssl/x"));
    tell("link", link("/etc/ssl/cert.pem", "/etc/ssl/x"));
    tell("symlink", symlink("cert.pem", "/etc/ssl/x"));
    tell("mkdir", mkdir("/etc/ssl/x", 0755));
    tell("rmdir", rmdir("/etc/ssl/x"));
    tell("size", truncate("/etc/ssl/cert.pem", 0));
    tell("times", utimensat(AT_FDCWD, "/etc/ssl/cert.pem", NULL, 0));
}

static volatile unsigned limit = 1u << 30;

/* Only the call stack grows, which is the host's. */
static unsigned deep(unsigned n)
{
    return n < limit ? deep(n + 1) + limit : n;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    const char *word = argc > 2 ? argv[2] : "";
    if (!strcmp(verb, "exit")) exit(atoi(word));
    if (!strcmp(verb, "trap")) __builtin_trap();
    if (!strcmp(verb, "overflow")) return (int)deep(0);
    if (!strcmp(verb, "env")) printf("%s=%s\n", word, getenv(word) ? getenv(word) : "(none)");
    if (!strcmp(verb, "args")) for (int i = 0; i < argc; i++) printf("[%s]\n", argv[i]);
    if (!strcmp(verb, "ca")) ca();
    if (!strcmp(verb, "sleep")) {
        puts("sleeping");
        fflush(stdout);
        printf("poll %d\n", poll(NULL, 0, atoi(word)));
    }
    if (!strcmp(verb, "stdio")) {
        close(1);
        tell("write after close", (int)write(1, "x", 1));
        fprintf(stderr, "errno %s\n", errno == EBADF ? "EBADF" : "other");
    }
    if (!strcmp(verb, "note")) {
        raw_open(&raw, 0);
        raw.x.note = (uint32_t)(uintptr_t)word;
        raw.x.note_len = (uint32_t)strlen(word);
        raw.x.deadline = IST_LINK_NO_WAIT;
        raw.x.rx_cap = raw.x.tx_len = 0;
        isthmus_exchange(&raw.x);
    }
    return 0;
}
