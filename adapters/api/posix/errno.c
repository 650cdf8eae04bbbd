/*
 * errno.c - errors of the stack as errno
 */
#include "posix.h"

int ist__errno(int32_t error)
{
    switch ((enum ist_error)error) {
    case IST_OK:            return 0;
    case IST_EAGAIN:        return EAGAIN;
    case IST_EBADF:         return EOPNOTSUPP;   /* the descriptor is live, but its kind has no such call */
    case IST_EINVAL:        return EINVAL;
    case IST_ENOMEM:        return ENOMEM;
    case IST_EMFILE:        return EMFILE;
    case IST_ESTATE:        return EINVAL;
    case IST_EADDRINUSE:    return EADDRINUSE;
    case IST_EADDRNOTAVAIL: return EADDRNOTAVAIL;
    case IST_EAFNOSUPPORT:  return EAFNOSUPPORT;
    case IST_ENETUNREACH:   return ENETUNREACH;
    case IST_EHOSTUNREACH:  return EHOSTUNREACH;
    case IST_ECONNREFUSED:  return ECONNREFUSED;
    case IST_ECONNRESET:    return ECONNRESET;
    case IST_ECONNABORTED:  return ECONNABORTED;
    case IST_ETIMEDOUT:     return ETIMEDOUT;
    case IST_EPIPE:         return EPIPE;
    case IST_ENOTCONN:      return ENOTCONN;
    case IST_EISCONN:       return EISCONN;
    case IST_EALREADY:      return EALREADY;
    case IST_EMSGSIZE:      return EMSGSIZE;
    case IST_ENOTSUP:       return ENOPROTOOPT;
    case IST_EDEADLK:       return EDEADLK;
    case IST_EINTR:         return EINTR;
    case IST_ENOLINK:       return ENETDOWN;
    case IST_EPROTO:        return EPROTO;
    case IST_ENOENTROPY:    return EIO;
    case IST_ENONAME:       return ENOENT;
    case IST_ENODATA:       return ENOENT;
    case IST_ENAMESERVER:   return EIO;
    case IST_ENAMEREFUSED:  return EIO;
    case IST_EACCES:        return EACCES;
    case IST_ETLS:          return EPROTO;
    }
    return EIO;
}

int ist__result(ssize_t r)
{
    if (r >= 0)
        return (int)r;
    errno = (int)-r;
    return -1;
}
