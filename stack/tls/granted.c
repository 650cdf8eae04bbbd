/*
 * granted.c - the trust anchors that the host grants: lines authority=BASE64 of the grant (docs/link.md)
 */
#include <stdlib.h>
#include <string.h>
#include "link/link.h"
#include "tls/parts.h"

static const char begin[] = "-----BEGIN CERTIFICATE-----\n", end[] = "\n-----END CERTIFICATE-----\n";

/* Writes one line's certificate as PEM to @to, unless it is NULL; returns its bytes. */
static uint32_t pem_put(char *to, const char *base64, uint32_t len)
{
    if (to) {
        memcpy(to, begin, sizeof begin - 1);
        memcpy(to + sizeof begin - 1, base64, len);
        memcpy(to + sizeof begin - 1 + len, end, sizeof end - 1);
    }
    return (uint32_t)sizeof begin - 1 + len + (uint32_t)sizeof end - 1;
}

/* The lines of all links as one bundle; returns its bytes. */
static uint32_t bundle(char *to)
{
    uint32_t size = 0;

    for (uint32_t k = 0; k < ist__links.n; k++) {
        const char *at = ist__links.at[k] ? ist__links.at[k]->text : NULL;
        uint32_t len, i = 0;
        for (; (at = ist__grant_find(at, "authority", &i, &len)) != NULL; at += len)
            size += pem_put(to ? to + size : NULL, at, len);
    }
    return size;
}

int32_t ist_tls_trust_by_host(struct ist_tls_trust **out, struct ist_tls_trust_report *report, struct ist_tls_detail *detail)
{
    uint32_t size;
    char *pem;
    int32_t r;

    ist__tls_detail(detail, IST_TLS_NO_ANCHOR, 0);
    if (report)
        *report = (struct ist_tls_trust_report){ 0 };
    if (!ist__started())
        return IST_ESTATE;
    size = bundle(NULL);
    if (size == 0)
        return IST_ETLS;
    pem = malloc(size);
    if (!pem) {
        ist__tls_detail(detail, IST_TLS_NO_MEMORY, 0);
        return IST_ENOMEM;
    }
    bundle(pem);
    r = ist_tls_trust_new(out, pem, size, report, detail);
    free(pem);
    return r;
}
