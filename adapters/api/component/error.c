/*
 * error.c - wasi:io/error
 */
#include <stdlib.h>
#include <string.h>
#include <isthmus/error.h>
#include "component.h"
#include "host.h"

RESOURCE(ERROR, "error", error, error_new)

int32_t error_make(int32_t host, const char *text)
{
    struct error *e = take(sizeof *e);

    *e = (struct error){ host, text };
    return error_new(e);
}

EXPORT(ERROR, "error_dtor") void error_dtor(struct error *self)
{
    if (self->host)
        host_error_drop(self->host);
    free(self);
}

EXPORT(ERROR, "[method]error.to-debug-string") void *error_to_debug_string(const struct error *self)
{
    const char *text = self->text;
    char *copy;

    if (self->host) {
        host_error_text(self->host, out);
        return out;
    }
    copy = take(strlen(text));
    memcpy(copy, text, strlen(text));
    out_pointer(0, copy);
    out32(4, (uint32_t)strlen(text));
    return out;
}

EXPORT(ERROR, "[method]error.to-debug-string_post") void error_to_debug_string_post(void **result)
{
    give(result[0], (uint32_t)(uintptr_t)result[1]);
}

enum { LAST_OPERATION_FAILED, CLOSED };

void out_stream_error(uint32_t at, int32_t code, const struct socket *s)
{
    bool closed = code == IST_EPIPE || code == 0;

    out8(0, 1);
    out8(at, closed ? CLOSED : LAST_OPERATION_FAILED);
    if (!closed)
        out32(at + 4, (uint32_t)error_make(0, s && s->why && code == IST_ETLS ? s->why(s->handle) : ist_error_text(code)));
}

void out_own_error(uint32_t at)
{
    uint32_t handle;

    if (out[0] == 0 || out[at] != LAST_OPERATION_FAILED)
        return;
    memcpy(&handle, out + at + 4, 4);
    out32(at + 4, (uint32_t)error_make((int32_t)handle, NULL));
}
