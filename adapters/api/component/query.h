/*
 * query.h - name queries, as pollables see them
 */
#ifndef ISTHMUS_COMPONENT_QUERY_H
#define ISTHMUS_COMPONENT_QUERY_H

#include <isthmus/handle.h>

struct query;
void query_hold(struct query *q);
void query_release(struct query *q);
/* The handle that becomes readable; 0 when it is decided. */
ist_handle query_handle(const struct query *q);

#endif
