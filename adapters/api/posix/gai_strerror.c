/*
 * gai_strerror.c - an EAI_ code as a sentence
 */
#include <netdb.h>

const char *gai_strerror(int error)
{
    switch (error) {
    case 0:              return "no error";
    case EAI_BADFLAGS:   return "a flag is unknown or does not fit the request";
    case EAI_NONAME:     return "Name or service not known";
    case EAI_AGAIN:      return "Temporary failure in name resolution";
    case EAI_FAIL:       return "the name servers cannot answer this";
    case EAI_NODATA:     return "the name has no address of that family";
    case EAI_FAMILY:     return "the address family is not supported";
    case EAI_SOCKTYPE:   return "the socket type is not supported, or not with that protocol";
    case EAI_SERVICE:    return "the service is not known for that socket type";
    case EAI_ADDRFAMILY: return "the address is of another family";
    case EAI_MEMORY:     return "out of memory";
    case EAI_SYSTEM:     return "system error, see errno";
    case EAI_OVERFLOW:   return "the buffer is too small";
    }
    return "unknown error";
}
