/*
 * message.h - DNS messages, as far as a stub resolver needs them (private)
 *
 * Theory of operation. Pure functions over bytes: no socket, no clock, no allocation, so that hostile answers can be tried without
 * a network. A name is kept in its wire form (length, label, ..., 0) in an array of IST__NAME_WIRE bytes. Every read is bounded by
 * the message; a compression pointer must point before the name that holds it (so following them ends); names stop at 255
 * bytes; an alias chain at IST__CHAIN_MAX.
 */
#ifndef IST_RESOLVE_MESSAGE_H
#define IST_RESOLVE_MESSAGE_H

#include <isthmus/socket.h>

#define IST__NAME_WIRE 255u       /* RFC 1035 2.3.4 */
#define IST__CHAIN_MAX 16u
#define IST__QUERY_MAX (12u + IST__NAME_WIRE + 4u + 11u)
#define IST__TYPE_A    1u
#define IST__TYPE_PTR  12u
#define IST__TYPE_AAAA 28u

enum ist__rcode {                /* RFC 1035 4.1.1 */
    IST__RCODE_OK = 0, IST__RCODE_FORMERR = 1, IST__RCODE_SERVFAIL = 2, IST__RCODE_NXDOMAIN = 3, IST__RCODE_NOTIMP = 4,
    IST__RCODE_REFUSED = 5, IST__RCODE_BADVERS = 16      /* from 16 on with the bits of the OPT record, RFC 6891 6.1.3 */
};

struct ist__question {
    uint16_t id;
    uint16_t type;
    uint16_t udp_size;              /* EDNS (RFC 6891): what a datagram may hold; 0: no EDNS */
    uint8_t  name[IST__NAME_WIRE];
};

struct ist__answer {
    uint8_t  truncated;             /* TC: ask again by TCP; nothing else is filled in */
    uint16_t rcode;                 /* SERVFAIL also for an alias chain without end */
    uint8_t  final;                 /* the authority section proves that there is no more (SOA, RFC 2308) */
    uint8_t  lame;                  /* a server that neither knows nor asks others */
    uint8_t  n_aliases;
    uint8_t  found;                 /* PTR: target is set */
    uint32_t n_addresses;
    uint32_t ttl;                   /* seconds that this may be kept, good or negative; UINT32_MAX: nothing in it says */
    uint8_t  name[IST__NAME_WIRE];  /* the end of the alias chain */
    uint8_t  target[IST__NAME_WIRE];
};

/* Text to wire. Its length, or IST_EINVAL (see resolve.h for what a name is). A final dot changes nothing. */
int32_t ist__name_parse(const char *text, uint8_t wire[IST__NAME_WIRE]);
/* Wire to text: the length, or IST_EPROTO when it holds characters that no host name has. text has IST_NAME_MAX bytes. */
int32_t ist__name_format(const uint8_t wire[IST__NAME_WIRE], char *text);
/* Equal but for the case of ASCII letters (RFC 4343). */
int ist__name_equal(const uint8_t *a, const uint8_t *b);

/* Address to the name that its PTR record stands at (RFC 1035 3.5, RFC 3596 2.5). */
void ist__name_reverse(const struct ist_address *address, uint8_t wire[IST__NAME_WIRE]);

/* Writes the query; its length. */
uint32_t ist__query_write(const struct ist__question *question, uint8_t buf[IST__QUERY_MAX]);

/*
 * ist__answer_read() - check a message against its question and take its addresses
 * @out:      out; addresses of the right type at the end of the chain, the first @cap of them
 * A server from before EDNS may refuse with a header alone: that counts when EDNS was offered.
 * Returns: 0
 * Errors:  IST_EPROTO  not the answer to this question, or broken: to be ignored
 */
int32_t ist__answer_read(const uint8_t *msg, uint32_t len, const struct ist__question *question,
                         struct ist__answer *answer, struct ist_address *out, uint32_t cap);

#endif
