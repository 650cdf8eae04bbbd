/*
 * frames.c - sends and receives Ethernet frames as its arguments say, one command each
 *
 *   link:N                         go on with link N
 *   grant                          print kind, mtu, frame_max, n_links and the text
 *   regrant:TEXT[:MS]              wait until the grant contains TEXT
 *   send:DST:SRC:COUNT:SIZE[:TAG]  frames of SIZE bytes; DST and SRC are MACs of 12 hex digits
 *   receive:COUNT[:MS]             print COUNT frames: source, destination, length, tag, whether the filling is right
 *   count:COUNT[:MS]               the same without printing each; the order of the tags is checked
 *   quiet:MS                       print "quiet" if nothing comes
 *   arp:IP                         ask who has IP, print the answer's MAC
 *   sleep:MS                       wait without reading
 *   closed[:MS]                    receive until the link is CLOSED
 *   spin                           never return
 */
#include "raw.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct raw raw;
static int32_t at_open;
static char field[8][64];

static uint64_t mac(const char *hex)
{
    return strtoull(hex, NULL, 16);
}

static void put_mac(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 6; i++) at[i] = (uint8_t)(value >> (40 - 8 * i));
}

static uint64_t get_mac(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 6; i++) value = value << 8 | at[i];
    return value;
}

/* A frame: addresses, type 0x88b5 (for experiments), a tag of 4 bytes, a filling that depends on the tag. */
static uint32_t make(uint8_t *frame, uint64_t dst, uint64_t src, uint32_t size, uint32_t tag)
{
    put_mac(frame, dst);
    put_mac(frame + 6, src);
    frame[12] = 0x88;
    frame[13] = 0xb5;
    for (uint32_t i = 14; i < size; i++) frame[i] = (uint8_t)(i * 7 + tag);
    if (size >= 18) memcpy(frame + 14, &tag, 4);
    return size;
}

static int is_right(const uint8_t *frame, uint32_t len)
{
    uint32_t tag;
    memcpy(&tag, frame + 14, 4);
    for (uint32_t i = 18; i < len; i++) if (frame[i] != (uint8_t)(i * 7 + tag)) return 0;
    return 1;
}

static void send_frames(uint64_t dst, uint64_t src, uint32_t count, uint32_t size, uint32_t tag)
{
    static uint8_t frame[RAW_BATCH];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t len = make(frame, dst, src, size, tag + i);
        while (!raw_queue(&raw, frame, len)) {
            if (raw_move(&raw) != 0) {
                printf("sent %u, left %u\n", (unsigned)i, (unsigned)raw.queued);
                return;
            }
        }
    }
    printf("sent %u, left %u\n", (unsigned)count, (unsigned)raw_flush(&raw, 10000));
}

/* The next frame before the time is over. */
static const uint8_t *next_frame(uint32_t *len, uint64_t end)
{
    for (;;) {
        const uint8_t *frame = raw_next(&raw, len);
        if (frame) return frame;
        if (raw.x.monotonic >= end) return NULL;
        if (raw_exchange(&raw, end) == IST_LINK_CLOSED) return NULL;
    }
}

static void receive(uint32_t count, uint32_t ms, int print)
{
    uint64_t end = raw_in_ms(&raw, ms ? ms : 10000), bytes = 0;
    uint32_t n = 0, wrong = 0, disorder = 0, last = 0, len;
    const uint8_t *frame;
    while (n < count && (frame = next_frame(&len, end))) {
        uint32_t tag;
        memcpy(&tag, frame + 14, 4);
        int right = is_right(frame, len);
        if (print) {
            printf("from %012llx to %012llx length %u tag %u%s\n", (unsigned long long)get_mac(frame + 6),
                (unsigned long long)get_mac(frame), (unsigned)len, (unsigned)tag, right ? "" : " wrong");
        }
        if (n && tag <= last) disorder++;
        last = tag;
        wrong += !right;
        bytes += len;
        n++;
    }
    printf("received %u of %u, %llu bytes, %u wrong, %u out of order\n", (unsigned)n, (unsigned)count, (unsigned long long)bytes,
        (unsigned)wrong, (unsigned)disorder);
}

static void ask_arp(const char *ip)
{
    unsigned a, b, c, d;
    uint8_t frame[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 0x02, 0, 0, 0, 0, 1 };
    if (sscanf(ip, "%u.%u.%u.%u", &a, &b, &c, &d) != 4) exit(9);
    uint8_t to[4] = { (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d };
    memcpy(frame + 28, to, 3);
    frame[31] = (uint8_t)(d + 1);
    memcpy(frame + 38, to, 4);
    raw_queue(&raw, frame, sizeof frame);
    uint64_t end = raw_in_ms(&raw, 5000);
    uint32_t len;
    const uint8_t *got;
    while ((got = next_frame(&len, end))) {
        if (len < 42 || got[12] != 8 || got[13] != 6 || got[21] != 2) continue;
        printf("%s is at %012llx\n", ip, (unsigned long long)get_mac(got + 22));
        return;
    }
    printf("no answer\n");
}

static void wait_closed(uint32_t ms)
{
    uint64_t end = raw_in_ms(&raw, ms ? ms : 10000);
    uint32_t frames = 0, len;
    for (;;) {
        /* A link that was closed from the start has said so already. */
        int32_t result = at_open == IST_LINK_CLOSED ? at_open : raw_exchange(&raw, end);
        while (raw_next(&raw, &len)) frames++;
        if (result == IST_LINK_CLOSED || raw.x.monotonic >= end) {
            printf("%s after %u frames\n", result == IST_LINK_CLOSED ? "closed" : "open", (unsigned)frames);
            return;
        }
    }
}

static void regrant(const char *text, uint32_t ms)
{
    uint64_t end = raw_in_ms(&raw, ms ? ms : 10000);
    while (!strstr(raw.text, text) && raw.x.monotonic < end) {
        raw_exchange(&raw, end);
        if (raw.x.flags & IST_LINK_GRANT_CHANGED) raw_grant(&raw);
    }
    printf("%s %s\n", strstr(raw.text, text) ? "granted" : "missing", text);
}

static uint32_t num(int i)
{
    return (uint32_t)strtoul(field[i], NULL, 10);
}

static void command(const char *line)
{
    memset(field, 0, sizeof field);
    for (int i = 0, j = 0; *line && i < 8; line++) {
        if (*line == ':') i++, j = 0;
        else if (j < 63) field[i][j++] = *line;
    }
    const char *verb = field[0];
    if (!strcmp(verb, "link")) printf("link %u: %d\n", (unsigned)num(1), (int)raw_open(&raw, num(1)));
    else if (!strcmp(verb, "grant")) printf("kind %u mtu %u frame_max %u n_links %u\n%s", (unsigned)raw.x.kind, (unsigned)raw.x.mtu,
        (unsigned)raw.x.frame_max, (unsigned)raw.x.n_links, raw.text);
    else if (!strcmp(verb, "regrant")) regrant(field[1], num(2));
    else if (!strcmp(verb, "send")) send_frames(mac(field[1]), mac(field[2]), num(3), num(4), num(5));
    else if (!strcmp(verb, "receive")) receive(num(1), num(2), 1);
    else if (!strcmp(verb, "count")) receive(num(1), num(2), 0);
    else if (!strcmp(verb, "quiet")) {
        uint32_t len;
        puts(next_frame(&len, raw_in_ms(&raw, num(1))) ? "noise" : "quiet");
    } else if (!strcmp(verb, "arp")) ask_arp(field[1]);
    else if (!strcmp(verb, "sleep")) {
        uint64_t end = raw_in_ms(&raw, num(1));
        raw.x.rx_cap = raw.x.tx_len = 0;
        do {
            raw.x.deadline = end;
            isthmus_exchange(&raw.x);
        } while (raw.x.monotonic < end);
    } else if (!strcmp(verb, "closed")) wait_closed(num(1));
    else if (!strcmp(verb, "spin")) for (;;) raw.x.note = 0;
    else exit(9);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    at_open = raw_open(&raw, 0);
    if (at_open != 0 && at_open != IST_LINK_CLOSED) return 8;
    for (int i = 1; i < argc; i++) command(argv[i]);
    return 0;
}
