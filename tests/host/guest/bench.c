/*
 * bench.c - how fast do frames cross: bench send|receive SIZE MIB
 *
 * Every batch is prepared once, so that the copying of host and ring is what is measured.
 */
#include "raw.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct raw raw;

int main(int argc, char **argv)
{
    if (argc != 4 || raw_open(&raw, 0) != 0) return 2;
    uint32_t size = (uint32_t)atoi(argv[2]), batch = 65536 + 4 + size > RAW_BATCH ? RAW_BATCH : 65536 + 4 + size;
    uint64_t total = (uint64_t)atoi(argv[3]) << 20, moved = 0, frames = 0, calls = 0;
    static uint8_t frame[RAW_BATCH];
    int sends = !strcmp(argv[1], "send");
    /* The receiver says hello first, so that the switch knows where it is. */
    memcpy(frame, sends ? "\2\0\0\0\0\2\2\0\0\0\0\1" : "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    if (sends) {
        while (raw_exchange(&raw, IST_LINK_NO_DEADLINE) == 0 && raw.end == 0) continue;
    } else {
        raw_exchange(&raw, raw_in_ms(&raw, 300));
        raw_queue(&raw, frame, 60);
        raw_flush(&raw, 1000);
    }
    while (sends && raw.queued + 4 + size <= batch) raw_queue(&raw, frame, size);
    uint32_t all = raw.queued, at = 0;
    uint64_t begun = 0;
    raw.x.rx = (uint32_t)(uintptr_t)raw.rx;
    while (moved < total) {
        calls++;
        raw.x.tx = (uint32_t)(uintptr_t)raw.tx + at;
        raw.x.tx_len = all - at;
        raw.x.rx_cap = sends ? 0 : RAW_BATCH;
        /* A batch that is taken whole does not end a wait: hence a short one. */
        raw.x.deadline = !sends ? IST_LINK_NO_DEADLINE : calls == 1 || raw.x.tx_taken ? IST_LINK_NO_WAIT : raw_in_ms(&raw, 1);
        isthmus_exchange(&raw.x);
        uint32_t bytes = sends ? raw.x.tx_taken : raw.x.rx_len;
        at = at + bytes < all ? at + bytes : 0;
        moved += bytes;
        frames += bytes / (4 + size);
        if (!begun) begun = raw.x.monotonic;
    }
    double seconds = (double)(raw.x.monotonic - begun) / 1e9;
    printf("%s: %.0f MiB/s, %.2f million frames/s, %.0f calls/s, %.1f KiB a call\n", argv[1], (double)moved / seconds / 1048576,
        (double)frames / seconds / 1e6, (double)calls / seconds, (double)moved / (double)calls / 1024);
    return 0;
}
