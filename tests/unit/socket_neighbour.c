/*
 * A neighbour on Ethernet that never answers ARP or neighbour solicitations: who wanted to reach it learns it
 */
#include "socket.h"

/* Nobody is on the other side. */
static void discard(void)
{
    static uint8_t batch[1 << 20];

    while (far_port->vtable->give(far_port, batch, sizeof batch))
        ;
}

static int32_t failure_within(ist_handle h, uint64_t ms, uint32_t *took_ms)
{
    uint64_t start = clock_ns;

    while (!(levels(h) & IST_FAILED) && clock_ns < start + ms * MS) {
        wait_for(h, 0, 100);
        discard();
    }
    *took_ms = (uint32_t)((clock_ns - start) / MS);
    return ist_failure(h);
}

static void silent(struct ist_address to, struct ist_address other, const char *name)
{
    ist_handle t = ist_tcp_open(to.family), u = ist_udp_open(to.family), v = ist_udp_open(to.family);
    uint32_t took;
    int32_t r;

    ist_socket_connect(u, &to);
    ist_socket_connect(v, &other);
    ist_datagram_send(u, "q", 1, NULL);
    r = ist_socket_connect(t, &to);
    ok(r == 0, "%s: an attempt to connect begins", name);
    r = failure_within(t, 60000, &took);
    ok(r == IST_EHOSTUNREACH && took >= 1000 && took < 10000, "%s: the neighbour is silent: EHOSTUNREACH (after %u ms)", name, took);
    ok(failure_within(u, 10000, &took) == IST_EHOSTUNREACH, "%s: a connected datagram socket learns it", name);
    ok(ist_failure(v) == 0, "%s: one that has nothing to do with it does not", name);
    ist_close(t), ist_close(u), ist_close(v);
    pass(20000);
    discard();
}

int main(void)
{
    uint64_t memory;

    isthmus_host_init(&host);
    host.monotonic = clock_read;
    host.sleep = clock_sleep;
    if (isthmus_port_pair(&near_port, &far_port, IST_LINK_KIND_ETHERNET, MTU, 1 << 20)) abort();
    isthmus_port_set_grant(near_port, "address=10.0.0.1/24\naddress=fd00::1/64\n");
    isthmus_host_add(&host, near_port);
    ist_link_host(isthmus_host_exchange, &host);
    if (ist_start(NULL)) abort();
    pass(5000);
    discard();
    silent(v4("10.0.0.9", 80), v4("10.0.0.8", 80), "IPv4");
    memory = memory_now();
    silent(v4("10.0.0.10", 80), v4("10.0.0.8", 80), "IPv4 again");
    silent(v6(0xfd, 9, 80), v6(0xfd, 8, 80), "IPv6");
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
