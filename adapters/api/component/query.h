/*
 * query.h - name queries, and 0.2's as pollables see them
 */
#ifndef ISTHMUS_COMPONENT_QUERY_H
#define ISTHMUS_COMPONENT_QUERY_H

#include <isthmus/handle.h>

/* A query for @name, which has no NUL; or an error. An IPv6 address may stand in brackets. */
ist_handle query_open(const char *name, uint32_t len);

struct query;
void query_hold(struct query *q);
void query_release(struct query *q);
/* The handle that becomes readable; 0 when it is decided. */
ist_handle query_handle(const struct query *q);

#endif
