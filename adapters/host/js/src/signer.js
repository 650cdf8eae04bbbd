/**
 * signer.js - private keys that sign for a guest and never enter it: a link of kind SERVICE (docs/link.md, services)
 *
 * The port lives in the instance's worker and signs while it takes the request, so that the answer goes back in the same exchange.
 */
import { constants, createPrivateKey, createPublicKey, KeyObject, privateEncrypt, publicDecrypt } from 'node:crypto';
import { ecdsaDer, ecdsaSign, ecdsaVerify } from './ecdsa.js';
import { reason, UsageError } from './errors.js';
import { KIND } from './layout.js';

const MTU = 1024, HEAD = 5, WAITING_MAX = 64;
const SIGN = 1;
const SIGNED = 0, UNKNOWN = 1, REFUSED = 2;
const NAME = /^[A-Za-z0-9._-]{1,63}$/;

// RFC 8446 4.2.3; the prefixes are RFC 8017 9.2, note 1
const digestInfo = (oid, size) => Buffer.from([0x30, 17 + size, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid, 5, 0, 4, size]);
const SCHEMES = new Map([[4, 1, 32], [5, 2, 48], [6, 3, 64]].flatMap(([hash, oid, size]) => [
    [hash << 8 | 1, { type: 'rsa', size, prefix: digestInfo(oid, size) }],
    [hash << 8 | 3, { type: 'ec', size }],
]));

/** Checks a name and a key (PEM or KeyObject) and returns the KeyObject. */
export function signerKey(name, key) {
    if (!NAME.test(name)) throw new UsageError(`signer ${name}: a name has 1 to 63 letters, digits, hyphens, underscores and dots`);
    let object;
    try {
        object = key instanceof KeyObject ? key : createPrivateKey(key);
    } catch (error) {
        throw new UsageError(`signer ${name}: no private key that can be read (an encrypted one cannot): ${reason(error)}`);
    }
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = object;
    const good = type === 'rsa' ? details.modulusLength >= 2048 && details.modulusLength <= 4096
        : type === 'ec' && ['prime256v1', 'secp384r1'].includes(details.namedCurve);
    if (object.type !== 'private' || !good) throw new UsageError(`signer ${name}: the key must be RSA of 2048 to 4096 bits, P-256 or P-384`);
    if (sign(object, type === 'ec' ? 0x0403 : 0x0401, Buffer.alloc(32, 1)) === null) throw new UsageError(`signer ${name}: the halves of the key do not belong together`);
    return object;
}

function rsaSign(key, message) {
    const padding = constants.RSA_PKCS1_PADDING;
    const signature = privateEncrypt({ key, padding }, message);
    return publicDecrypt({ key: createPublicKey(key), padding }, signature).equals(message) ? signature : null;
}

function ecSign(key, hash) {
    const jwk = key.export({ format: 'jwk' });
    const signature = ecdsaSign(jwk, hash);
    return signature !== null && ecdsaVerify(jwk, hash, signature) ? ecdsaDer(signature) : null;
}

/** A signature over a hash, or null when this key does not sign that. None leaves that the public half does not verify: one that was miscalculated
 *  can give the key away. */
function sign(key, scheme, hash) {
    const how = SCHEMES.get(scheme);
    if (how === undefined || how.size !== hash.length || how.type !== key.asymmetricKeyType) return null;
    try {
        return how.type === 'ec' ? ecSign(key, hash) : rsaSign(key, Buffer.concat([how.prefix, hash]));
    } catch {
        return null;                                                    // OpenSSL's own checks
    }
}

export class SignerPort {
    kind = KIND.SERVICE;
    mtu = MTU;
    frameMax = MTU + HEAD;
    grantVersion = 1;
    up = true;
    closed = false;
    #keys;
    #answers = [];

    /** @param {{ [name: string]: KeyObject }} keys */
    constructor(keys) {
        this.#keys = new Map(Object.entries(keys));
        this.grant = Object.keys(keys).map((name) => `service=signer ${name}\n`).join('');
    }

    get readable() {
        return this.#answers.length !== 0;
    }

    get writable() {
        return this.#answers.length < WAITING_MAX;
    }

    take(batch) {
        const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
        let at = 0;
        while (at < batch.length && this.writable) {
            const end = at + 4 + view.getUint32(at);
            if (end - at >= 4 + HEAD) this.#answers.push(this.#answer(Buffer.from(batch.slice(at + 4, end)))); // a copy: the guest may write meanwhile
            at = end;
        }
        return at;
    }

    give(into) {
        let at = 0;
        while (this.readable && into.length - at >= this.#answers[0].length) {
            const answer = this.#answers.shift();
            into.set(answer, at);
            at += answer.length;
        }
        return at;
    }

    #answer(request) {
        const [status, signature] = this.#sign(request.subarray(HEAD - 1));
        const answer = Buffer.alloc(4 + HEAD + 1 + signature.length);
        answer.writeUInt32BE(answer.length - 4, 0);
        request.copy(answer, 4, 0, HEAD);
        answer[4 + HEAD] = status;
        answer.set(signature, 4 + HEAD + 1);
        return answer;
    }

    /** u8 operation, u16 scheme, u8 length of the name, name, hash */
    #sign(request) {
        const none = Buffer.alloc(0);
        if (request.length < 4 || request[0] !== SIGN || request.length < 4 + request[3]) return [REFUSED, none];
        const key = this.#keys.get(request.toString('latin1', 4, 4 + request[3]));
        if (key === undefined) return [UNKNOWN, none];
        const signature = sign(key, request.readUInt16BE(1), request.subarray(4 + request[3]));
        return signature === null ? [REFUSED, none] : [SIGNED, signature];
    }
}
