/**
 * switch.js - a virtual Ethernet between the instances of one process: the main thread's side
 *
 * It owns what the ports share (switch-port.js) and tells running workers who joins and who leaves. Frames never come here.
 * Each port is granted an IPv4 and an IPv6 address and, as host= lines, the names of all.
 */
import { tell } from './control.js';
import { UsageError } from './errors.js';
import { checkAddress, checkLine, hostName, toText } from './grant.js';
import { KIND } from './layout.js';
import { MacTable } from './mac-table.js';
import { Ring } from './ring.js';

export const ETHERNET_HEADER = 14, ETHERNET_MTU_MAX = 65520, MTU_MIN = 576;
const RING_MIN = 1 << 20;
const PORTS_MAX = 65534; // 16 bits in the table, 0 is nobody
const WATCH_MS = 50, STALL_MS = 500, SLOW_MS = 2000; // without any read; without room again
let networks = 0; // switches made by this process

/** An MTU that an Ethernet link can have. */
export function checkMtu(mtu) {
    if (!Number.isInteger(mtu) || mtu < MTU_MIN || mtu > ETHERNET_MTU_MAX) {
        throw new UsageError(`mtu=${mtu}: an Ethernet link has an MTU of ${MTU_MIN} to ${ETHERNET_MTU_MAX}`);
    }
    return mtu;
}

export class Switch {
    #ports = []; // by slot
    #nextSlot = 0;

    constructor({ name = 'lan', mtu = 1500 } = {}) {
        this.name = name;
        this.mtu = checkMtu(mtu);
        this.network = networks++ & 255;
        this.table = MacTable.allocate();
    }

    /** A new port, for one link of one instance. */
    port({ name, address = [], grant = [] } = {}) {
        const slot = this.#freeSlot();
        const port = new Port(this, slot, { name, address: [address].flat(), grant });
        const taken = new Map(this.#live().flatMap((p) => p.ips.map((ip) => [ip, p.name])));
        for (const ip of port.ips) if (taken.has(ip)) throw new UsageError(`switch:${this.name}: ${ip} is the address of ${taken.get(ip)}`);
        this.#ports[slot] = port;
        return port;
    }

    /** The default addresses of a slot: the first port of the first switch has 10.0.0.1 and fd00:6973:7468::1. */
    addresses(slot) {
        const i = slot + 1;
        return [`10.${this.network}.${i >> 8}.${i & 255}/16`, `fd00:6973:7468:${this.network.toString(16)}::${i.toString(16)}/64`];
    }

    hostLines() {
        return this.#live().flatMap((p) => (p.name === null ? [] : p.ips.map((ip) => `host=${ip} ${p.name}`)));
    }

    peers() {
        return this.#live().filter((p) => p.bell !== null).map((p) => p.peer);
    }

    /** A port has got its instance: everybody hears of it. */
    announce(joined) {
        for (const port of this.#live()) {
            if (port === joined || port.worker === null) continue;
            port.tell('join', joined.peer);
            port.regrant();
        }
    }

    leave(gone) {
        if (this.#ports[gone.slot] !== gone) return;
        delete this.#ports[gone.slot];
        new MacTable(this.table).forget(gone.slot);
        for (const port of this.#live()) {
            port.ring.release(gone.owner);
            if (port.worker === null) continue;
            port.tell('leave', { slot: gone.slot });
            port.regrant();
        }
    }

    /** A writer found a ring full: it is given up on when its reader does not read. See STALLED in ring.js. */
    watch(slot) {
        const port = this.#ports[slot];
        if (port === undefined) return;
        const { ring } = port, began = performance.now();
        let head = ring.head, moved = began;
        const timer = setInterval(() => {
            const now = performance.now();
            const relieved = ring.free >= ring.capacity / 2, gone = this.#ports[slot] !== port;
            if (ring.head !== head) [head, moved] = [ring.head, now];
            if (!relieved && !gone && now - moved < STALL_MS && now - began < SLOW_MS) return;
            clearInterval(timer);
            ring.unwatch();
            if (relieved || gone) return;
            ring.stalled = true;
            for (const other of this.#live()) other.ringBell();
        }, WATCH_MS);
        timer.unref();
    }

    #live() {
        return this.#ports.filter((p) => p !== undefined);
    }

    /** Slots go round, so that an address is not at once another instance's. */
    #freeSlot() {
        for (let i = 0; i < PORTS_MAX; i++) {
            const slot = (this.#nextSlot + i) % (PORTS_MAX - 1);
            if (this.#ports[slot] !== undefined || ((slot + 1) & 255) === 0) continue;
            this.#nextSlot = slot + 1;
            return slot;
        }
        throw new UsageError(`switch:${this.name}: all ${PORTS_MAX} ports are taken`);
    }
}

/** What spawn() takes as a link: attach() when the instance starts, detach() when it has ended. */
class Port {
    worker = null;
    bell = null;
    owner = 0;

    constructor(owner, slot, { name, address, grant }) {
        this.switch = owner;
        this.slot = slot;
        this.name = name === undefined ? null : hostName(name);
        this.extra = grant.map(checkLine);
        const own = [...address, ...this.extra.filter((l) => l.startsWith('address=')).map((l) => l.slice(8))];
        this.extra = this.extra.filter((l) => !l.startsWith('address='));
        this.addresses = own.length === 0 ? owner.addresses(slot) : own.filter((a) => a !== 'none').map(checkAddress);
        this.ips = this.addresses.map((a) => a.split('/')[0].toLowerCase());
        this.mtu = owner.mtu;
        this.ring = new Ring(Ring.allocate(Math.max(RING_MIN, 16 * (owner.mtu + ETHERNET_HEADER))));
        this.sent = new SharedArrayBuffer(24);
    }

    get label() {
        return `switch:${this.switch.name}`;
    }

    get peer() {
        return { slot: this.slot, ring: this.ring.shared, doorbell: this.bell };
    }

    get kind() {
        return KIND.ETHERNET;
    }

    grantText() {
        const name = this.extra.some((l) => l.startsWith('hostname=')) ? [] : [`hostname=${this.name}`];
        return toText([...this.addresses.map((a) => `address=${a}`), ...name, ...this.switch.hostLines(), ...this.extra]);
    }

    /** @param {{ name: string, owner: number, bell: Int32Array, link: number }} instance */
    attach({ name, owner, bell, link }) {
        if (this.bell !== null) throw new UsageError(`${this.label}: a port serves one instance`);
        Object.assign(this, { owner, bell, link, name: this.name ?? hostName(name) });
        return {
            type: 'switch', kind: this.kind, mtu: this.mtu, frameMax: this.mtu + ETHERNET_HEADER, grant: this.grantText(),
            slot: this.slot, owner, id: link, ring: this.ring.shared, table: this.switch.table, sent: this.sent,
            peers: this.switch.peers(),
        };
    }

    /** The worker runs; from here on it can be told. */
    started(worker) {
        this.worker = worker;
        this.switch.announce(this);
    }

    detach() {
        this.worker = null;
        this.switch.leave(this);
    }

    onMessage({ op, slot }) {
        if (op === 'watch') this.switch.watch(slot);
    }

    tell(op, value) {
        tell(this.worker, this.bell, { op, link: this.link, value });
    }

    regrant() {
        this.tell('regrant', this.grantText());
    }

    ringBell() {
        if (this.bell === null) return;
        Atomics.add(this.bell, 0, 1);
        Atomics.notify(this.bell, 0);
    }

    get statistics() {
        const [frames, bytes, dropped] = new Float64Array(this.sent);
        return { received: this.ring.statistics, sent: { frames, bytes, dropped } };
    }
}
