/*
 * platform.c - in the sandbox: time and randomness come from the link, as for all of the stack
 */
#include <isthmus/stack.h>
#include "../libtls.h"

int32_t platform_sign(void *ctx, const char *name, uint32_t scheme, const uint8_t *hash, uint32_t hash_len, uint8_t *signature, uint32_t cap)
{
    int32_t r = ist_start(NULL);

    return r < 0 ? r : ist_tls_sign_by_host(ctx, name, scheme, hash, hash_len, signature, cap);
}

/* Files have no owners here: whoever gave the folder has decided. */
int platform_is_private(const struct stat *st)
{
    (void)st;
    return 1;
}

int32_t platform_random(void *buf, uint32_t len)
{
    int32_t r = ist_start(NULL);

    return r < 0 ? r : ist_random(buf, len);
}

uint64_t platform_realtime_ns(void)
{
    return ist_start(NULL) < 0 ? 0 : ist_realtime();
}
