/**
 * pcapng.js - captures that Wireshark opens
 *
 * One file for any number of instances, an interface for each link. The main thread writes the section header and the
 * interfaces; each worker appends its packets, all of one exchange with one write, so that blocks never mix (O_APPEND).
 * A failed write ends the capture, not the program. TLS secrets that a guest tells go into Decryption Secrets Blocks, ahead of the
 * records that they open.
 *
 * Source: draft-ietf-opsawg-pcapng
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { reason, UsageError } from './errors.js';
import { KIND } from './layout.js';

const SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6, SECRETS = 10;
const TLS_KEY_LOG = 0x544c534b;
const KEY_LINE = /^[A-Z][A-Z0-9_]* [0-9a-f]{64} [0-9a-f]{64,128}$/; // NSS key log
const OPTION = { end: 0, name: 2, resolution: 9, application: 4, flags: 2 };
const NANOSECONDS = 9;
export const INWARD = 1, OUTWARD = 2; // direction bits of a packet's flags
const LINK_TYPE = { [KIND.IP]: 101, [KIND.ETHERNET]: 1, [KIND.UDP]: 101, [KIND.SERVICE]: 147 };
const UDP_PORT = 0; // of the guest, which does not know it

/** The main thread's side: the file. */
export class Capture {
    #interfaces = 0;

    constructor(path) {
        const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
        try {
            this.fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644);
            const body = Buffer.alloc(16);
            body.writeUInt32LE(0x1a2b3c4d);
            body.writeUInt16LE(1, 4);
            body.writeBigInt64LE(-1n, 8);
            writeSync(this.fd, block(SECTION, Buffer.concat([body, option(OPTION.application, 'isthmus'), option(OPTION.end)])));
        } catch (error) {
            throw new UsageError(`--pcap ${path}: cannot be written: ${reason(error)}`);
        }
    }

    /** A new interface; returns its number, for PacketWriter. */
    add(name, kind) {
        const body = Buffer.alloc(8);
        body.writeUInt16LE(LINK_TYPE[kind]);
        writeSync(this.fd, block(INTERFACE, Buffer.concat([body, option(OPTION.name, name),
            option(OPTION.resolution, Buffer.of(NANOSECONDS)), option(OPTION.end)])));
        return this.#interfaces++;
    }

    close() {
        closeSync(this.fd);
    }
}

/** The worker's side: one interface. */
export class PacketWriter {
    #buffer = Buffer.allocUnsafe(1 << 17);
    #used = 0;

    /** @param {(text: string) => void} onFailure  told once */
    constructor({ fd, number, kind }, onFailure) {
        Object.assign(this, { fd, number, kind, onFailure });
        this.origin = BigInt(Math.round((Date.now() - performance.now()) * 1e3)) * 1000n;
    }

    /** Appends the frames of a batch. */
    record(batch, direction) {
        if (this.fd < 0 || batch.length === 0) return;
        const time = this.origin + BigInt(Math.round(performance.now() * 1e6));
        const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
        for (let at = 0; at + 4 <= batch.length;) {
            const length = view.getUint32(at);
            const frame = batch.subarray(at + 4, at + 4 + length);
            this.#packet(this.kind === KIND.UDP ? datagramToPacket(frame, direction) : frame, time, direction);
            at += 4 + length;
        }
        this.#flush();
    }

    /** Puts the key-log lines of a note into the capture; returns the other lines. */
    secrets(note) {
        const lines = note.split('\n'), keys = lines.filter((line) => KEY_LINE.test(line));
        if (keys.length === 0) return note;
        if (this.fd >= 0) {
            const text = Buffer.from(keys.map((line) => `${line}\n`).join('')), body = Buffer.alloc(8 + ((text.length + 3) & ~3));
            body.writeUInt32LE(TLS_KEY_LOG);
            body.writeUInt32LE(text.length, 4);
            text.copy(body, 8);
            this.#flush();
            this.#write(block(SECRETS, body));
        }
        return lines.filter((line) => !KEY_LINE.test(line)).join('\n');
    }

    #packet(bytes, time, direction) {
        const padded = (bytes.length + 3) & ~3, total = 28 + padded + 12 + 4;
        if (this.#used + total > this.#buffer.length) this.#flush();
        const b = this.#buffer, at = this.#used;
        if (total > b.length) return;
        b.writeUInt32LE(PACKET, at);
        b.writeUInt32LE(total, at + 4);
        b.writeUInt32LE(this.number, at + 8);
        b.writeUInt32LE(Number(time >> 32n), at + 12);
        b.writeUInt32LE(Number(time & 0xffffffffn), at + 16);
        b.writeUInt32LE(bytes.length, at + 20);
        b.writeUInt32LE(bytes.length, at + 24);
        b.set(bytes, at + 28);
        b.fill(0, at + 28 + bytes.length, at + 28 + padded);
        const options = at + 28 + padded;
        b.writeUInt16LE(OPTION.flags, options);
        b.writeUInt16LE(4, options + 2);
        b.writeUInt32LE(direction, options + 4);
        b.writeUInt32LE(OPTION.end, options + 8);
        b.writeUInt32LE(total, options + 12);
        this.#used += total;
    }

    #flush() {
        const length = this.#used;
        this.#used = 0;
        if (length !== 0 && this.fd >= 0) this.#write(this.#buffer.subarray(0, length));
    }

    #write(bytes) {
        try {
            for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at, bytes.length - at);
        } catch (error) {
            this.fd = -1;
            this.onFailure(`the capture ends here: ${reason(error)}`);
        }
    }
}

/** Puts a writer before a port. */
export function captured(port, writer) {
    const take = port.take.bind(port), give = port.give.bind(port);
    port.take = (batch) => {
        const taken = take(batch);
        writer.record(batch.subarray(0, taken), OUTWARD);
        return taken;
    };
    port.give = (into) => {
        const given = give(into);
        writer.record(into.subarray(0, given), INWARD);
        return given;
    };
    return port;
}

function block(type, body) {
    const total = 12 + body.length, b = Buffer.alloc(total);
    b.writeUInt32LE(type);
    b.writeUInt32LE(total, 4);
    body.copy(b, 8);
    b.writeUInt32LE(total, total - 4);
    return b;
}

function option(code, value = '') {
    const bytes = Buffer.from(value), b = Buffer.alloc(4 + ((bytes.length + 3) & ~3));
    b.writeUInt16LE(code);
    b.writeUInt16LE(bytes.length, 2);
    bytes.copy(b, 4);
    return b;
}

/** A frame of kind UDP as an IPv6 packet, with the unspecified address and port for the guest. */
function datagramToPacket(frame, direction) {
    if (frame.length < 20) return frame;
    const length = 8 + frame.length - 20, b = Buffer.alloc(40 + length);
    const peer = Buffer.from(frame.subarray(0, 16)), port = (frame[16] << 8) | frame[17];
    b[0] = 0x60;
    b.writeUInt16BE(length, 4);
    b[1] = (frame[18] & 3) << 4; // ECN: the low bits of the traffic class
    b[6] = 17;
    b[7] = 64;
    peer.copy(b, direction === INWARD ? 8 : 24);
    b.writeUInt16BE(direction === INWARD ? port : UDP_PORT, 40);
    b.writeUInt16BE(direction === INWARD ? UDP_PORT : port, 42);
    b.writeUInt16BE(length, 44);
    b.set(frame.subarray(20), 48);
    b.writeUInt16BE(checksum(b, length), 46);
    return b;
}

function checksum(packet, length) {
    let sum = length + 17;
    for (let i = 8; i < 40 + length; i++) sum += i % 2 === 0 ? packet[i] << 8 : packet[i];
    while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
    return (~sum & 0xffff) || 0xffff;
}
