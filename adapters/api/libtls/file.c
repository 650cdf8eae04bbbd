/*
 * file.c - files read whole, and memory that held keys
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "libtls.h"

static void wipe(void *p, size_t len)
{
    volatile uint8_t *v = p;

    while (len--)
        *v++ = 0;
}

void blob_wipe(struct blob *b)
{
    if (b->at)
        wipe(b->at, b->len);
    free(b->at);
    b->at = NULL;
    b->len = 0;
}

int blob_copy(struct blob *b, const void *from, size_t len)
{
    uint8_t *at = malloc(len + 1);

    if (!at)
        return -1;
    if (len)
        memcpy(at, from, len);
    blob_wipe(b);
    b->at = at;
    b->len = len;
    return 0;
}

/* Grows by copying, so that what is left behind can be overwritten. */
static int grow(struct blob *b, size_t *cap)
{
    size_t more = *cap ? *cap * 2 : 16384;
    uint8_t *at = malloc(more);

    if (!at)
        return -1;
    if (b->len)
        memcpy(at, b->at, b->len);
    if (b->at)
        wipe(b->at, b->len);
    free(b->at);
    b->at = at;
    *cap = more;
    return 0;
}

int blob_load(struct blob *b, const char *file, struct error *e)
{
    struct blob read_so_far = { NULL, 0 };
    size_t cap = 0;
    ssize_t n;
    int fd = open(file, O_RDONLY);

    if (fd < 0)
        return error_set(e, file, ": ", strerror(errno));
    for (;;) {
        if (read_so_far.len == cap && grow(&read_so_far, &cap)) {
            n = -1;
            break;
        }
        n = read(fd, read_so_far.at + read_so_far.len, cap - read_so_far.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        read_so_far.len += (size_t)n;
        if (read_so_far.len > FILE_MAX) {
            errno = EFBIG;
            n = -1;
            break;
        }
    }
    if (n < 0) {
        int error = errno;
        close(fd);
        blob_wipe(&read_so_far);
        return error_set(e, file, ": ", strerror(error));
    }
    close(fd);
    blob_wipe(b);
    *b = read_so_far;
    return 0;
}

uint8_t *tls_load_file(const char *file, size_t *len, char *password)
{
    struct blob b = { NULL, 0 };
    struct error ignored;

    if (password || blob_load(&b, file, &ignored))     /* encrypted keys cannot be read */
        return NULL;
    *len = b.len;
    return b.at;
}

void tls_unload_file(uint8_t *buf, size_t len)
{
    struct blob b = { buf, len };

    blob_wipe(&b);
}
