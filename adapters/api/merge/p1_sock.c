/*
 * p1_sock.c - preview1's four calls on sockets, and the way out
 */
#include "merge.h"

EXPORT(p1_sock_recv)(int32_t fd, uint32_t iovs, uint32_t n, int32_t flags, uint32_t done, uint32_t out_flags)
{
    int msg = (flags & __WASI_RIFLAGS_RECV_PEEK ? MSG_PEEK : 0) | (flags & __WASI_RIFLAGS_RECV_WAITALL ? MSG_WAITALL : 0);
    uint32_t len;
    int got;
    int e = client_recv(fd, iovs, n, msg, &len, &got, NULL);
    uint16_t ro = got & MSG_TRUNC ? __WASI_ROFLAGS_RECV_DATA_TRUNCATED : 0;

    if (!e)
        e = client_write(out_flags, &ro, sizeof ro);
    return e ? e : client_write_u32(done, len);
}

EXPORT(p1_sock_send)(int32_t fd, uint32_t iovs, uint32_t n, int32_t flags, uint32_t done)
{
    uint32_t len;
    int e = flags ? ENOTSUP : client_send(fd, iovs, n, 0, &len, NULL);   /* preview1 defines no flags */

    return e ? e : client_write_u32(done, len);
}

EXPORT(p1_sock_accept)(int32_t fd, int32_t flags, uint32_t out)
{
    int r = accept4(fd_of(fd), NULL, NULL, flags & __WASI_FDFLAGS_NONBLOCK ? SOCK_NONBLOCK : 0);

    return r < 0 ? errno : client_write_u32(out, (uint32_t)r);
}

EXPORT(p1_sock_shutdown)(int32_t fd, int32_t how)
{
    return last(shutdown(fd_of(fd), how));
}

void __wasm_call_dtors(void);

/* The client's main has returned, or it leaves by proc_exit: what it sent is delivered first. Closing twice finds nothing. */
__attribute__((export_name("leave"))) void leave(void)
{
    __wasm_call_dtors();
}

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit"))) _Noreturn void host_proc_exit(int32_t code);

__attribute__((export_name("p1_proc_exit"))) void p1_proc_exit(int32_t code)
{
    leave();
    host_proc_exit(code);
}
