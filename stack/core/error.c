/*
 * error.c - the list of errors, and lwIP's numbers in its terms
 */
#include <lwip/err.h>

#include "core/core.h"

const char *ist_error_text(int32_t error)
{
    switch (error) {
#define X(name, value, text) case value: return text;
    IST_ERRORS(X)
#undef X
    case IST_OK: return "no error";
    default: return "unknown error";
    }
}

int32_t ist__error_lwip(int err)
{
    static const int16_t table[] = {
        [-ERR_OK] = IST_OK,                  [-ERR_MEM] = IST_ENOMEM,          [-ERR_BUF] = IST_ENOMEM,
        [-ERR_TIMEOUT] = IST_ETIMEDOUT,      [-ERR_RTE] = IST_ENETUNREACH,     [-ERR_INPROGRESS] = IST_EALREADY,
        [-ERR_VAL] = IST_EINVAL,             [-ERR_WOULDBLOCK] = IST_EAGAIN,   [-ERR_USE] = IST_EADDRINUSE,
        [-ERR_ALREADY] = IST_EALREADY,       [-ERR_ISCONN] = IST_EISCONN,      [-ERR_CONN] = IST_ENOTCONN,
        [-ERR_IF] = IST_ENETUNREACH,         [-ERR_ABRT] = IST_ECONNABORTED,   [-ERR_RST] = IST_ECONNRESET,
        [-ERR_CLSD] = IST_EPIPE,             [-ERR_ARG] = IST_EINVAL,
    };

    if (err > 0 || -err >= (int)(sizeof table / sizeof table[0]))
        return IST_EPROTO;
    return table[-err];
}
