/*
 * lighttpd_compat.h - what lighttpd takes for granted of a Unix and wasi-libc does not declare, included before each of its files
 *
 * Other programs fail as where they are forbidden: a configuration that asks for CGI, or for a log through a pipe, gets the error.
 */
#ifndef LIGHTTPD_COMPAT_H
#define LIGHTTPD_COMPAT_H
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static inline int compat_no(void)
{
    errno = ENOSYS;
    return -1;
}
#define fork() compat_no()
#define execv(file, args) ((void)(file), (void)(args), compat_no())
#define execve(file, args, environment) ((void)(file), (void)(args), (void)(environment), compat_no())
#define waitpid(process, status, how) ((void)(process), (void)(status), (void)(how), compat_no())
#define kill(process, signal) ((void)(process), (void)(signal), compat_no())
#define getppid() 1
#define getuid() 1000
#define getgid() 1000
#define tzset() ((void)0)
#define si_uid si_pid
#define WNOHANG 1
#define WIFEXITED(status) 1
#define WEXITSTATUS(status) (status)
#define WIFSIGNALED(status) 0
#define WTERMSIG(status) 0

/* setjmp is for SIGBUS alone here, and no signal ever comes. */
typedef int sigjmp_buf[1];
#define sigsetjmp(buffer, mask) ((void)(buffer), 0)
#define siglongjmp(buffer, value) abort()

static inline int compat_mkstemp(char *path)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    char *tail = path + strlen(path) - 6;
    for (int attempt = 0; attempt < 100; attempt++) {
        for (int i = 0; i < 6; i++) tail[i] = letters[arc4random() % 32];
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}
/* /dev/null in the place of standard input and output: they stay what the host has made them. */
static inline int compat_dup2(int from, int to)
{
    return to <= STDERR_FILENO ? to : dup2(from, to);
}
#define dup2(from, to) compat_dup2(from, to)
#define mkstemp(path) compat_mkstemp(path)

#endif
