/*
 * demux.c - which pcb a TCP segment is for, and who has a local port, however many connections are open
 *
 * Theory of Operation: lwIP's lists stay, for walks over everybody. Beside them stands one table that every pcb enters and leaves
 * together with its list (TCP_REG, TCP_RMV; patches/lwip-tcp-hash.patch). A bucket has two chains: the pcbs whose key falls into it,
 * and the connections whose local port does. The key of a connection is its addresses and ports; that of a bound or listening pcb its
 * port alone. Peers choose addresses and ports: the keys are hashed with a secret (SipHash-1-3), so that nobody can make chains long.
 * The table grows and shrinks with the number of pcbs; without memory it stays, and the chains become longer.
 */
#include <lwip/mem.h>
#include <lwip/priv/tcp_priv.h>
#include <string.h>

#include "core/private.h"

#define N_LEAST 32u
#define N_MOST  (1u << 20)

struct bucket {
    struct tcp_pcb *keyed, *on_port;
};

static struct bucket least[N_LEAST], *buckets = least;
static uint32_t n_buckets = N_LEAST, n_pcbs;
static uint64_t secret[2];
static bool drawn;

static uint64_t rotated(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[2] += v[3];
    v[1] = rotated(v[1], 13) ^ v[0], v[3] = rotated(v[3], 16) ^ v[2];
    v[0] = rotated(v[0], 32);
    v[2] += v[1], v[0] += v[3];
    v[1] = rotated(v[1], 17) ^ v[2], v[3] = rotated(v[3], 21) ^ v[0];
    v[2] = rotated(v[2], 32);
}

/* SipHash with one round a word and three at the end (Aumasson and Bernstein). */
static uint32_t sip(const uint64_t *words, uint32_t n)
{
    uint64_t v[4] = { secret[0] ^ UINT64_C(0x736f6d6570736575), secret[1] ^ UINT64_C(0x646f72616e646f6d),
                      secret[0] ^ UINT64_C(0x6c7967656e657261), secret[1] ^ UINT64_C(0x7465646279746573) };

    for (uint32_t i = 0; i < n; i++) {
        v[3] ^= words[i];
        sip_round(v);
        v[0] ^= words[i];
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    v[0] ^= v[1] ^ v[2] ^ v[3];
    return (uint32_t)(v[0] ^ v[0] >> 32);
}

static uint32_t key_of_port(uint16_t port)
{
    uint64_t word = port;

    return sip(&word, 1);
}

uint32_t ist__tcp_hash(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port, uint64_t more)
{
    uint64_t words[6];
    uint32_t n = IP_IS_V6(local) ? 4 : 1;

    if (n == 4) {
        memcpy(words, ip_2_ip6(local)->addr, 16);
        memcpy(words + 2, ip_2_ip6(remote)->addr, 16);
    } else {
        words[0] = (uint64_t)ip_2_ip4(local)->addr << 32 | ip_2_ip4(remote)->addr;
    }
    words[n] = (uint64_t)n << 32 | (uint32_t)local_port << 16 | remote_port;
    words[n + 1] = more;
    return sip(words, more ? n + 2 : n + 1);
}

static uint32_t key_of(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port)
{
    return ist__tcp_hash(local, local_port, remote, remote_port, 0);
}

static struct bucket *bucket_at(uint32_t hash)
{
    return &buckets[hash & (n_buckets - 1)];
}

/* Our own side chooses local ports: no secret is needed. */
static struct bucket *bucket_of_port(uint16_t port)
{
    return bucket_at((port * UINT32_C(2654435761)) >> 12);
}

static bool is_connection(const struct tcp_pcb *pcb)
{
    return pcb->state != CLOSED && pcb->state != LISTEN;
}

static void on_port_add(struct tcp_pcb *pcb)
{
    struct tcp_pcb **at = &bucket_of_port(pcb->local_port)->on_port;

    pcb->port_next = *at;
    if (*at)
        (*at)->port_back = &pcb->port_next;
    pcb->port_back = at;
    *at = pcb;
}

static void on_port_remove(struct tcp_pcb *pcb)
{
    *pcb->port_back = pcb->port_next;
    if (pcb->port_next)
        pcb->port_next->port_back = pcb->port_back;
    pcb->port_back = NULL;
}

static void keyed_add(struct tcp_pcb *pcb)
{
    struct bucket *b = bucket_at(pcb->hash);

    pcb->chain = b->keyed;
    b->keyed = pcb;
}

/* Moves all to a table of @n buckets. */
static void resize(uint32_t n)
{
    struct bucket *old = buckets, *new = n == N_LEAST ? least : mem_malloc(n * sizeof *new);
    uint32_t n_old = n_buckets;

    if (!new)
        return;
    memset(new, 0, n * sizeof *new);
    buckets = new;
    n_buckets = n;
    for (uint32_t i = 0; i < n_old; i++) {
        for (struct tcp_pcb *pcb = old[i].keyed, *next; pcb; pcb = next) {
            next = pcb->chain;
            keyed_add(pcb);
        }
        for (struct tcp_pcb *pcb = old[i].on_port, *next; pcb; pcb = next) {
            next = pcb->port_next;
            on_port_add(pcb);
        }
    }
    if (old != least)
        mem_free(old);
}

void ist__tcp_add(struct tcp_pcb *pcb)
{
    if (!drawn) {
        ist__random_weak(secret, sizeof secret);
        drawn = true;
    }
    if (++n_pcbs > n_buckets && n_buckets < N_MOST)
        resize(2 * n_buckets);
    if (is_connection(pcb)) {
        pcb->hash = key_of(&pcb->local_ip, pcb->local_port, &pcb->remote_ip, pcb->remote_port);
        on_port_add(pcb);
    } else {
        pcb->hash = key_of_port(pcb->local_port);
    }
    keyed_add(pcb);
}

/* The state may have moved on since it was added: a connection is what stands in the chain of its port. */
void ist__tcp_remove(struct tcp_pcb *pcb)
{
    struct tcp_pcb **at = &bucket_at(pcb->hash)->keyed;

    while (*at != pcb)
        at = &(*at)->chain;
    *at = pcb->chain;
    if (pcb->state != LISTEN) {
        ist__tcp_timers_stop(pcb);
        if (pcb->port_back)
            on_port_remove(pcb);
    }
    if (--n_pcbs < n_buckets / 8 && n_buckets > N_LEAST)
        resize(n_buckets / 4 > N_LEAST ? n_buckets / 4 : N_LEAST);
}

struct tcp_pcb *ist__tcp_find(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port)
{
    uint32_t hash = key_of(local, local_port, remote, remote_port);

    for (struct tcp_pcb *pcb = bucket_at(hash)->keyed; pcb; pcb = pcb->chain) {
        if (pcb->hash == hash && is_connection(pcb) && pcb->remote_port == remote_port && pcb->local_port == local_port &&
            ip_addr_eq(&pcb->remote_ip, remote) && ip_addr_eq(&pcb->local_ip, local))
            return pcb;
    }
    return NULL;
}

struct tcp_pcb *ist__tcp_on_port(uint16_t port, const struct tcp_pcb *before)
{
    struct tcp_pcb *pcb;

    if (!before || !is_connection(before)) {
        pcb = before ? before->chain : bucket_at(key_of_port(port))->keyed;
        for (; pcb; pcb = pcb->chain)
            if (pcb->local_port == port && !is_connection(pcb))
                return pcb;
        pcb = bucket_of_port(port)->on_port;
    } else {
        pcb = before->port_next;
    }
    while (pcb && pcb->local_port != port)
        pcb = pcb->port_next;
    return pcb;
}

struct tcp_pcb_listen *ist__tcp_listening(uint16_t port, const struct tcp_pcb_listen *before)
{
    struct tcp_pcb *pcb = ist__tcp_on_port(port, (const struct tcp_pcb *)before);

    while (pcb && pcb->state == CLOSED)
        pcb = ist__tcp_on_port(port, pcb);
    return pcb && pcb->state == LISTEN ? (struct tcp_pcb_listen *)pcb : NULL;
}
