/**
 * links.js - from --link to links
 */
import { UsageError } from '../errors.js';
import { passtLink } from '../passt.js';
import { streamLink } from '../stream.js';
import { Switch } from '../switch.js';

const GRANT_KEYS = new Set(['address', 'gateway', 'dns', 'search', 'hostname', 'host', 'mac']);

/** Makes the links of a run; switches are shared by name. */
export class Links {
    #switches = new Map();
    #made = [];

    /** @param {(text: string) => void} onBroken  told why a link ended
     *  @param {(text: string) => void} onLost    told that passt ended before it was asked to; this may come late */
    constructor(onBroken, onLost) {
        this.onBroken = onBroken;
        this.onLost = onLost;
    }

    async make({ url, scheme, target, options }, { name, grant, mtu }) {
        if (scheme === 'passt') {
            const own = gather(options);
            if (own.mtu === undefined && mtu !== undefined) own.mtu = mtu;
            return this.#keep(await passtLink({ ...own, grant, onBroken: (text) => this.onLost(`${name}: ${text}`) }));
        }
        const lines = [];
        let own;
        for (const [key, value] of options) {
            if (key === 'mtu' && /^\d+$/.test(value)) own = Number(value);
            else if (GRANT_KEYS.has(key)) lines.push(`${key}=${value}`);
            else throw new UsageError(`--link ${url}: no option ${key}=${value}; there are mtu=N, ${[...GRANT_KEYS].join('=, ')}=`);
        }
        const all = [...lines, ...grant];
        if (scheme === 'switch') return this.#switch(url, target, own, mtu).port({ name, grant: all });
        return this.#keep(await streamLink({ ...target, mtu: own ?? mtu ?? 1500, grant: all, onBroken: (text) => this.onBroken(`${name}: ${text}`) }));
    }

    async stop() {
        await Promise.all(this.#made.map((link) => link.stop()));
    }

    #keep(link) {
        this.#made.push(link);
        return link;
    }

    #switch(url, name, own, usual) {
        const known = this.#switches.get(name);
        const wanted = own ?? usual;
        if (known === undefined) {
            const made = new Switch({ name, mtu: wanted ?? 1500 });
            this.#switches.set(name, made);
            return made;
        }
        if (wanted !== undefined && wanted !== known.mtu) throw new UsageError(`--link ${url}: switch:${name} already has an MTU of ${known.mtu}, not ${wanted}`);
        return known;
    }
}

/** [key, value] list -> object; a key given twice has a list. */
function gather(options) {
    const result = {};
    for (const [key, value] of options) result[key] = result[key] === undefined ? value : [result[key], value].flat();
    return result;
}
