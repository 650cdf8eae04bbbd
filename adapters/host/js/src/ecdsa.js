/**
 * ecdsa.js - ECDSA over a hash that is given: node:crypto signs and verifies only what it hashes itself
 *
 * s = (z + r d) / k, with k the nonce. So OpenSSL signs a message of ours, with the hash z', by the key d z' / z; its s times z / z' is the one
 * for z, and the nonce never leaves OpenSSL. And r and s are good for z under Q = d G just when they are for z' under Q + (z - z') / r G.
 *
 * BigInt's time depends on its operands: the one product with the secret is blinded. All else is public.
 */
import { createECDH, createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';

const CURVES = {
    'P-256': { name: 'prime256v1', bytes: 32, oid: '06082a8648ce3d030107',
        field: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
        order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n },
    'P-384': { name: 'secp384r1', bytes: 48, oid: '06052b81040022',
        field: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
        order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n },
};
const MESSAGE = Buffer.alloc(0);
const KNOWN = toInt(createHash('sha256').update(MESSAGE).digest());    // z', below both orders
for (const c of Object.values(CURVES)) c.perKnown = inverse(KNOWN, c.order);

function toInt(bytes) {
    return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}

function toBytes(value, size) {
    return Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
}

function modulo(a, n) {
    return (a % n + n) % n;
}

/** 1 / a modulo n, by Euclid; 0 for 0. */
function inverse(a, n) {
    let [r, next, x, y] = [n, modulo(a, n), 0n, 1n];
    while (next !== 0n) {
        const q = r / next;
        [r, next] = [next, r - q * next];
        [x, y] = [y, x - q * y];
    }
    return r === 1n ? modulo(x, n) : 0n;
}

function derInteger(value) {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
    const body = bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, body.length]), body]);
}

/** SEC1 without the public half, which OpenSSL then computes. */
function privateKey({ oid, bytes }, d) {
    const pieces = Buffer.concat([Buffer.from([2, 1, 1, 4, bytes]), toBytes(d, bytes), Buffer.from([0xa0, oid.length / 2]), Buffer.from(oid, 'hex')]);
    return createPrivateKey({ key: Buffer.concat([Buffer.from([0x30, pieces.length]), pieces]), format: 'der', type: 'sec1' });
}

/** x and y of Q + t G */
function pointPlus({ name, bytes, field }, [x, y], t) {
    if (t === 0n) return [x, y];
    const ecdh = createECDH(name);
    ecdh.setPrivateKey(toBytes(t, bytes));
    const point = ecdh.getPublicKey(), tx = toInt(point.subarray(1, 1 + bytes)), ty = toInt(point.subarray(1 + bytes));
    const slope = (ty - y) * inverse(tx - x, field) % field;
    const sum = modulo(slope * slope - x - tx, field);
    return [sum, modulo(slope * (x - sum) - y, field)];
}

/** @param {{ crv: string, d: string }} jwk  a private key of P-256 or P-384
 *  @param {Uint8Array} hash  its leftmost bits count
 *  Returns the signature as r and s, or null for a hash that is 0 modulo the order: this way cannot sign it, and no message is known to have it. */
export function ecdsaSign({ crv, d }, hash) {
    const curve = CURVES[crv], { bytes, order, perKnown } = curve;
    const z = toInt(hash.subarray(0, bytes)) % order;
    if (z === 0n) return null;
    const blind = toInt(randomBytes(bytes)) % (order - 1n) + 1n;
    const key = (toInt(Buffer.from(d, 'base64url')) * blind % order) * (KNOWN * inverse(z * blind, order) % order) % order;
    const made = sign('sha256', MESSAGE, { key: privateKey(curve, key), dsaEncoding: 'ieee-p1363' });
    const s = toInt(made.subarray(bytes)) * z % order * perKnown % order;
    return { r: toInt(made.subarray(0, bytes)), s };
}

/** Whether r and s are a signature over the hash by the public half of a key. */
export function ecdsaVerify({ crv, x, y }, hash, { r, s }) {
    const curve = CURVES[crv], { bytes, order } = curve;
    if (r <= 0n || r >= order || s <= 0n || s >= order) return false;
    const t = modulo((toInt(hash.subarray(0, bytes)) - KNOWN) * inverse(r, order), order);
    try {
        const [px, py] = pointPlus(curve, [x, y].map((n) => toInt(Buffer.from(n, 'base64url'))), t);
        const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv, x: toBytes(px, bytes).toString('base64url'), y: toBytes(py, bytes).toString('base64url') } });
        return verify('sha256', MESSAGE, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([toBytes(r, bytes), toBytes(s, bytes)]));
    } catch {
        return false;                                                   // Q + t G is no point: Q is none, or r was made for that
    }
}

/** r and s as DER */
export function ecdsaDer({ r, s }) {
    const pieces = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.from([0x30, pieces.length]), pieces]); // under 128 bytes for both curves
}
