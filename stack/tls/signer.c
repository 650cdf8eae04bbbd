/*
 * signer.c - signatures by the host: the operation SIGN of a service `signer NAME` (docs/link.md)
 */
#include <string.h>
#include "link/service.h"
#include "tls/parts.h"

#define OPERATION_SIGN 1
#define TIMEOUT_NS     UINT64_C(10000000000)
#define HASH_MAX       64u
#define SIGNATURE_MAX  512u           /* RSA of 4096 bits */

enum status { SIGNED, UNKNOWN, REFUSED };

int32_t ist_tls_sign_by_host(void *ctx, const char *name, uint32_t scheme, const uint8_t *hash, uint32_t hash_len, uint8_t *signature, uint32_t cap)
{
    uint8_t request[3 + IST_TLS_SIGNER_NAME_MAX + HASH_MAX], answer[1 + SIGNATURE_MAX];
    size_t name_len = strnlen(name, IST_TLS_SIGNER_NAME_MAX + 1);
    int32_t n;

    (void)ctx;
    if (name_len == 0 || name_len > IST_TLS_SIGNER_NAME_MAX || hash_len > HASH_MAX)
        return IST_EINVAL;
    request[0] = (uint8_t)(scheme >> 8);
    request[1] = (uint8_t)scheme;
    request[2] = (uint8_t)name_len;
    memcpy(request + 3, name, name_len);
    memcpy(request + 3 + name_len, hash, hash_len);
    n = ist__service_ask("signer", name, OPERATION_SIGN, request, (uint32_t)(3 + name_len) + hash_len, answer, sizeof answer, TIMEOUT_NS);
    if (n < 0)
        return n;
    if (n == 0 || answer[0] > REFUSED + 1)
        return IST_EPROTO;
    if (answer[0] != SIGNED)
        return answer[0] == UNKNOWN ? IST_ENONAME : IST_EACCES;
    if ((uint32_t)n - 1 > cap)
        return IST_EPROTO;
    memcpy(signature, answer + 1, (size_t)n - 1);
    return n - 1;
}
