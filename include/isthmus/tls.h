/*
 * tls.h - TLS 1.2, client and server, over any byte stream
 *
 * Two layers. The engine (tls_engine.h) does no I/O. The stream is a handle made of another stream handle (TCP, a pipe) and an engine,
 * so that a reader sees no difference between TLS and TCP. Trust, certificates and keys are in tls_credentials.h, errors in tls_reason.h.
 *
 * What is spoken: TLS 1.2; key exchange ECDHE with x25519, P-256 or P-384; ChaCha20-Poly1305, then AES-GCM; certificates with RSA
 * (2048 to 4096 bits), P-256 or P-384 keys. Nothing else can be switched on. Sessions are resumed by their ids. Renegotiation does not exist.
 */
#ifndef ISTHMUS_TLS_H
#define ISTHMUS_TLS_H

#include <isthmus/handle.h>
#include <isthmus/tls_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * ist_tls_open() - a TLS stream over another stream
 * @stream:   a stream handle: TCP, connected or about to be, or one end of a pipe
 * @config:   in; random_fn is not used, entropy comes from ist_random(); realtime_ns 0 is what ist_realtime() says
 * @detail:   out; may be NULL
 *
 * The handshake runs while the handle is waited for or used. The handle is IST_WRITABLE once it is done, and IST_FAILED when it
 * failed. Shutting down IST_SHUT_WRITE sends close_notify. A stream that ends without close_notify of the peer fails: IST_ETLS,
 * TRUNCATED; with it, recv gives 0. The peer's close_notify ends both directions: what is sent after it is IST_EPIPE.
 * ist_stream_peek() sees what the current record holds, no further.
 *
 * Returns: the handle of the TLS stream
 * Errors:  IST_EBADF    @stream is no live stream
 *          and those of ist_tls_engine_new()
 * Waits:   never
 * Owner:   on success @stream belongs to the new handle, which closes it; on failure it stays the caller's. ist_close() sends what
 *          was accepted and close_notify in the background, for at most 60 s. @config may go after the call; trust and
 *          identities must stay
 * Source:  RFC 5246
 */
ist_handle ist_tls_open(ist_handle stream, const struct ist_tls_config *config, struct ist_tls_detail *detail);

/**
 * ist_tls_detail() - why a TLS stream failed
 * @tls:      handle
 * @out:      out; reason IST_TLS_OK while it has not
 *
 * Returns: IST_OK
 * Errors:  IST_EBADF    not a live TLS stream
 * Waits:   never
 * Owner:   the caller keeps @out; the text is static
 * Source:  tls_reason.h
 */
int32_t ist_tls_detail(ist_handle tls, struct ist_tls_detail *out);

/**
 * ist_tls_engine_of() - the engine of a TLS stream, to ask it for info and certificates
 * @tls:      handle
 *
 * Returns: the engine; do not move bytes through it. NULL: not a live TLS stream
 * Errors:  none
 * Waits:   never
 * Owner:   the stream's; gone with the handle
 * Source:  none
 */
const struct ist_tls_engine *ist_tls_engine_of(ist_handle tls);

#ifdef __cplusplus
}
#endif

#endif
