/*
 * component.h - wasi:sockets 0.2 and the interfaces that go with it, by hand over the canonical ABI
 *
 * Theory of Operation
 *
 * The core module exports its functions in the mangling cm32p2, whose names hold a version only as far as 0.2, so that one module
 * serves every 0.2.x. A resource that we define is a pointer (its representation) on our side and a handle on the other: a
 * borrowed one comes as the pointer, an owned one is made with new. Results of more than one flat value lie in `out`, whose
 * offsets follow from the canonical ABI and stand beside each use. Lists that come in were made by cm32p2_realloc and are
 * ours to free; lists that go out are freed in the function's _post.
 *
 * 0.2 calls us only when the client does: so every entry that touches a socket, a pollable or the clock makes a turn of the stack,
 * and poll is where the stack waits.
 */
#ifndef ISTHMUS_COMPONENT_H
#define ISTHMUS_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <isthmus/stack.h>

#define IMPORT(interface, name) __attribute__((import_module("cm32p2|" interface), import_name(name)))
#define EXPORT(interface, name) __attribute__((export_name("cm32p2|" interface "|" name)))

#define ERROR   "wasi:io/error@0.2"
#define POLL    "wasi:io/poll@0.2"
#define STREAMS "wasi:io/streams@0.2"

/* A resource of ours: the function that makes an owned handle of a representation. */
#define RESOURCE(interface, name, type, make) IMPORT("_ex_" interface, name "_new") int32_t make(struct type *self);

/* ---------------------------------------------------------------- results */

#define OUT_SIZE 128u
extern uint8_t out[OUT_SIZE];       /* what the function that runs returns; no two run at once */

void out8(uint32_t at, uint32_t value);
void out16(uint32_t at, uint32_t value);
void out32(uint32_t at, uint32_t value);
void out64(uint32_t at, uint64_t value);
void out_pointer(uint32_t at, const void *p);

/* Memory that must be had: without it the instance traps. An empty list has no memory, here and in what hosts hand over. */
void *take(size_t len);
void give(void *list, size_t len);
_Noreturn void trap(void);

/* ---------------------------------------------------------------- the stack */

/* Starts the stack; 0, or why there is none. */
int32_t network_start(void);
/* Tells the host something, as it is. */
void tell(const char *text, uint32_t len);
/* One turn without waiting. */
void turn(void);
/* ns; makes a turn. */
uint64_t clock_now(void);

/* ---------------------------------------------------------------- wasi:io */

struct socket;

enum pollable_kind { POLLABLE_READY, POLLABLE_HOST, POLLABLE_TIMER, POLLABLE_SOCKET, POLLABLE_QUERY };
struct pollable {
    enum pollable_kind kind;
    int32_t host;             /* HOST: the host's handle */
    uint64_t when;            /* TIMER: ns */
    struct socket *socket;    /* SOCKET */
    uint32_t want;            /* SOCKET: levels; 0: those of its state */
    struct query *query;      /* QUERY */
};
int32_t pollable_make(struct pollable value);
/* Waits until it is ready. */
void pollable_wait(struct pollable *p);

struct error {
    int32_t host;             /* the host's, or 0 */
    const char *text;         /* else a sentence; static */
};
int32_t error_make(int32_t host, const char *text);

struct stream {
    int32_t host;             /* the host's, or 0 */
    struct socket *socket;    /* a connection's; NULL and no host: input that is over, output that goes to notes */
    bool failed;              /* input: its error has been told */
};
int32_t input_make(struct stream value);
int32_t output_make(struct stream value);

/* A stream-error in `out` at @at (align 4) by the error of a call on @s: the end and what has been shut down are `closed`. */
void out_stream_error(uint32_t at, int32_t code, const struct socket *s);

/* Makes the error of the host that lies in the stream-error at @at ours. */
void out_own_error(uint32_t at);

/* ---------------------------------------------------------------- wasi:sockets */

enum error_code {
    CODE_UNKNOWN, CODE_ACCESS_DENIED, CODE_NOT_SUPPORTED, CODE_INVALID_ARGUMENT, CODE_OUT_OF_MEMORY, CODE_TIMEOUT, CODE_CONCURRENCY_CONFLICT,
    CODE_NOT_IN_PROGRESS, CODE_WOULD_BLOCK, CODE_INVALID_STATE, CODE_NEW_SOCKET_LIMIT, CODE_ADDRESS_NOT_BINDABLE, CODE_ADDRESS_IN_USE,
    CODE_REMOTE_UNREACHABLE, CODE_CONNECTION_REFUSED, CODE_CONNECTION_RESET, CODE_CONNECTION_ABORTED, CODE_DATAGRAM_TOO_LARGE,
    CODE_NAME_UNRESOLVABLE, CODE_TEMPORARY_RESOLVER_FAILURE, CODE_PERMANENT_RESOLVER_FAILURE,
    CODE_CONNECTION_BROKEN    /* of 0.3 only */
};
enum error_code code_of(int32_t error);

enum socket_state {
    SOCKET_UNBOUND, SOCKET_BINDING, SOCKET_BOUND, SOCKET_LISTENING_SOON, SOCKET_LISTENING, SOCKET_CONNECTING, SOCKET_CONNECTED, SOCKET_CLOSED
};

/* A TCP or UDP socket, or TLS over one: closed when its resource and its streams have gone; pollables that are left then find it ready. */
struct socket {
    ist_handle handle;        /* 0: closed */
    uint32_t users;           /* its resource, its streams */
    uint32_t refs;            /* those, and pollables: who needs the memory */
    uint8_t family;           /* IST_IPV4, IST_IPV6 */
    bool udp;
    enum socket_state state;
    uint32_t backlog;         /* TCP */
    int32_t failure;          /* TCP: of what has been started; UDP: met behind datagrams that were given out; told by the next call */
    uint32_t generation;      /* UDP: of the streams that are operational */
    struct ist_address peer;  /* UDP: family 0: none */
    uint8_t *rest;            /* TCP: written by the client, not yet taken by the stack (rest.c) */
    uint32_t rest_len;
    bool shut_after_rest;
    struct socket *next;      /* with a rest */
    uint8_t asked;            /* TCP of 0.3: directions that have been asked for */
    struct socket *below;     /* TLS: what it is over */
    ist_handle above;         /* of TLS that was over it and owns `handle`; 0: none */
    const char *(*why)(ist_handle handle);      /* TLS: what made it fail, in a sentence */
};
struct socket *socket_open(uint32_t family, bool udp, int32_t *error);
struct socket *socket_adopt(ist_handle handle, uint8_t family, bool udp);
struct socket *socket_hold(struct socket *s);
void socket_release(struct socket *s);
void socket_watch(struct socket *s);
void socket_unwatch(struct socket *s);
/* Keeps what the stack had no room for; it goes out in later turns. Writing is over, or closing, only behind it. */
void rest_keep(struct socket *s, const uint8_t *from, uint32_t len);
void rest_push(void);
bool rest_any(void);
/* start-bind of both kinds of socket; the result. */
void *socket_bind(struct socket *s, const struct ist_address *a);
/* What keeps an operation from starting in the state that @s is in. */
enum error_code socket_refusal(const struct socket *s);
bool sockets_any(void);
/* UDP: takes the peer, or none; 0, or an error. */
int32_t socket_peer_set(struct socket *s, const struct ist_address *peer);
/* The local address, as local-address gives it. */
void *socket_local(const struct socket *s);
/* The levels that a pollable of the socket itself waits for now; 0: it is ready. */
uint32_t socket_want(const struct socket *s);

/* wasi:sockets/network.ip-socket-address, flattened */
#define ADDRESS_PARAMETERS int32_t v, int32_t a0, int32_t a1, int32_t a2, int32_t a3, int32_t a4, int32_t a5, int32_t a6, int32_t a7, \
    int32_t a8, int32_t a9, int32_t a10
#define ADDRESS_ARGUMENTS address_flat(v, (const int32_t[11]){ a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10 })
#define ADDRESS_SIZE 32u
struct ist_address address_flat(int32_t variant, const int32_t word[11]);
struct ist_address address_load(const uint8_t *from);
void address_store(uint8_t *to, const struct ist_address *a);
#define IP_SIZE 18u
/* ip-address: without port and scope, and IPv4 as such */
void ip_store(uint8_t *to, struct ist_address a);
/* IPv6 that stands for IPv4: this interface keeps the two apart. */
bool address_is_mapped(const struct ist_address *a);
/* Whether a datagram to or from there is one of @peer; of none all are. */
bool address_is_from(const struct ist_address *peer, const struct ist_address *from);
bool address_is_unspecified(const struct ist_address *a);
bool address_is_unicast(const struct ist_address *a);
/* Whether it may be a peer of @family: unicast or, with @any_cast, not only that. */
bool address_is_peer(const struct ist_address *a, uint8_t family, bool any_cast);

/* result<_, error-code>; and result<T, error-code> with the payload at @at */
void *out_result(int32_t error);
void *out_refused(enum error_code code);
void *out_code(uint32_t at, enum error_code code);
void *out_address(const struct ist_address *a);

#endif
