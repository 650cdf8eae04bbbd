/*
 * ocsp.c - there is no OCSP: the answers libtls gives when there was no response
 */
#include "libtls.h"

const char *tls_peer_ocsp_url(struct tls *ctx)
{
    (void)ctx;
    return NULL;
}

int tls_peer_ocsp_cert_status(struct tls *ctx)
{
    (void)ctx;
    return -1;
}

int tls_peer_ocsp_crl_reason(struct tls *ctx)
{
    (void)ctx;
    return -1;
}

const char *tls_peer_ocsp_result(struct tls *ctx)
{
    (void)ctx;
    return NULL;
}

int tls_peer_ocsp_response_status(struct tls *ctx)
{
    (void)ctx;
    return -1;
}

time_t tls_peer_ocsp_next_update(struct tls *ctx)
{
    (void)ctx;
    return (time_t)-1;
}

time_t tls_peer_ocsp_revocation_time(struct tls *ctx)
{
    (void)ctx;
    return (time_t)-1;
}

time_t tls_peer_ocsp_this_update(struct tls *ctx)
{
    (void)ctx;
    return (time_t)-1;
}

int tls_ocsp_process_response(struct tls *ctx, const unsigned char *response, size_t len)
{
    (void)response;
    (void)len;
    return ctx_error(ctx, "OCSP is not supported", NULL);
}
