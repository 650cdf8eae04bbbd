/**
 * layout.js - include/isthmus/link.h for JavaScript
 *
 * tests/link compares every number here with the header and with the table in docs/link.md.
 */

export const MAGIC = 0x48545349; // "ISTH"
export const VERSION = 1;
export const LINKS_MAX = 64;

/** Offsets in struct ist_link; all fields little-endian. */
export const AT = Object.freeze({
    magic: 0, version: 4, size: 6, link: 8, want: 12, deadline: 16,
    tx: 24, tx_len: 28, rx: 32, rx_cap: 36, text: 40, text_cap: 44, note: 48, note_len: 52,
    tx_taken: 56, rx_len: 60, text_len: 64, flags: 68, ready: 72, monotonic: 80, realtime: 88,
    instance: 96, entropy: 112, kind: 144, mtu: 148, frame_max: 152, n_links: 156,
});
export const SIZE = 160; // of the whole structure
export const SIZE_MIN = 56; // of the part that the guest writes

export const WANT = Object.freeze({ GRANT: 1, ENTROPY: 2 });
export const FLAG = Object.freeze({
    UP: 1, MORE: 2, GRANT_CHANGED: 4, RX_SUMMED: 8, TX_SUM_FREE: 16, NOWAIT: 32, EXCLUSIVE: 64,
});
export const KIND = Object.freeze({ IP: 1, ETHERNET: 2, UDP: 3, SERVICE: 4 });
export const RESULT = Object.freeze({ OK: 0, CLOSED: -1, LAYOUT: -2, NO_LINK: -3, SMALL: -4 });
