/*
 * platform.c - natively: time and randomness come from the system
 */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../libtls.h"

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
