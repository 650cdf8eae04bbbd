/*
 * judge.c - judges certificate chains by the engine's own verification, without a connection
 *
 * Standard input holds cases: a line `ROLE SECONDS NAME ANCHORS CHAIN` (SERVER or CLIENT: whose chain it is; NAME - for none; the
 * last two are numbers of bytes), then so many bytes of PEM anchors and of PEM certificates, the peer's own first. For each a line
 * goes out: the reason as a number, 0 for a good chain, and its sentence.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

static int32_t push(void *ctx, const char *label, const uint8_t *der, uint32_t len)
{
    struct ist__verify *v = ctx;

    if (!label)
        return IST_TLS_PEM_GARBAGE;
    v->vtable->start_cert(&v->vtable, len);
    v->vtable->append(&v->vtable, der, len);
    v->vtable->end_cert(&v->vtable);
    return 0;
}

static int32_t judge(struct ist__verify *v, const char *chain, uint32_t len)
{
    int32_t reason;

    v->vtable->start_chain(&v->vtable, NULL);
    reason = ist__pem_each(chain, len, push, v);
    v->vtable->end_chain(&v->vtable);
    return reason ? reason : v->reason;
}

static char *take(uint32_t len)
{
    char *text = malloc(len + 1);

    if (!text || fread(text, 1, len, stdin) != len)
        abort();
    return text;
}

int main(void)
{
    char role[8], name[300];
    uint64_t seconds;
    uint32_t anchors_len, chain_len;

    while (scanf("%7s %" SCNu64 " %299s %" SCNu32 " %" SCNu32, role, &seconds, name, &anchors_len, &chain_len) == 5 && getchar() == '\n') {
        char *anchors = take(anchors_len), *chain = take(chain_len);
        struct ist__verify *v = calloc(1, sizeof *v);
        struct ist_tls_trust *trust = NULL;
        struct ist_tls_detail why;
        if (!v)
            abort();
        if (ist_tls_trust_new(&trust, anchors, anchors_len, NULL, &why) == IST_OK) {
            ist__verify_init(v);
            v->trust = trust;
            v->depth = IST_TLS_DEPTH_DEFAULT;
            v->is_server = strcmp(role, "CLIENT") == 0;
            v->host = strcmp(name, "-") == 0 ? NULL : name;
            v->realtime_ns = seconds * 1000000000u;
            ist__tls_detail(&why, judge(v, chain, chain_len), v->foreign);
            ist__verify_release(v);
        }
        printf("%d %s\n", why.reason, why.text);
        ist_tls_trust_free(trust);
        free(v);
        free(anchors);
        free(chain);
    }
    return 0;
}
