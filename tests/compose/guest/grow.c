/* grow.c - WasmEdge's first shape: the memory grows while a transfer goes on: what is new is zero, and nothing of either side moves wrongly */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include "edge.h"

IMPORT(sock_accept)(int fd, int *out);   /* tells the dialect */

#define BLOCK 150000u
#define BLOCKS 60u

static uint8_t byte_of(size_t at) { return (uint8_t)(at * 7 + (at >> 8) * 13); }

int main(int argc, char **argv)
{
    static uint8_t ip[4];
    struct address a = { ip, 4 };
    size_t sent = 0, received = 0, all = (size_t)BLOCK * BLOCKS;
    uint8_t *blocks[BLOCKS] = { 0 };
    int fd, none;

    CHECK(argc == 2 && sscanf(argv[1], "%hhu.%hhu.%hhu.%hhu", ip, ip + 1, ip + 2, ip + 3) == 4);
    CHECK(sock_accept(99, &none) == EBADF);
    CHECK(sock_open(INET4, STREAM, &fd) == 0 && sock_connect(fd, &a, 7) == 0);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    while (received < all) {
        struct pollfd p = { fd, POLLRDNORM | (sent < all ? POLLWRNORM : 0), 0 };
        size_t b = sent / BLOCK, at = sent % BLOCK;
        uint8_t in[8192];
        ssize_t n;
        CHECK(poll(&p, 1, 60000) == 1);
        if (sent < all && !blocks[b]) {
            const uint8_t *fresh = (const uint8_t *)(__builtin_wasm_memory_grow(0, 8) << 16);
            for (size_t i = 0; i < 8 << 16; i++)
                CHECK(!fresh[i]);
            CHECK((blocks[b] = malloc(BLOCK)));   /* never freed */
            for (size_t i = 0; i < BLOCK; i++)
                blocks[b][i] = byte_of(sent + i);
        }
        if (sent < all) {
            n = write(fd, blocks[b] + at, BLOCK - at);
            CHECK(n > 0 || errno == EAGAIN);
            sent += n > 0 ? (size_t)n : 0;
        }
        n = read(fd, in, sizeof in);
        CHECK(n > 0 || errno == EAGAIN);
        for (ssize_t i = 0; i < n; i++)
            CHECK(in[i] == byte_of(received + (size_t)i));
        received += n > 0 ? (size_t)n : 0;
    }
    SAY("all %zu bytes came back, memory %zu pages\n", received, __builtin_wasm_memory_size(0));
    return 0;
}
