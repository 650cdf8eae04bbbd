/*
 * connect.h - a connection to a name, by whichever of its addresses answers first
 */
#ifndef ISTHMUS_CONNECT_H
#define ISTHMUS_CONNECT_H

#include <isthmus/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * ist_connect_open() - a TCP connection to a name and port
 * @name:     in; as ist_resolve_open() takes it
 * @port:     1..65,535
 *
 * Happy Eyeballs: A and AAAA are asked for together; the first attempt begins when AAAA is there, or 50 ms after A; the families take
 * turns, best address first; a next attempt begins 250 ms after the last one, or at once when one has failed. The first connection
 * that stands stays, the others are given up. At most 16 addresses of each family are tried.
 * Until then the handle has no level, send and recv give IST_EAGAIN, and the calls of socket.h IST_ENOTCONN; from then on it is the TCP
 * handle itself, with all its calls and options.
 *
 * Returns: a handle > 0; close it with ist_close() at any moment
 * Errors:  IST_EINVAL   not a name, or port 0
 *          IST_ESTATE   the stack has not been started
 *          IST_ENOMEM, IST_EMFILE
 *          later, by ist_failure(), send or recv, once: those of ist_resolve_result(), if there is no address; else what the last
 *          attempt to fail met, a want of a way there (IST_ENETUNREACH) only if none met anything else
 * Waits:   never
 * Owner:   caller keeps @name; the handle is the caller's
 * Source:  RFC 8305
 */
ist_handle ist_connect_open(const char *name, uint16_t port);

#ifdef __cplusplus
}
#endif

#endif
