/*
 * layout.c - the contract's numbers, pinned; prints those of the header for layout.test.mjs
 */
#include <isthmus/link.h>
#include <stddef.h>
#include <stdio.h>

#define FIELDS(X) \
    X(magic, 0, 4) X(version, 4, 2) X(size, 6, 2) X(link, 8, 4) X(want, 12, 4) X(deadline, 16, 8) X(tx, 24, 4) X(tx_len, 28, 4) \
    X(rx, 32, 4) X(rx_cap, 36, 4) X(text, 40, 4) X(text_cap, 44, 4) X(note, 48, 4) X(note_len, 52, 4) X(tx_taken, 56, 4) \
    X(rx_len, 60, 4) X(text_len, 64, 4) X(flags, 68, 4) X(ready, 72, 8) X(monotonic, 80, 8) X(realtime, 88, 8) \
    X(instance, 96, 16) X(entropy, 112, 32) X(kind, 144, 4) X(mtu, 148, 4) X(frame_max, 152, 4) X(n_links, 156, 4)

#define CONSTANTS(X) \
    X(IST_LINK_MAGIC, 0x48545349) X(IST_LINK_VERSION, 1) X(IST_LINK_MAX, 64) X(IST_LINK_GRANT, 1) X(IST_LINK_ENTROPY, 2) \
    X(IST_LINK_UP, 1) X(IST_LINK_MORE, 2) X(IST_LINK_GRANT_CHANGED, 4) X(IST_LINK_RX_SUMMED, 8) X(IST_LINK_TX_SUM_FREE, 16) \
    X(IST_LINK_NOWAIT, 32) X(IST_LINK_EXCLUSIVE, 64) X(IST_LINK_KIND_IP, 1) X(IST_LINK_KIND_ETHERNET, 2) \
    X(IST_LINK_KIND_UDP, 3) X(IST_LINK_KIND_SERVICE, 4) X(IST_LINK_CLOSED, -1) X(IST_LINK_LAYOUT, -2) X(IST_LINK_NO_LINK, -3) \
    X(IST_LINK_SMALL, -4)

#define PIN_FIELD(name, offset, bytes) \
    _Static_assert(offsetof(struct ist_link, name) == (offset) && sizeof((struct ist_link *)0)->name == (bytes), #name);
#define PIN_CONSTANT(name, value) _Static_assert((name) == (value), #name);
FIELDS(PIN_FIELD)
CONSTANTS(PIN_CONSTANT)
_Static_assert(sizeof(struct ist_link) == 160, "size");
_Static_assert(IST_LINK_NO_WAIT == 0 && IST_LINK_NO_DEADLINE == 0xffffffffffffffff, "deadline");
_Static_assert(sizeof(struct ist_link_peer) == 20 && offsetof(struct ist_link_peer, ip) == 0 &&
               offsetof(struct ist_link_peer, port) == 16 && offsetof(struct ist_link_peer, ecn) == 18 &&
               offsetof(struct ist_link_peer, zero) == 19, "peer");

int main(void)
{
#define PRINT_FIELD(name, offset, bytes) \
    printf("field %s %zu %zu\n", #name, offsetof(struct ist_link, name), sizeof((struct ist_link *)0)->name);
#define PRINT_CONSTANT(name, value) printf("constant %s %lld\n", #name, (long long)(name));
    FIELDS(PRINT_FIELD)
    CONSTANTS(PRINT_CONSTANT)
    return 0;
}
