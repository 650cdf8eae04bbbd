/*
 * host.h - names and orders that need no server (private)
 */
#ifndef IST_RESOLVE_HOST_H
#define IST_RESOLVE_HOST_H

#include <isthmus/resolve.h>

#define IST__WORD_MAX 256u

/* The next word of a line: copied to word, cut to fit. What follows it, or NULL when there is none. */
const char *ist__word_next(const char *line, char word[IST__WORD_MAX]);

/* Equal but for the case of ASCII letters and a final dot. */
int ist__text_equal(const char *a, const char *b);

/*
 * ist__host_lookup() - localhost and the host= lines
 * @canonical: out; IST_NAME_MAX bytes, set when a line knows the name
 * Returns: the count of addresses, which may be over cap
 * Errors:  IST_ENODATA  the name is known, not in that family
 *          IST_ENONAME  not known here
 */
int32_t ist__host_lookup(const char *name, uint32_t family, struct ist_address *out, uint32_t cap, char *canonical);

/*
 * ist__resolve_family() - the addresses of one family, also before the other one is decided
 * @query:     a live handle of ist_resolve_open() for both
 * Returns: their count, which may be over cap; 0: there are none
 * Errors:  IST_EAGAIN  not known yet
 *          those of ist_resolve_result()
 */
int32_t ist__resolve_family(ist_handle query, uint8_t family, struct ist_address *out, uint32_t cap);

/* Best destination first (RFC 6724), in place, stable. */
void ist__addresses_order(struct ist_address *addresses, uint32_t n);

#endif
