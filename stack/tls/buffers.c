/*
 * buffers.c - the memory for records: there while something moves, given back while a connection is idle
 *
 * Theory of Operation: BearSSL wants two buffers of a whole record, 33 KB. Between two records it needs five bytes of the first, for the
 * header of the next, and nothing of the second; it only remembers where they are. So when the engine has been asked for room twice with
 * nothing in between, and both are empty, they are freed, and made anew by the first byte. What was decrypted is overwritten.
 */
#include <stdlib.h>
#include <string.h>
#include "tls/engine.h"

#define HEADER 5u

/* 0: no memory */
int ist__buffer_in(struct ist_tls_engine *e)
{
    uint8_t *buf;

    if (e->ibuf)
        return 1;
    buf = malloc(BR_SSL_BUFSIZE_INPUT);
    if (!buf)
        return 0;
    memcpy(buf, e->header, HEADER);
    e->ibuf = e->eng->ibuf = buf;
    return 1;
}

int ist__buffer_out(struct ist_tls_engine *e)
{
    uint8_t *buf;

    if (e->obuf)
        return 1;
    buf = malloc(BR_SSL_BUFSIZE_OUTPUT);
    if (!buf)
        return 0;
    e->obuf = e->eng->obuf = buf;
    return 1;
}

void ist__buffers_free(struct ist_tls_engine *e)
{
    if (e->ibuf)
        ist__wipe(e->ibuf, BR_SSL_BUFSIZE_INPUT);
    if (e->obuf)
        ist__wipe(e->obuf, BR_SSL_BUFSIZE_OUTPUT);
    free(e->ibuf);
    free(e->obuf);
    e->ibuf = e->obuf = NULL;
}

void ist__buffers_rest(struct ist_tls_engine *e)
{
    br_ssl_engine_context *eng = e->eng;
    int in_empty = eng->ixa == 0 && eng->ixb == 0, out_empty = eng->oxa != eng->oxb && eng->oxa == eng->oxc;

    if (!e->done || e->over || e->notify != NOTIFY_NONE || !in_empty || !out_empty || !(e->ibuf || e->obuf))
        return;
    ist__buffers_free(e);
    ist__verify_shrink(&e->verify);
    eng->ibuf = e->header;                         /* no engine may have one buffer for both: it would take turns */
    eng->obuf = e->tail;
}
