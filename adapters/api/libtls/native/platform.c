/*
 * platform.c - natively: time and randomness come from the system
 */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../libtls.h"

/* There is no host to ask. */
int32_t platform_sign(void *ctx, const char *name, uint32_t scheme, const uint8_t *hash, uint32_t hash_len, uint8_t *signature, uint32_t cap)
{
    (void)ctx;
    (void)name;
    (void)scheme;
    (void)hash;
    (void)hash_len;
    (void)signature;
    (void)cap;
    return IST_ENONAME;
}

int platform_is_private(const struct stat *st)
{
    return st->st_uid == geteuid() && !(st->st_mode & (S_IRWXG | S_IRWXO));
}

int32_t platform_random(void *buf, uint32_t len)
{
    return getentropy(buf, len) == 0 ? IST_OK : IST_ENOENTROPY;
}

uint64_t platform_realtime_ns(void)
{
    struct timespec now;

    return clock_gettime(CLOCK_REALTIME, &now) ? 0 : (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
