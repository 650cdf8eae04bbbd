/*
 * tcp.h - the TCP object behind a handle (private)
 *
 * Theory of Operation: lwIP owns the pcb, we own the object; each points at the other until one goes. lwIP frees a pcb on its own
 * (reset, timeout, last ACK, end of TIME-WAIT), and tells through the destroy callback, whichever way it goes: then .pcb is NULL.
 * ist_close() cuts the pcb loose: it lives on in the background until what was sent has been delivered, and the object is
 * freed. No callback calls out of this folder or frees anything but connections that nobody has accepted yet.
 */
#ifndef IST_TCP_H
#define IST_TCP_H

#include <stdbool.h>
#include <lwip/tcp.h>
#include "socket/class.h"
#include "socket/option.h"

enum ist__tcp_phase {
    IST__TCP_FRESH,        /* never connected, or the attempt has failed */
    IST__TCP_PENDING,      /* connect called; waits for the instance to have an address */
    IST__TCP_CONNECTING,   /* SYN-SENT */
    IST__TCP_CONNECTED,    /* ESTABLISHED and after; over when .pcb is NULL */
    IST__TCP_LISTENING
};

struct ist__tcp_options {
    struct ist__options ip;
    bool no_delay, keepalive;
    int32_t idle_s, interval_s, count, linger_s;
    uint32_t send_buffer, receive_buffer;   /* 0: they grow and shrink, budget.h */
    uint16_t mss;                     /* IST_OPTION_MSS; 0: not limited */
};

struct ist__tcp {
    struct ist__object object;
    struct tcp_pcb *pcb;              /* struct tcp_pcb_listen when LISTENING; NULL: lwIP has none */
    struct ist__tcp_options options;
    uint8_t family;
    uint8_t phase;
    bool shut_read, shut_write;
    bool peer_closed;                 /* FIN received */
    bool full;                        /* send took less than asked; WRITABLE waits for the low-water mark */
    bool starved;                     /* send found no memory; WRITABLE waits for an ACK that frees some */
    int32_t error;                    /* waits for send, recv or ist_failure() */
    int32_t soft_error;               /* what a router said; explains a timeout */
    /* Bytes that have arrived: pbufs in order, linked through next across packets. tot_len says nothing here. */
    struct pbuf *rx, *rx_last;
    uint32_t rx_offset;               /* read already, of the first */
    uint32_t rx_len;
    uint32_t rx_room;                 /* bytes that still fit behind the last, where it collects small packets */
    /* The receive window, budget.c */
    uint32_t window_granted;          /* the link's limit; 0: none */
    uint32_t rtt_us;                  /* at most */
    uint32_t round_began_us, round_edge, round_len, read_len;   /* what was read since the round began, and in all, up to 2 GiB */
    bool round_open;
    ip_addr_t local;                  /* asked for with bind, type ANY for all */
    uint16_t local_port;
    ip_addr_t remote;                 /* asked for with connect */
    uint16_t remote_port;
    struct ist__tcp *listener;        /* until accepted */
    struct ist__tcp *next;            /* in the listener's queue, or among the PENDING */
    struct ist__tcp *first, *last;    /* LISTENING: connections that wait for accept */
};

extern const struct ist__class ist__tcp_class;

static inline struct ist__tcp *ist__tcp(struct ist__object *o)
{
    return (struct ist__tcp *)o;
}

/* tcp.c */
struct ist__tcp *ist__tcp_new(uint32_t family);
void ist__tcp_free(struct ist__tcp *t);                     /* the object; the pcb must be gone */
int32_t ist__tcp_pcb_make(struct ist__tcp *t);              /* a pcb, with options, bound if it was; 0 or an error */
void ist__tcp_attach(struct ist__tcp *t, struct tcp_pcb *pcb);
struct tcp_pcb *ist__tcp_detach(struct ist__tcp *t);        /* the pcb, no longer ours; NULL if there was none */
int32_t ist__tcp_error_take(struct ist__tcp *t);

/* tcp_send.c */
int32_t ist__tcp_send(struct ist__object *o, const void *buf, uint32_t len);
bool ist__tcp_writable(struct ist__tcp *t);

/* tcp_recv.c */
int32_t ist__tcp_recv(struct ist__object *o, void *buf, uint32_t cap);
int32_t ist__tcp_peek(struct ist__object *o, void *buf, uint32_t cap, uint32_t offset);
int32_t ist__tcp_pending(struct ist__object *o);
int32_t ist__tcp_shutdown(struct ist__object *o, uint32_t how);
err_t ist__tcp_arrived(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err);   /* tcp_recv_fn */
void ist__tcp_rx_free(struct ist__tcp *t);

/* tcp_connect.c */
int32_t ist__tcp_bind(struct ist__object *o, const struct ist_address *local);
int32_t ist__tcp_connect(struct ist__object *o, const struct ist_address *peer);
int32_t ist__tcp_local(struct ist__object *o, struct ist_address *out);
int32_t ist__tcp_peer(struct ist__object *o, struct ist_address *out);
void ist__tcp_pending_remove(struct ist__tcp *t);
void ist__tcp_pending_retry(void);                          /* starts those that can; a lost timer loses nothing */

/* tcp_listen.c */
int32_t ist__tcp_listen(struct ist__object *o, uint32_t backlog);
ist_handle ist__tcp_accept(struct ist__object *o, struct ist_address *peer);
void ist__tcp_queue_remove(struct ist__tcp *t);             /* takes @t out of its listener's queue */
void ist__tcp_queue_reset(struct ist__tcp *listener);       /* resets all that nobody has accepted */

/* tcp_option.c */
void ist__tcp_options_default(struct ist__tcp_options *options);
void ist__tcp_options_apply(struct ist__tcp *t);
void ist__tcp_mss_limit(struct ist__tcp *t);                /* what is sent; for a connection that has just been made */
int32_t ist__tcp_option_set(struct ist__object *o, uint32_t option, int32_t value);
int32_t ist__tcp_option_get(struct ist__object *o, uint32_t option, int32_t *value);

#endif
