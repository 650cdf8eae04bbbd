/*
 * handle.c - the table of handles
 *
 * Theory of Operation: a handle is a slot's number plus one in its low 20 bits and the slot's generation above. Closing moves the
 * generation on, and a freed slot goes to the end of the list of free ones, so that a number comes again only after 2,048 lives of
 * every free slot. The table grows by doubling and shrinks never; ist_stop() frees it.
 */
#include <string.h>
#include <lwip/mem.h>
#include <lwip/priv/tcp_priv.h>
#include "core/core.h"
#include "socket/class.h"

#define SLOT_BITS        20
#define SLOT_MASK        ((UINT32_C(1) << SLOT_BITS) - 1)
#define GENERATION_MASK  (UINT32_C(0x7fffffff) >> SLOT_BITS)
#define HANDLES_DEFAULT  16384u
#define TABLE_FIRST      32u
#define NONE             UINT32_MAX

struct slot {
    struct ist__object *object;   /* NULL: free */
    uint32_t generation;
    uint32_t next_free;
};

static struct {
    struct slot *slots;
    uint32_t n_slots, n_live, limit;
    uint32_t first_free, last_free;
} table = { .limit = HANDLES_DEFAULT, .first_free = NONE, .last_free = NONE };

static void slot_free(uint32_t i)
{
    table.slots[i].next_free = NONE;
    if (table.last_free == NONE)
        table.first_free = i;
    else
        table.slots[table.last_free].next_free = i;
    table.last_free = i;
}

static int32_t table_grow(void)
{
    uint32_t n = table.n_slots ? table.n_slots * 2 : TABLE_FIRST;
    struct slot *slots;

    if (n > SLOT_MASK)
        n = SLOT_MASK;
    if (n == table.n_slots)
        return IST_EMFILE;
    slots = mem_malloc((mem_size_t)(n * sizeof *slots));
    if (!slots)
        return IST_ENOMEM;
    memset(slots, 0, n * sizeof *slots);
    if (table.slots) {
        memcpy(slots, table.slots, table.n_slots * sizeof *slots);
        mem_free(table.slots);
    }
    table.slots = slots;
    for (uint32_t i = table.n_slots; i < n; i++)
        slot_free(i);
    table.n_slots = n;
    return 0;
}

ist_handle ist__handle_new(struct ist__object *o)
{
    struct slot *s;
    uint32_t i;

    if (table.n_live >= table.limit)
        return IST_EMFILE;
    if (table.first_free == NONE) {
        int32_t r = table_grow();
        if (r)
            return r;
    }
    i = table.first_free;
    s = &table.slots[i];
    table.first_free = s->next_free;
    if (table.first_free == NONE)
        table.last_free = NONE;
    s->object = o;
    table.n_live++;
    return (ist_handle)(s->generation << SLOT_BITS | (i + 1));
}

static struct slot *slot_of(ist_handle handle)
{
    uint32_t i = ((uint32_t)handle & SLOT_MASK) - 1;
    struct slot *s;

    if (handle <= 0 || i >= table.n_slots)
        return NULL;
    s = &table.slots[i];
    return s->object && s->generation == (uint32_t)handle >> SLOT_BITS ? s : NULL;
}

struct ist__object *ist__handle_get(ist_handle handle, const struct ist__class *class)
{
    struct slot *s = slot_of(handle);

    return s && (!class || s->object->class == class) ? s->object : NULL;
}

void ist__handle_replace(ist_handle handle, struct ist__object *o)
{
    struct slot *s = slot_of(handle);

    if (s)
        s->object = o;
}

void ist__handle_forget(ist_handle handle)
{
    struct slot *s = slot_of(handle);

    if (!s)
        return;
    s->object = NULL;
    s->generation = (s->generation + 1) & GENERATION_MASK;
    table.n_live--;
    slot_free((uint32_t)(s - table.slots));
}

void ist__handles_limit(uint32_t max)
{
    table.limit = max == 0 ? HANDLES_DEFAULT : max < SLOT_MASK ? max : SLOT_MASK;
}

uint32_t ist__handles_live(void)
{
    return table.n_live;
}

int32_t ist_ready(ist_handle handle)
{
    struct ist__object *o = ist__handle_get(handle, NULL);

    return o ? (int32_t)o->class->ready(o) : IST_EBADF;
}

int32_t ist_failure(ist_handle handle)
{
    struct ist__object *o = ist__handle_get(handle, NULL);

    if (!o)
        return IST_EBADF;
    return o->class->failure ? o->class->failure(o) : 0;
}

int32_t ist_close(ist_handle handle)
{
    struct ist__object *o = ist__handle_get(handle, NULL);

    if (!o)
        return IST_EBADF;
    ist__handle_forget(handle);
    o->class->close(o);
    return 0;
}

/* Without a word to the peers: a twin of this instance may still be talking to them. */
static void connections_forget(void)
{
    while (tcp_active_pcbs)
        tcp_abandon(tcp_active_pcbs, 0);
    while (tcp_tw_pcbs)
        tcp_abandon(tcp_tw_pcbs, 0);
}

void ist__sockets_drop(int32_t error)
{
    for (uint32_t i = 0; i < table.n_slots; i++) {
        struct ist__object *o = table.slots[i].object;
        if (o && o->class->drop)
            o->class->drop(o, error);
    }
    connections_forget();   /* those whose handles are closed already, and TIME-WAIT */
}

void ist__handles_free(void)
{
    uint32_t limit = table.limit;

    table.limit = 0;        /* what closes makes nothing new, such as a TLS stream that would carry on in the background */
    for (uint32_t i = 0; i < table.n_slots; i++) {
        struct ist__object *o = table.slots[i].object;
        if (o) {
            table.slots[i].object = NULL;
            o->class->close(o);
        }
    }
    while (tcp_active_pcbs)
        tcp_abandon(tcp_active_pcbs, 1);
    connections_forget();
    if (table.slots)
        mem_free(table.slots);
    table.slots = NULL;
    table.n_slots = table.n_live = 0;
    table.limit = limit;
    table.first_free = table.last_free = NONE;
}
