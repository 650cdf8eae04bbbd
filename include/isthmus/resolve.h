/*
 * resolve.h - names to addresses, and addresses as text
 *
 * A query is a handle: it becomes IST_READABLE when it is decided, for good or ill. It asks for A and AAAA at the same time, from
 * the name servers that the grant, DHCP and router advertisements told, and keeps every address of the answers. What
 * needs no server (literals, localhost, the grant's `host=` lines) is decided when ist_resolve_open() returns.
 *
 * Limits: a name has at most 253 characters and labels of 1..63; letters, digits, '-' and '_' (no IDN: give the "xn--" form).
 * The first 8 name servers and the first 6 `search=` suffixes are used; an alias chain has at most 16 steps. A query takes
 * at most 12 s. The number of addresses is bounded only by what one DNS message holds.
 */
#ifndef ISTHMUS_RESOLVE_H
#define ISTHMUS_RESOLVE_H

#include <isthmus/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IST_NAME_MAX    254u   /* room for a name and its NUL */
#define IST_ADDRESS_MAX 64u    /* room for the text of an address with its scope and NUL */

/**
 * ist_resolve_open() - ask for the addresses of a name
 * @name:     in; NUL-terminated. A final dot: the name is whole, no suffix is tried
 * @family:   IST_IPV4, IST_IPV6, or 0 for both
 *
 * Tried in this order, the first that knows the name decides: a literal (IPv4 as four decimal numbers; IPv6, also with
 * %scope, the name or index of an interface); "localhost" and what ends in ".localhost" (127.0.0.1 and ::1, never asked of
 * anyone); `host=` lines; DNS. A name without a dot is asked with each `search=` suffix before it is asked alone.
 * It may be called before the instance has addresses: the query waits for them.
 *
 * Returns: a handle > 0; close it with ist_close() at any moment
 * Errors:  IST_EINVAL   not a name: empty, too long, an empty label, a character outside those above, or it ends in a number
 *                       without being a literal; or @family is none of the three
 *          IST_ESTATE   the stack has not been started
 *          IST_ENOMEM, IST_EMFILE
 * Waits:   never
 * Owner:   caller keeps @name; the handle is the caller's
 * Source:  RFC 1034, RFC 1035, RFC 3596, RFC 6761 6.3, RFC 5452
 */
ist_handle ist_resolve_open(const char *name, uint32_t family);

/**
 * ist_resolve_result() - the addresses found
 * @query:    handle of ist_resolve_open()
 * @out:      out; the first @cap addresses, best first, port 0; NULL when @cap is 0
 * @cap:      addresses that @out has room for
 *
 * The order is that of RFC 6724 as far as it needs no trial: what an address of this instance can reach, then the same scope,
 * then the same kind, then IPv6 before IPv4, then the smaller scope, then what is on a link; equals stand as the server gave them.
 *
 * Returns: the count of all addresses, which may be over @cap; at least 1
 * Errors:  IST_EAGAIN       not decided; wait for IST_READABLE
 *          IST_ENONAME      the name does not exist
 *          IST_ENODATA      it exists, without an address of that family
 *          IST_ENAMESERVER  no server is known, or none gave a usable answer in time
 *          IST_ENAMEREFUSED each gave an answer that asking again will not change (FORMERR, NOTAUTH, BADVERS..)
 *          IST_ENOMEM       the answer did not fit the instance's memory
 *          IST_EBADF        not a live query
 *          and what ended every handle of the instance after a restore
 * Waits:   never
 * Owner:   caller's @out
 * Source:  RFC 6724 5 and 6, RFC 2308
 */
int32_t ist_resolve_result(ist_handle query, struct ist_address *out, uint32_t cap);

/**
 * ist_resolve_canonical() - the name that the addresses belong to, at the end of the aliases
 * @query:    handle of a query that ist_resolve_result() gave addresses for
 * @name:     out; NUL-terminated, cut to @cap
 * @cap:      bytes; IST_NAME_MAX is always enough
 *
 * Returns: the length of the whole name
 * Errors:  IST_EAGAIN   not decided
 *          IST_ESTATE   decided without an address
 *          IST_EBADF    not a live query
 * Waits:   never
 * Owner:   caller's @name
 * Source:  RFC 1034 3.6.2
 */
int32_t ist_resolve_canonical(ist_handle query, char *name, uint32_t cap);

/**
 * ist_resolve_reverse_open() - ask for the name of an address
 * @address:  in; its port is not looked at; a v4-mapped one counts as IPv4
 *
 * `host=` lines and the loopback first, as ist_resolve_reverse() knows them; then the PTR record. When it is decided,
 * ist_resolve_result() gives the address itself and ist_resolve_canonical() its name: the first, if there are several. The name
 * is what the owner of the address says; who relies on it looks up whether it leads back. Nobody is asked about link-local
 * and loopback addresses.
 *
 * Returns: a handle > 0; close it with ist_close() at any moment
 * Errors:  IST_EINVAL   @address has no family
 *          IST_ESTATE   the stack has not been started
 *          IST_ENOMEM, IST_EMFILE
 *          later, by ist_resolve_result(): IST_ENONAME and IST_ENODATA, the address has no name; IST_ENAMESERVER
 * Waits:   never
 * Owner:   caller keeps @address; the handle is the caller's
 * Source:  RFC 1035 3.5, RFC 3596 2.5, RFC 2317
 */
ist_handle ist_resolve_reverse_open(const struct ist_address *address);

/**
 * ist_resolve_reverse() - the name of an address, as far as it is known without asking
 * @address:  in; its port is not looked at
 * @name:     out; NUL-terminated, cut to @cap
 * @cap:      bytes; IST_NAME_MAX is always enough
 *
 * Knows the `host=` lines and the loopback. It sends nothing; ist_resolve_reverse_open() asks.
 *
 * Returns: the length of the whole name
 * Errors:  IST_ENONAME  no line names this address
 *          IST_EINVAL   @address has no family
 * Waits:   never
 * Owner:   caller keeps @address; caller's @name
 * Source:  docs/names.md
 */
int32_t ist_resolve_reverse(const struct ist_address *address, char *name, uint32_t cap);

/**
 * ist_address_parse() - the text of an address
 * @text:     in; "192.0.2.1", "2001:db8::1", "fe80::1%if0", "fe80::1%1", "::ffff:192.0.2.1"
 * @out:      out; port 0; IPv4-mapped addresses stay IST_IPV6
 *
 * IPv4 is four decimal numbers without leading zeros. A scope is the name or the index of an interface of this instance and
 * is taken with link-local addresses only.
 *
 * Returns: 0
 * Errors:  IST_EINVAL   not an address, or no such interface; @out is untouched
 * Waits:   never
 * Owner:   caller keeps both
 * Source:  RFC 4291 2.2, RFC 4007 11, RFC 6943 3.1.1
 */
int32_t ist_address_parse(const char *text, struct ist_address *out);

/**
 * ist_address_format() - an address as text, without its port
 * @address:  in
 * @text:     out; NUL-terminated
 * @cap:      bytes; IST_ADDRESS_MAX is always enough
 *
 * IPv6 in the one form of RFC 5952; a scope follows as "%if0".
 *
 * Returns: the length
 * Errors:  IST_EINVAL   @address has no family
 *          IST_EMSGSIZE @cap is too small; nothing is written
 * Waits:   never
 * Owner:   caller keeps @address; caller's @text
 * Source:  RFC 5952 4 and 5
 */
int32_t ist_address_format(const struct ist_address *address, char *text, uint32_t cap);

#ifdef __cplusplus
}
#endif

#endif
