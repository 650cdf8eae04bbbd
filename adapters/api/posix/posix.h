/*
 * posix.h - what the files of the POSIX face share (private)
 *
 * Theory of operation. Programs call socket(), send() and the like, which stand here, one file a call. read(), write(), close()
 * and fcntl() stay libc's: below them, in libc's place, the hook_*.c files take the WASI calls and send those for our
 * descriptors through ist__face, all others to the host. ist__face is NULL until the stack has been started, so a
 * program without sockets contains a few lines of hooks and nothing of the stack.
 *
 * Each hook is live only when the program uses the libc call above it; so the module imports what it would import from plain
 * libc, and no more. Two needs cross that border and are tied by hand:
 * - poll() asks the host about the host's descriptors through ist__host_poll, which a constructor in hook_fd_read.c sets: a program
 *   that never reads cannot wait for a host descriptor, and does not import poll_oneoff.
 * - read() of stdin asks with poll_oneoff only in a program that has sockets: hook_fd_read.c refers weakly to
 *   ist__host_poll_real, and start.c brings it in.
 *
 * Inside, a call returns its result or a negative errno; ist__result() turns that into -1 and errno at the surface.
 */
#ifndef IST_POSIX_H
#define IST_POSIX_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <wasi/api.h>
#include <isthmus/stack.h>

#define IST_FD_FIRST 256            /* ours are from here on, the host's below */
#define IST_FD_LIMIT 1048576        /* and below this */
#define IST_CONFIGURE_NS UINT64_C(5000000000)  /* how long a first packet waits for addresses */
#define IST_LINGER_NS UINT64_C(10000000000)    /* how long exit() waits for the peers to have what was sent */
#define IST_DATAGRAM_NS UINT64_C(50000000)     /* and for a datagram's neighbour to be found */

enum ist__state {
    IST_FD_NEW,          /* TCP: neither connected nor listening; datagrams: always */
    IST_FD_CONNECTING,
    IST_FD_CONNECTED,    /* TCP that was connected once; a datagram socket with a default peer */
    IST_FD_LISTENING,
    IST_FD_REFUSED       /* TCP whose connect failed; connect may be tried again */
};

struct ist__fd {
    ist_handle handle;
    uint32_t n_fds;      /* numbers that stand for it */
    uint8_t  domain;     /* AF_ */
    uint8_t  type;       /* SOCK_STREAM, SOCK_DGRAM */
    uint8_t  protocol;   /* IPPROTO_, 0 for socketpair */
    uint8_t  state;      /* enum ist__state */
    uint8_t  nonblock;
    uint8_t  bound;
    uint8_t  shut;       /* IST_SHUT_READ, IST_SHUT_WRITE */
    uint8_t  announced;  /* a connect has told how the attempt ended */
    uint8_t  tell;       /* control messages asked for: control.h */
    uint8_t  pipe;       /* POLLIN, POLLOUT: the end of a pipe that is read, or written; 0: a socket */
    uint64_t recv_timeout_ns, send_timeout_ns;   /* 0: none */
};

/* fd.c: the descriptors. */
int ist__fd_new(const struct ist__fd *init, int cloexec);  /* lowest free number, or -EMFILE, -ENOMEM; on failure the handle stays the caller's */
struct ist__fd *ist__fd_get(int fd);                   /* NULL: not one of ours */
int ist__fd_find(int fd, struct ist__fd **out);        /* of a socket: 0, -EBADF, -ENOTSOCK */
uint8_t *ist__fd_cloexec(int fd);                      /* where FD_CLOEXEC stands; NULL: not one of ours */
int ist__fd_close(int fd);                             /* the last number of a socket closes it */
void ist__fd_close_all(void);
int ist__fd_move(int from, int to);
int ist__fd_dup(int fd, int from);                     /* the lowest free number from @from on */
int ist__fd_dup_to(int fd, int to);
enum ist__state ist__fd_state(struct ist__fd *f);      /* CONNECTING has become CONNECTED or REFUSED when it has */

/* errno.c */
int ist__errno(int32_t error);                         /* a negative enum ist_error as errno, positive */
int ist__result(ssize_t r);                            /* -1 and errno for a negative r */

/* start.c: starting the stack, and what happens at exit. 0 or -errno. Before any other call of the stack. */
int ist__posix_start(void);

/* wait.c: every wait of the face. */
uint64_t ist__now(void);                               /* ns; fresh, after one turn of the stack */
uint64_t ist__deadline(uint64_t timeout_ns);           /* absolute; 0: none */
int ist__wait(struct ist__fd *f, uint32_t want, uint64_t deadline);  /* 0, -EAGAIN at the deadline, -EDEADLK, -ENETDOWN */
/* The same for a call with MSG_ flags that may be non-blocking: one turn of the stack then. *deadline is set when first needed. */
int ist__wait_may(struct ist__fd *f, uint32_t want, int flags, uint64_t timeout_ns, uint64_t *deadline);
int ist__wait_configured(void);                        /* 0 even when there is no address after IST_CONFIGURE_NS */
void ist__sleep_until(uint64_t deadline);

/* address.c */
int ist__address_from(struct ist_address *out, const struct ist__fd *f, const struct sockaddr *in, socklen_t len);
void ist__address_to(struct sockaddr *out, socklen_t *len, const struct ist__fd *f, const struct ist_address *in);
/* What getsockname() and getpeername() have in common: 0 or -errno. */
int ist__address_ask(struct sockaddr *out, socklen_t *len, const struct ist__fd *f, int32_t (*ask)(ist_handle, struct ist_address *));
void ist__address_unnamed(struct sockaddr *out, socklen_t *len, const struct ist__fd *f);
void ist__address_loopback(struct ist_address *a);     /* as Linux takes the unspecified address of a peer */
int ist__address_is_any(const struct ist_address *a);
int ist__address_is_loopback(const struct ist_address *a);

/* stream_io.c, datagram_io.c, and transfer.c, which picks: all that sends and receives. Bytes or -errno. */
ssize_t ist__stream_send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags);
ssize_t ist__stream_recv(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags);
ssize_t ist__datagram_send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, const struct sockaddr *to, socklen_t to_len,
    const struct ist_sending *with);   /* with: NULL for most */
ssize_t ist__datagram_recv(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, int *out_flags,
    struct sockaddr *from, socklen_t *from_len, struct ist_datagram *info);   /* info: out; to.family 0: there was no datagram */
extern uint64_t ist__datagram_sent_ns;                 /* when the last one was sent */
ssize_t ist__send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, const struct sockaddr *to, socklen_t to_len);
ssize_t ist__recv(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, int *out_flags,
    struct sockaddr *from, socklen_t *from_len);
int ist__pending(struct ist__fd *f);                   /* bytes a read would give now (FIONREAD) */

/* poll_set.c: what poll, select and the hooks wait with; negative: without end. The number of entries with revents, or -errno. */
int ist__poll(struct pollfd *set, nfds_t n_set, int64_t timeout_ns);
/* A timespec or timeval as such a timeout; -1 for one that is out of range. */
int ist__timeout_ns(int64_t seconds, int64_t ns, int64_t *out);

/* connect.c: as connect() to AF_UNSPEC. */
int ist__dissolve(struct ist__fd *f);

/* socketpair.c: two numbers for the ends of a pipe of the stack, as @ends describe them. 0 or -errno. */
int ist__pair(struct ist__fd ends[2], int cloexec, int out[2]);

/* accept.c */
int ist__accept(int fd, struct sockaddr *peer, socklen_t *len, int flags);

/* The WASI calls for our descriptors, as the hooks need them. Results are errno values, which in wasi-libc are WASI's. */
struct ist__face {
    int (*read)(int fd, const struct iovec *iov, int n_iov, size_t *done);
    int (*write)(int fd, const struct iovec *iov, int n_iov, size_t *done);
    int (*close)(int fd);
    int (*fdstat)(int fd, __wasi_fdstat_t *out);
    int (*set_flags)(int fd, uint32_t flags);
    int (*filestat)(int fd, __wasi_filestat_t *out);
    int (*renumber)(int from, int to);
    int (*dup)(int fd, int from);        /* these three as ist__fd_dup() and so on: negative errno */
    int (*dup_to)(int fd, int to);
    uint8_t *(*cloexec)(int fd);
    int (*poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events);
    int (*stdin_wait)(void);             /* 0 when reading fd 0 does not block any more */
    void (*sleep)(uint64_t ns);
};
extern const struct ist__face *ist__face;

/*
 * Asks the host about those of @set that are the host's, waiting up to @timeout_ns (negative: without end); the number that
 * are ready, or -errno. NULL in a program that does not read.
 */
extern int (*ist__host_poll)(struct pollfd *set, nfds_t n_set, int64_t timeout_ns);
int ist__host_poll_real(struct pollfd *set, nfds_t n_set, int64_t timeout_ns);

/* The host descriptors that path_open gave, so that a socket call on one is ENOTSOCK and on a closed one EBADF. */
extern uint32_t ist__host_open[IST_FD_FIRST / 32];
extern uint8_t ist__stdin_nonblock;    /* F_SETFL on fd 0 */

/* A WASI function under the name of the real import, beside the C symbol that libc asks for and a hook defines. */
#define IST_HOST(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t ist__host_##name
#define IST_HOOK(name) int32_t __imported_wasi_snapshot_preview1_##name

#endif
