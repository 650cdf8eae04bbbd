/*
 * native.c - the host of libisthmus.so: links that are two queues each, and callbacks for all else
 *
 * It stands on the exchange of the C host, so that the rules of docs/link.md hold here as anywhere; the parts of that host that call
 * the system (host_system.c) are not linked.
 */
#include <isthmus/link.h>
#include <isthmus/native.h>
#include <isthmus/stack.h>
#include <stdlib.h>
#include <string.h>

#include "levels.h"
#include "queue.h"

#define MTU_DEFAULT   1500u
#define QUEUE_DEFAULT (UINT32_C(1) << 20)

struct native_link {
    struct isthmus_port port;
    struct queue in, out;      /* for the stack, and of the stack */
    uint32_t refused;          /* the frame the stack could not send, with its head; 0 = none */
    char *grant;
    uint8_t *batch;            /* one frame with its head */
};

static struct ist_native_host given;
static struct isthmus_host host;
static int is_open;

static uint64_t call_monotonic(void *user)
{
    return given.monotonic(user);
}

static uint64_t call_realtime(void *user)
{
    return given.realtime ? given.realtime(user) : 0;
}

static int call_entropy(void *user, uint8_t into[32])
{
    return given.entropy && given.entropy(user, into) == 1;
}

static int call_early(void *user)
{
    return given.early(user) == 1;
}

static void call_note(void *user, uint32_t link, const uint8_t *text, uint32_t len)
{
    given.note(user, link, (const char *)text, len);
}

static struct native_link *link_at(uint32_t i)
{
    return i < host.n_ports ? (struct native_link *)(void *)host.ports[i] : NULL;
}

/* ---- the far side of a link: levels are up to date whenever a queue has changed */

static void look(struct native_link *l)
{
    l->port.readable = l->in.used != 0;
    l->port.writable = l->out.capacity - l->out.used >= l->refused;
}

static uint32_t link_take(struct isthmus_port *port, const uint8_t *batch, uint32_t len)
{
    struct native_link *l = (struct native_link *)(void *)port;
    uint32_t taken = queue_push(&l->out, batch, len);

    l->refused = taken < len ? 4 + frame_length(batch + taken) : 0;
    look(l);
    return taken;
}

static uint32_t link_give(struct isthmus_port *port, uint8_t *into, uint32_t cap)
{
    struct native_link *l = (struct native_link *)(void *)port;
    uint32_t given_len = queue_pull(&l->in, into, cap, port->frame_max, &port->dropped);

    look(l);
    return given_len;
}

static void link_release(struct isthmus_port *port)
{
    struct native_link *l = (struct native_link *)(void *)port;

    queue_release(&l->in);
    queue_release(&l->out);
    free(l->grant);
    free(l->batch);
    free(l);
}

static const struct isthmus_port_class link_class = { .take = link_take, .give = link_give, .release = link_release };

/* ---- the calls */

static int32_t instance_draw(void)
{
    uint8_t bytes[32];

    if (!call_entropy(host.user, bytes))
        return IST_ENOENTROPY;
    memcpy(host.instance, bytes, sizeof host.instance);
    return 0;
}

int32_t ist_native_open(const struct ist_native_host *config)
{
    if (is_open)
        return IST_ESTATE;
    if (!config || config->size < offsetof(struct ist_native_host, early) || !config->monotonic)
        return IST_EINVAL;
    memset(&given, 0, sizeof given);
    memcpy(&given, config, config->size < sizeof given ? config->size : sizeof given);
    memset(&host, 0, sizeof host);
    host.user = given.user;
    host.no_wait = !given.sleep;
    host.monotonic = call_monotonic;
    host.realtime = call_realtime;
    host.entropy = call_entropy;
    host.note = given.note ? call_note : NULL;
    host.sleep = given.sleep;
    host.early = given.early ? call_early : NULL;
    host.doorbell = -1;
    instance_draw();             /* without entropy it stays zero, and TLS does not start */
    is_open = 1;
    ist_link_host(isthmus_host_exchange, &host);
    return 0;
}

static struct native_link *link_new(uint32_t kind, uint32_t mtu, uint32_t cap, const char *grant)
{
    struct native_link *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    isthmus_port_init(&l->port, &link_class, kind, mtu, "");
    l->grant = strdup(grant);
    l->batch = malloc(4 + (size_t)l->port.frame_max);
    l->port.grant = l->grant;
    if (!l->grant || !l->batch || queue_init(&l->in, cap) || queue_init(&l->out, cap)) {
        link_release(&l->port);
        return NULL;
    }
    look(l);
    return l;
}

int32_t ist_native_link(const struct ist_native_link *config)
{
    struct ist_native_link c;
    struct native_link *l;

    if (!is_open)
        return IST_ESTATE;
    if (!config || config->size < sizeof *config)
        return IST_EINVAL;
    c = *config;
    c.kind = c.kind ? c.kind : IST_LINK_KIND_IP;
    c.mtu = c.mtu ? c.mtu : MTU_DEFAULT;
    c.queue_cap = c.queue_cap ? c.queue_cap : QUEUE_DEFAULT;
    if (c.kind > IST_LINK_KIND_SERVICE || c.mtu > UINT16_MAX || c.queue_cap > INT32_MAX)
        return IST_EINVAL;
    if (host.n_ports == ISTHMUS_PORTS)
        return IST_EMFILE;
    l = link_new(c.kind, c.mtu, c.queue_cap, c.grant ? c.grant : "");
    if (!l)
        return IST_ENOMEM;
    if (c.queue_cap < 4 + l->port.frame_max) {
        link_release(&l->port);
        return IST_EINVAL;
    }
    return isthmus_host_add(&host, &l->port);
}

int32_t ist_native_push(uint32_t link, const void *frame, uint32_t len)
{
    struct native_link *l = link_at(link);

    if (!l || !frame || len == 0)
        return IST_EINVAL;
    if (len > l->port.frame_max)
        return IST_EMSGSIZE;
    for (uint32_t i = 0; i < 4; i++)
        l->batch[i] = (uint8_t)(len >> (24 - 8 * i));
    memcpy(l->batch + 4, frame, len);
    if (!queue_push(&l->in, l->batch, 4 + len))
        return IST_EAGAIN;
    look(l);
    return 0;
}

int32_t ist_native_pull(uint32_t link, void *buf, uint32_t cap)
{
    struct native_link *l = link_at(link);
    uint32_t len;

    if (!l)
        return IST_EINVAL;
    if (!l->out.used)
        return IST_EAGAIN;
    len = queue_front(&l->out);
    if (len > cap || !buf)
        return IST_EMSGSIZE;
    queue_pull(&l->out, l->batch, 4 + len, UINT32_MAX, &l->port.dropped);
    memcpy(buf, l->batch + 4, len);
    look(l);
    return (int32_t)len;
}

int32_t ist_native_up(uint32_t link, uint32_t up)
{
    struct native_link *l = link_at(link);

    if (!l)
        return IST_EINVAL;
    l->port.up = up != 0;
    return 0;
}

int32_t ist_native_grant(uint32_t link, const char *grant)
{
    struct native_link *l = link_at(link);
    char *copy;

    if (!l || !grant)
        return IST_EINVAL;
    copy = strdup(grant);
    if (!copy)
        return IST_ENOMEM;
    free(l->grant);
    l->grant = copy;
    isthmus_port_set_grant(&l->port, copy);
    return 0;
}

int32_t ist_native_renew(void)
{
    int32_t r = is_open ? instance_draw() : IST_ESTATE;

    host.renewed |= r == 0;
    return r;
}

int32_t ist_native_pending(void)
{
    for (uint32_t i = 0; i < host.n_ports; i++)
        if (link_at(i)->in.used)
            return 1;
    return is_open && isthmus_host_pending(&host);
}

uint64_t ist_native_deadline(void)
{
    return host.deadline;
}

void ist_native_close(void)
{
    if (!is_open)
        return;
    ist_link_host(NULL, NULL);
    for (uint32_t i = 0; i < host.n_ports; i++)
        isthmus_port_release(host.ports[i]);
    memset(&host, 0, sizeof host);
    memset(&given, 0, sizeof given);
    is_open = 0;
}
