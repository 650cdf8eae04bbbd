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
    uint64_t begun = 0;
    while (moved < total) {
        calls++;
        if (sends) {
            uint32_t full;
            do full = raw.queued; while (raw_queue(&raw, frame, size) && raw.queued < batch);
            (void)full;
            raw.at = raw.end = 0;
            raw.x.rx_cap = 0;
            raw_exchange(&raw, raw.x.tx_taken ? IST_LINK_NO_WAIT : IST_LINK_NO_DEADLINE);
            moved += raw.x.tx_taken;
            frames += raw.x.tx_taken / (4 + size);
        } else {
            raw.at = raw.end = 0;
            raw_exchange(&raw, IST_LINK_NO_DEADLINE);
            moved += raw.x.rx_len;
            frames += raw.x.rx_len / (4 + size);
        }
        if (!begun) begun = raw.x.monotonic;
    }
    double seconds = (double)(raw.x.monotonic - begun) / 1e9;
    printf("%s: %.0f MiB/s, %.2f million frames/s, %.0f calls/s, %.1f KiB a call\n", argv[1], (double)moved / seconds / 1048576,
        (double)frames / seconds / 1e6, (double)calls / seconds, (double)moved / (double)calls / 1024);
    return 0;
}
