/*
 * network.c - the stack behind it all, and what its errors are to a client
 */
#include <isthmus/link.h>
#include <isthmus/handle.h>
#include <string.h>
#include "component.h"

static uint64_t stamp;     /* the clock of a host that grants no link */

/* An exchange of the component's own, on a link that no host has: it brings the time and tells the text, and touches no link. */
void tell(const char *text, uint32_t len)
{
    struct ist_link x = { .magic = IST_LINK_MAGIC, .version = IST_LINK_VERSION, .size = sizeof x, .link = IST_LINK_MAX };

    x.note = (uint32_t)(uintptr_t)text;
    x.note_len = len;
    isthmus_exchange(&x);
    if (x.monotonic > stamp)
        stamp = x.monotonic;
}

int32_t network_start(void)
{
    static bool tried;
    static int32_t result;

    if (!tried) {
        char note[160] = "isthmus: the network did not start: ";
        tried = true;
        result = ist_start(NULL);
        if (result < 0) {
            strncat(note, ist_error_text(result), sizeof note - strlen(note) - 2);
            strcat(note, "\n");
            tell(note, (uint32_t)strlen(note));
        }
        if (result == IST_ENOLINK)
            result = IST_EACCES;
    }
    return result;
}

void turn(void)
{
    if (network_start() == 0)
        ist_wait(NULL, 0, IST_NO_WAIT);
    else
        tell("", 0);
    if (rest_any())
        rest_push();
}

uint64_t clock_now(void)
{
    turn();
    return network_start() == 0 ? ist_monotonic() : stamp;
}

enum error_code code_of(int32_t error)
{
    switch (error) {
    case IST_EAGAIN:        return CODE_WOULD_BLOCK;
    case IST_EINVAL:
    case IST_EAFNOSUPPORT:  return CODE_INVALID_ARGUMENT;
    case IST_ENOMEM:        return CODE_OUT_OF_MEMORY;
    case IST_EMFILE:        return CODE_NEW_SOCKET_LIMIT;
    case IST_ESTATE:
    case IST_EPIPE:
    case IST_ENOTCONN:
    case IST_EISCONN:       return CODE_INVALID_STATE;
    case IST_EALREADY:      return CODE_CONCURRENCY_CONFLICT;
    case IST_EADDRINUSE:    return CODE_ADDRESS_IN_USE;
    case IST_EADDRNOTAVAIL: return CODE_ADDRESS_NOT_BINDABLE;
    case IST_ENETUNREACH:
    case IST_EHOSTUNREACH:
    case IST_ENOLINK:       return CODE_REMOTE_UNREACHABLE;
    case IST_ECONNREFUSED:  return CODE_CONNECTION_REFUSED;
    case IST_ECONNRESET:    return CODE_CONNECTION_RESET;
    case IST_ECONNABORTED:  return CODE_CONNECTION_ABORTED;
    case IST_ETIMEDOUT:     return CODE_TIMEOUT;
    case IST_EMSGSIZE:      return CODE_DATAGRAM_TOO_LARGE;
    case IST_ENOTSUP:       return CODE_NOT_SUPPORTED;
    case IST_EACCES:        return CODE_ACCESS_DENIED;
    case IST_ENONAME:
    case IST_ENODATA:       return CODE_NAME_UNRESOLVABLE;
    case IST_ENAMESERVER:   return CODE_TEMPORARY_RESOLVER_FAILURE;
    case IST_ENAMEREFUSED:  return CODE_PERMANENT_RESOLVER_FAILURE;
    default:                return CODE_UNKNOWN;
    }
}
