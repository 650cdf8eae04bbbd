/**
 * ecdsa.js - ECDSA over a hash that is given: node:crypto signs only what it hashes itself
 *
 * OpenSSL draws the nonce and multiplies the point, as an ECDH key pair. What is left is s = (z + r d) / k modulo the order, in BigInt, whose
 * time depends on its operands: so each product with the key or the nonce is blinded by a random factor of its own signature.
 */
import { createECDH, randomBytes } from 'node:crypto';

const CURVES = {
    'P-256': { name: 'prime256v1', bytes: 32, order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n },
    'P-384': { name: 'secp384r1', bytes: 48, order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n },
};

const toInt = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** 1 / a modulo n, by Euclid. */
function inverse(a, n) {
    let [r, next, x, y] = [n, a % n, 0n, 1n];
    while (next !== 0n) {
        const q = r / next;
        [r, next] = [next, r - q * next];
        [x, y] = [y, x - q * y];
    }
    return x < 0n ? x + n : x;
}

function derInteger(value) {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
    const body = bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, body.length]), body]);
}

/** @param {{ crv: string, d: string }} jwk  a private key of P-256 or P-384
 *  @param {Uint8Array} hash  its leftmost bits count
 *  Returns the signature as DER. */
export function ecdsaSign({ crv, d }, hash) {
    const { name, bytes, order } = CURVES[crv];
    const key = toInt(Buffer.from(d, 'base64url')), z = toInt(hash.subarray(0, bytes));
    for (;;) {
        const pair = createECDH(name);
        const r = toInt(pair.generateKeys().subarray(1, 1 + bytes)) % order;
        const blind = toInt(randomBytes(bytes)) % (order - 1n) + 1n;
        const k = toInt(pair.getPrivateKey()) * blind % order;
        const s = inverse(k, order) * ((z * blind + r * (key * blind % order)) % order) % order;
        if (r === 0n || s === 0n) continue;
        const pieces = Buffer.concat([derInteger(r), derInteger(s)]);
        return Buffer.concat([Buffer.from([0x30, pieces.length]), pieces]); // under 128 bytes for both curves
    }
}
