/*
 * error.c - error texts of contexts and configurations
 */
#include "libtls.h"

static size_t append(char *text, size_t len, const char *more)
{
    while (more && *more && len < ERROR_CAP - 1)
        text[len++] = *more++;
    text[len] = '\0';
    return len;
}

int error_set(struct error *e, const char *a, const char *b, const char *c)
{
    size_t len = append(e->text, 0, a);

    len = append(e->text, len, b);
    append(e->text, len, c);
    e->is_set = 1;
    return -1;
}

void error_clear(struct error *e)
{
    e->is_set = 0;
}

int ctx_error(struct tls *ctx, const char *a, const char *b)
{
    return error_set(&ctx->error, a, b, NULL);
}

int config_fail(struct tls_config *config, const char *a, const char *b)
{
    return error_set(&config->error, a, b, NULL);
}

const char *tls_error(struct tls *ctx)
{
    return ctx->error.is_set ? ctx->error.text : NULL;
}

const char *tls_config_error(struct tls_config *config)
{
    return config->error.is_set ? config->error.text : NULL;
}
