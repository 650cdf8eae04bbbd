/*
 * query.h - one name and one type, asked of the name servers until one answers (private)
 *
 * Theory of operation. A query makes tries. A try is one socket (so a fresh random port), one fresh id, one server: UDP, and TCP to the
 * same server when the answer says that it was truncated. Tries go round the servers in their order; the n-th round gives each
 * 2 s doubled n times. A server that refuses, fails or talks nonsense over TCP is left at once; when all of them did so one after
 * the other, the query has failed. What does not match the question (id, address, name, type) or cannot be read is not an
 * answer, and the try goes on.
 *
 * The first round offers EDNS. A server that says FORMERR or NOTIMP to that is asked again without; so is every server in later
 * rounds, for a box on the way may drop what it does not know. What is decided by an answer goes into the cache under the name that was
 * asked for, and a query that finds it there ends as it starts.
 */
#ifndef IST_RESOLVE_QUERY_H
#define IST_RESOLVE_QUERY_H

#include "message.h"

#define IST__SERVERS_MAX 8u

enum ist__query_phase { IST__QUERY_PAUSE, IST__QUERY_UDP, IST__QUERY_TCP };

struct ist__query {
    struct ist__question question;  /* its name follows the aliases; PTR: at the end the answer */
    uint8_t    asked[IST__NAME_WIRE];
    uint32_t   ttl;                 /* the least of its answers so far, s */
    uint8_t    plain;               /* bit i: server i is asked without EDNS */
    int32_t    outcome;             /* IST_EAGAIN while it runs; then 0 or an error of ist_resolve_result() */
    enum ist__query_phase phase;
    ist_handle socket;              /* 0 = none */
    uint64_t   started, deadline;   /* of the whole query, ns */
    uint64_t   wake;                /* end of the pause or of the try */
    uint32_t   turn;                /* tries so far; the server's index is turn modulo their number */
    uint32_t   n_failed;            /* servers that failed one after the other */
    uint32_t   n_unreachable;       /* times that all servers failed for want of a way there */
    uint32_t   n_aliases;
    uint8_t    unreachable;         /* the failures of this round were of that kind */
    uint8_t    refused;             /* or answers that asking again will not change */
    struct ist_address *addresses;  /* malloc */
    uint32_t   n_addresses;
    uint32_t   sent;                /* TCP: bytes of the query, its length before it */
    uint8_t    head[2];             /* TCP: length of the answer */
    uint32_t   got;                 /* TCP: bytes of the answer, its length before it */
    uint8_t   *buf;                 /* TCP: the answer, malloc */
};

/* @name is in wire form. */
void ist__query_start(struct ist__query *q, const uint8_t name[IST__NAME_WIRE], uint16_t type, uint64_t now, uint64_t deadline);
/* Goes as far as it can without waiting. Again when its socket moves, or at q->wake. */
void ist__query_step(struct ist__query *q, uint64_t now);
/* Closes and frees what it holds. */
void ist__query_end(struct ist__query *q);
/* Decides it from outside. */
void ist__query_finish(struct ist__query *q, int32_t outcome);

#endif
