/*
 * error.h - one list of errors for the whole stack
 *
 * Every call that can fail returns one of these, negative. Foreign codes (lwIP, BearSSL, the link) are translated where
 * they enter; no other negative value leaves the stack.
 */
#ifndef ISTHMUS_ERROR_H
#define ISTHMUS_ERROR_H

#include <stdint.h>

/* name, value, sentence; the values are part of the ABI and are never reused */
#define IST_ERRORS(X) \
    X(IST_EAGAIN,         -1, "nothing can be done now; wait for readiness") \
    X(IST_EBADF,          -2, "the handle is not live, or not of the kind this call needs") \
    X(IST_EINVAL,         -3, "an argument is outside its range") \
    X(IST_ENOMEM,         -4, "the instance's memory, or a budget of it, is used up") \
    X(IST_EMFILE,         -5, "the table of handles is full") \
    X(IST_ESTATE,         -6, "the call does not fit the state of the handle") \
    X(IST_EADDRINUSE,     -7, "the address and port are taken") \
    X(IST_EADDRNOTAVAIL,  -8, "the address is not one of this instance, or no port is free") \
    X(IST_EAFNOSUPPORT,   -9, "the address is of another family than the handle") \
    X(IST_ENETUNREACH,   -10, "no link leads there") \
    X(IST_EHOSTUNREACH,  -11, "a router or neighbour says that the host cannot be reached") \
    X(IST_ECONNREFUSED,  -12, "the peer refused: nobody listens there") \
    X(IST_ECONNRESET,    -13, "the peer reset the connection") \
    X(IST_ECONNABORTED,  -14, "the connection was given up on this side") \
    X(IST_ETIMEDOUT,     -15, "the peer did not answer in time") \
    X(IST_EPIPE,         -16, "this direction has been shut down, or the peer has gone") \
    X(IST_ENOTCONN,      -17, "the handle is not connected") \
    X(IST_EISCONN,       -18, "the handle is connected already") \
    X(IST_EALREADY,      -19, "a connection attempt is under way already") \
    X(IST_EMSGSIZE,      -20, "the datagram is larger than the transport can carry") \
    X(IST_ENOTSUP,       -21, "this handle does not have that option or operation") \
    X(IST_EDEADLK,       -22, "the host cannot wait; call again after ist_pump") \
    X(IST_EINTR,         -23, "the host ended the wait for a reason of its own") \
    X(IST_ENOLINK,       -24, "the host has closed the link, or granted none") \
    X(IST_EPROTO,        -25, "the host or a peer broke the protocol") \
    X(IST_ENOENTROPY,    -26, "the host gives no usable entropy") \
    X(IST_ENONAME,       -27, "the name does not exist") \
    X(IST_ENODATA,       -28, "the name exists, without an address of the kind asked for") \
    X(IST_ENAMESERVER,   -29, "no name server gave an answer") \
    X(IST_EACCES,        -30, "the option that permits this is not set") \
    X(IST_ETLS,          -31, "TLS failed; the detail call tells why") \
    X(IST_ENAMEREFUSED,  -32, "the name servers cannot answer this, and asking again will not help")

enum ist_error {
#define X(name, value, text) name = (value),
    IST_ERRORS(X)
#undef X
    IST_OK = 0
};

/**
 * ist_error_text() - the sentence of an error
 * @error:    a value of enum ist_error
 *
 * Returns: a constant string; "unknown error" for a value outside the list
 * Errors:  none
 * Waits:   never
 * Owner:   the string is static
 * Source:  this header
 */
const char *ist_error_text(int32_t error);

#endif
