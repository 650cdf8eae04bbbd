/*
 * class.h - what stands behind a handle (private)
 *
 * An object's first field is its class. Whoever makes an object (tcp, udp, icmp, pipe, tls, resolve) allocates it, registers
 * it, and frees it in close(). Calls that a class does not have are NULL: the public call answers IST_EBADF for it.
 */
#ifndef IST_CLASS_H
#define IST_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <isthmus/socket.h>

struct ist__object {
    const struct ist__class *class;
};

struct ist__class {
    /* Levels, IST_READABLE and so on. May advance the object first: a TLS stream moves records, a query reads answers. */
    uint32_t (*ready)(struct ist__object *o);
    int32_t (*failure)(struct ist__object *o);                     /* NULL: always 0 */
    void (*close)(struct ist__object *o);                          /* frees the object */
    void (*drop)(struct ist__object *o, int32_t error);            /* NULL: nothing to drop. Rule 10: fails the object for good */
    /* streams */
    int32_t (*send)(struct ist__object *o, const void *buf, uint32_t len);
    int32_t (*recv)(struct ist__object *o, void *buf, uint32_t cap);
    int32_t (*peek)(struct ist__object *o, void *buf, uint32_t cap, uint32_t offset);
    int32_t (*pending)(struct ist__object *o);
    int32_t (*shutdown)(struct ist__object *o, uint32_t how);
    /* sockets */
    int32_t (*bind)(struct ist__object *o, const struct ist_address *local);
    int32_t (*connect)(struct ist__object *o, const struct ist_address *peer);
    int32_t (*local)(struct ist__object *o, struct ist_address *out);
    int32_t (*peer)(struct ist__object *o, struct ist_address *out);
    int32_t (*option_set)(struct ist__object *o, uint32_t option, int32_t value);
    int32_t (*option_get)(struct ist__object *o, uint32_t option, int32_t *value);
    /* listeners */
    int32_t (*listen)(struct ist__object *o, uint32_t backlog);
    ist_handle (*accept)(struct ist__object *o, struct ist_address *peer);
    /* datagrams */
    int32_t (*datagram_send)(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to);
    int32_t (*datagram_send_with)(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to,
        const struct ist_sending *with);
    int32_t (*datagram_recv)(struct ist__object *o, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info);
    int32_t (*multicast)(struct ist__object *o, const struct ist_address *group, uint32_t interface, bool join);
};

/* A new handle for @o, or IST_EMFILE, IST_ENOMEM; on failure @o stays the caller's. */
ist_handle ist__handle_new(struct ist__object *o);
/* The object, or NULL: not live, or not of @class (NULL: any class). */
struct ist__object *ist__handle_get(ist_handle handle, const struct ist__class *class);
/* Counts what ready() carried from one object of the instance towards another: the wait looks again, for no packet tells of it. */
extern uint32_t ist__moved;
/* The handle stands for another object from now on; the one before is not closed. */
void ist__handle_replace(ist_handle handle, struct ist__object *o);
/* Takes the handle out of the table without closing the object. */
void ist__handle_forget(ist_handle handle);

/* For the core. Handles that may live at once, from now on; 0 = the default, cut to 1,048,575. */
void ist__handles_limit(uint32_t max);
uint32_t ist__handles_live(void);
/* ist_stop(): closes every object (TCP connections are reset) and frees the table. */
void ist__handles_free(void);

#endif
