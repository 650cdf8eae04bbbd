/*
 * cache.h - answers of name servers, for as long as they say (private)
 *
 * Theory of operation. One entry is what one query came to: addresses, a name, "no such name" (which holds for every type) or "no such
 * record", with the least TTL of the records that led there (RFC 2308 for the negative ones). There are IST__CACHE_MAX of
 * them; a new one takes the place of one that is over, else of the one that has not been asked for the longest. Time is the
 * link's. All are forgotten when the list of name servers changes, when the instance is restored, and when the stack stops.
 * What is not kept, for want of memory or of a TTL, is asked for again.
 */
#ifndef IST_RESOLVE_CACHE_H
#define IST_RESOLVE_CACHE_H

#include "message.h"

#define IST__CACHE_MAX       128u
#define IST__CACHE_ADDRESSES 64u       /* an answer with more is not kept */
#define IST__CACHE_TTL_S     86400u    /* a longer one is cut */
#define IST__CACHE_NO_TTL_S  3600u     /* negative ones: RFC 2308 5 */

/*
 * ist__cache_get() - what is known
 * @end:       out: the name at the end of the aliases, or of a PTR record; set when addresses or a name are known
 * @addresses: out: malloc, the caller's; set with @end
 * Returns: 0
 * Errors:  IST_ENONAME, IST_ENODATA  that is what is known
 *          IST_EAGAIN                nothing is; ask
 *          IST_ENOMEM
 */
int32_t ist__cache_get(const uint8_t name[IST__NAME_WIRE], uint16_t type, uint64_t now,
                       uint8_t end[IST__NAME_WIRE], struct ist_address **addresses, uint32_t *n_addresses);

/* Keeps an outcome for @ttl seconds. All is copied. */
void ist__cache_put(const uint8_t name[IST__NAME_WIRE], uint16_t type, uint64_t now, uint32_t ttl, int32_t outcome,
                    const uint8_t end[IST__NAME_WIRE], const struct ist_address *addresses, uint32_t n_addresses);

#endif
