/*
 * stream.h - byte streams: the same calls whether TCP, TLS or a pipe made the handle
 */
#ifndef ISTHMUS_STREAM_H
#define ISTHMUS_STREAM_H

#include <isthmus/handle.h>

#define IST_SHUT_READ  1u
#define IST_SHUT_WRITE 2u

/* 1..len bytes taken; IST_EAGAIN, IST_EPIPE, IST_ENOTCONN, IST_EBADF, or what failed the connection. */
int32_t ist_stream_send(ist_handle stream, const void *buf, uint32_t len);

/* 1..cap bytes; 0 at the end of the stream; IST_EAGAIN, IST_ENOTCONN, IST_EBADF, or what failed the connection. */
int32_t ist_stream_recv(ist_handle stream, void *buf, uint32_t cap);

/* As recv, but the bytes stay; from @offset bytes on. */
int32_t ist_stream_peek(ist_handle stream, void *buf, uint32_t cap, uint32_t offset);

/* Bytes that recv would give now, or an error. */
int32_t ist_stream_pending(ist_handle stream);

/* Ends the directions named in how. Idempotent. */
int32_t ist_stream_shutdown(ist_handle stream, uint32_t how);

/* Two streams joined back to back inside the instance; cap bytes of room each way, 0 = 65,536. */
int32_t ist_pipe_open(ist_handle out[2], uint32_t cap);

#endif
