/*
 * stream.h - byte streams: the same calls whether TCP, TLS or a pipe made the handle
 *
 * After a failure what had arrived is read first, then the error is reported once, then recv tells the end and send IST_EPIPE: as on
 * Linux. Where the peer had ended before, recv tells that end at once, and the error, IST_EPIPE, waits for send or ist_failure().
 */
#ifndef ISTHMUS_STREAM_H
#define ISTHMUS_STREAM_H

#include <isthmus/handle.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IST_SHUT_READ  1u
#define IST_SHUT_WRITE 2u

/**
 * ist_stream_send() - queue bytes for the peer
 * @stream:   handle of a connected stream
 * @buf:      in; uint8_t[@len]
 * @len:      bytes; at least 1; over INT32_MAX counts as INT32_MAX
 *
 * Takes what there is room for. Bytes taken reach the peer in order, or the connection ends with an error that both sides learn.
 *
 * Returns: bytes taken, 1..@len
 * Errors:  IST_EAGAIN    no room, or connecting; wait for IST_WRITABLE
 *          IST_EPIPE     this side has shut down, or the connection is over
 *          IST_ENOTCONN  not a connection
 *          IST_ENOMEM    no memory, and nothing under way that would give some back
 *          IST_EINVAL    no bytes
 *          IST_EBADF     not a live stream handle
 *          others        what failed the connection, once
 * Waits:   never
 * Owner:   caller keeps @buf; the stack has its own copy
 * Source:  RFC 9293 3.9.1
 */
int32_t ist_stream_send(ist_handle stream, const void *buf, uint32_t len);

/**
 * ist_stream_recv() - read bytes
 * @stream:   handle of a connected stream
 * @buf:      out; uint8_t[@cap]
 * @cap:      bytes; at least 1
 *
 * Returns: 1..@cap bytes; 0 at the end of the stream: the peer has shut down, this side has (IST_SHUT_READ), or an error has
 *          been reported before
 * Errors:  IST_EAGAIN    nothing has come, or connecting; wait for IST_READABLE
 *          IST_ENOTCONN  not a connection
 *          IST_EINVAL    no room
 *          IST_EBADF     not a live stream handle
 *          others        what failed the connection, once, after the bytes that came before
 * Waits:   never
 * Owner:   caller keeps @buf
 * Source:  RFC 9293 3.9.1
 */
int32_t ist_stream_recv(ist_handle stream, void *buf, uint32_t cap);

/**
 * ist_stream_peek() - look at bytes without reading them
 * @stream:   handle of a connected stream
 * @buf:      out; uint8_t[@cap]
 * @cap:      bytes; at least 1
 * @offset:   bytes to pass over
 *
 * Returns: as ist_stream_recv(), of what stands behind @offset
 * Errors:  as ist_stream_recv(); an error that waits goes on waiting
 * Waits:   never
 * Owner:   caller keeps @buf
 * Source:  none
 */
int32_t ist_stream_peek(ist_handle stream, void *buf, uint32_t cap, uint32_t offset);

/**
 * ist_stream_pending() - how much there is to read
 * @stream:   handle of a connected stream
 *
 * Returns: bytes that recv would give now, in as many calls as it takes; 0 if none, also at the end
 * Errors:  IST_ENOTCONN, IST_EBADF, or what failed the connection, which goes on waiting
 * Waits:   never
 * Owner:   caller keeps @stream
 * Source:  none
 */
int32_t ist_stream_pending(ist_handle stream);

/**
 * ist_stream_shutdown() - end one direction, or both
 * @stream:   handle of a connected stream
 * @how:      IST_SHUT_READ, IST_SHUT_WRITE or both
 *
 * WRITE: what send took is delivered, then the peer reads the end. READ: what has come and what still comes is dropped, without
 * holding up the peer (a pipe refuses its peer instead). A direction that has ended already stays so: no error.
 *
 * Returns: 0
 * Errors:  IST_ENOTCONN  not a connection
 *          IST_EINVAL    no direction, or another bit
 *          IST_EBADF     not a live stream handle
 * Waits:   never
 * Owner:   caller keeps @stream; it is still to be closed
 * Source:  RFC 9293 3.6; POSIX.1-2017, shutdown
 */
int32_t ist_stream_shutdown(ist_handle stream, uint32_t how);

/**
 * ist_pipe_open() - two streams joined back to back inside the instance
 * @out:      out; ist_handle[2]
 * @cap:      bytes of room each way; 0 = 65,536; at most 1,073,741,824
 *
 * Returns: 0
 * Errors:  IST_EINVAL, IST_ENOMEM, IST_EMFILE; @out is then not to be used
 * Waits:   never
 * Owner:   both handles are the caller's
 * Source:  none
 */
int32_t ist_pipe_open(ist_handle out[2], uint32_t cap);

#ifdef __cplusplus
}
#endif

#endif
