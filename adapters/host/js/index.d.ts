/// <reference types="node" />
import type { KeyObject } from 'node:crypto';
import type { Readable } from 'node:stream';

/** What the caller got wrong, in one sentence. */
export class UsageError extends Error {}

/** Kinds of include/isthmus/link.h: 1 IP packets, 2 Ethernet frames, 3 UDP datagrams, 4 SERVICE. */
export type Kind = 1 | 2 | 3 | 4;

export interface Counters {
    frames: number;
    bytes: number;
    dropped: number;
}

export interface FaultCounters {
    lost: number;
    duplicated: number;
    corrupted: number;
    reordered: number;
}

export interface LinkStatistics {
    link: string;
    /** Given to the guest, or to the faults in front of it. */
    received: Counters;
    sent: Counters;
    /** Of a link with faults. */
    faults?: { received: FaultCounters; sent: FaultCounters };
}

/** What spawn() takes: made by Switch.port(), passtLink(), streamLink() or new OutsideLink(). Serves one instance. */
export interface Link {
    readonly label: string;
    readonly kind: Kind;
    readonly mtu: number;
}

export interface SpawnOptions {
    /** A path, the bytes, or a compiled module of WASI preview1 with _start. Either this or `component`. */
    module?: string | URL | Uint8Array | WebAssembly.Module;
    /** What transpile() made. */
    component?: Pick<Transpiled, 'entry' | 'shim'>;
    /** Its name on the network and argv[0]; default: the file's name without .wasm, or "component". */
    name?: string;
    args?: string[];
    env?: Record<string, string>;
    /** Link 0 is the first; at most 64. */
    links?: Link[];
    /** Guest folder -> host folder. */
    preopens?: Record<string, string>;
    /** The same, to be read only. */
    readOnly?: Record<string, string>;
    /** Default 'inherit': the process's own, read from when the guest first asks. */
    stdin?: 'inherit' | Readable | string | Uint8Array;
    /** A descriptor or a function; default 1. */
    stdout?: number | ((bytes: Uint8Array) => void);
    /** Default 2. */
    stderr?: number | ((bytes: Uint8Array) => void);
    /** Private keys (PEM, or KeyObject of node:crypto) that sign for it by name and never enter its memory: `service=signer NAME` on a link of
     *  their own, the last. RSA of 2048 to 4096 bits, P-256, P-384. */
    signers?: Record<string, string | Uint8Array | KeyObject>;
    /** All its links are captured there, with the TLS secrets of a guest that a link grants `keylog=yes`. */
    capture?: Capture;
    /** Lines that the guest has for its host. */
    onNote?: (text: string, link?: number) => void;
    /** It waits for begin(). */
    paused?: boolean;
}

export interface Instance {
    readonly name: string;
    /**
     * The module's status, 0 to 255. 134: it trapped; 2: it cannot be instantiated; 70: a fault of the host; `error` has
     * the reason. 0 after stop().
     */
    readonly exit: Promise<number>;
    readonly error: Error | null;
    readonly stopped: boolean;
    readonly statistics: LinkStatistics[];
    /** Frames that it sent and that were longer than their link carries; they count for no link. */
    readonly dropped: number;
    begin(): void;
    /** Ends the module now, wherever it is. */
    stop(): Promise<void>;
}

/** Starts a module in a worker of its own. Rejects with a UsageError when it cannot run. */
export function spawn(options: SpawnOptions): Promise<Instance>;

/** JavaScript and core modules of a component, in a temporary folder. */
export interface Transpiled {
    /** URL of what jco wrote, with instantiation "sync". */
    entry: string;
    /** URL of jco's preview2-shim. */
    shim: string;
    folder: string;
    /** Deletes the folder, once all instances have ended. */
    remove(): Promise<void>;
}

/** Transpiles a composed component (a path) by jco, of the extras or on the PATH. Rejects with a UsageError when it is not there or cannot. */
export function transpile(file: string, label?: string): Promise<Transpiled>;

/** Runs a module to its end. Rejects when it traps or cannot run. */
export function run(options: SpawnOptions): Promise<number>;

/** A virtual Ethernet between the instances of this process. */
export class Switch {
    /** `mtu`: 576 to 65520, default 1500. */
    constructor(options?: { name?: string; mtu?: number });
    readonly name: string;
    readonly mtu: number;
    /**
     * `address`: "10.0.0.5/24", several, or "none"; default: an IPv4 and an IPv6 address of the switch's network.
     * `grant`: further lines "key=value".
     */
    port(options?: { name?: string; address?: string | string[]; grant?: string[] }): Link;
}

/** A link whose frames the embedder carries. Batches are whole frames, each after its length (u32 big-endian). */
export class OutsideLink implements Link {
    constructor(options: { kind: Kind; mtu: number; frameMax: number; label: string; grant?: string[] });
    readonly label: string;
    readonly kind: Kind;
    readonly mtu: number;
    /** The guest has sent: read() until null. */
    onFrames: (() => void) | null;
    /** What write() refused fits now. */
    onRoom: (() => void) | null;
    /** The instance has ended. */
    onDetach: (() => void) | null;
    /** The next frames of the guest; valid until the next call. */
    read(): Uint8Array | null;
    /** All of the batch or, false, nothing. At most 512 KiB at once. */
    write(batch: Uint8Array, frames: number): boolean;
    set up(on: boolean);
    set grant(lines: string[]);
    /** For good; what was written is still given. */
    close(): void;
    readonly statistics: Omit<LinkStatistics, 'link'>;
}

export interface StreamOptions {
    mtu?: number;
    grant?: string[];
    /** Told why the link ended, if it did not end by itself. */
    onBroken?: (text: string) => void;
}

export interface StreamLink extends Link {
    /** Sends what the guest has sent, then closes. */
    stop(): Promise<void>;
}

/** QEMU's stream framing over a Unix or TCP socket: passt, gvproxy, QEMU. */
export function streamLink(options: StreamOptions & ({ path: string } | { host: string; port: number })): Promise<StreamLink>;

/** A PEM bundle (default: SSL_CERT_FILE, Debian's, or the roots that Node carries) as lines "authority=..." of a grant: whom TLS may trust in a guest without files. */
export function authorityLines(file?: string): string[];

/** What goes wrong on a link, each way. What is not said does not. */
export interface Faults {
    /** The same seed, the same fate of the n-th frame of a direction. Default 0. */
    seed?: number;
    /** Shares of the frames, 0 to 1. */
    loss?: number;
    duplicate?: number;
    /** One bit is flipped, behind the Ethernet header; a corrupted ARP frame is dropped, as no checksum would find it out. */
    corrupt?: number;
    reorder?: number;
    /** A reordered frame goes behind 1 to this many of those after it (1 to 1,000, default 3), or after 10 ms. */
    reorderBy?: number;
    /** At most 60,000. */
    delayMs?: number;
    /** Bits a second of whole frames, from 1,000; frames for more than 50 ms are refused, which holds the sender up. */
    rate?: number;
}

/** "seed=7,loss=1%,delay=20ms,reorder=5,duplicate=0.1%,corrupt=0.1%,rate=100mbit", each part optional. */
export function parseFaults(text: string): Required<Faults>;
export function checkFaults(faults: Faults): Required<Faults>;

/** A link around a link, for spawn(). */
export function withFaults(link: Link, faults: string | Faults): Link & { readonly statistics: Omit<LinkStatistics, 'link'> };

/** A port around any port, for createBlockingHost() and createEventLoopHost(). */
export class FaultPort implements Port {
    constructor(port: Port, faults: Required<Faults>, options?: { label?: string; clock?: { monotonic(): number }; counters?: SharedArrayBuffer });
    readonly kind: Kind;
    readonly mtu: number;
    readonly frameMax: number;
    readonly grant: string;
    readonly grantVersion: number;
    readonly up: boolean;
    readonly closed: boolean;
    readonly readable: boolean;
    readonly writable: boolean;
    /** Nothing of what was taken is left here. */
    readonly idle: boolean;
    take(batch: Uint8Array): number;
    give(into: Uint8Array): number;
    move(): number;
}

type Values = string | number | (string | number)[];

/** Starts passt for one instance; it ends with the instance. */
export function passtLink(options?: Omit<StreamOptions, 'mtu'> & {
    address?: Values; netmask?: Values; gateway?: Values; dns?: Values; search?: Values; mtu?: string | number; tcp?: Values;
    udp?: Values; interface?: Values; outbound?: Values; command?: string;
}): Promise<StreamLink & { readonly pid: number }>;

/** A pcapng file for any number of instances. */
export class Capture {
    constructor(path: string);
    close(): void;
}

/** A link as the exchange sees it: see src/exchange.js. */
export interface Port {
    kind: Kind;
    mtu: number;
    frameMax: number;
    grant: string;
    grantVersion: number;
    up: boolean;
    closed: boolean;
    readonly readable: boolean;
    readonly writable: boolean;
    take(batch: Uint8Array): number;
    give(into: Uint8Array): number;
    exclusive?: boolean;
    rxSummed?: boolean;
    txSumFree?: boolean;
    move?(): number;
}

export interface ExchangeOptions {
    ports: Port[];
    clock?: { monotonic(): number; realtime(): number };
    entropy?: ((into: Uint8Array) => void) | null;
    instance?: Uint8Array;
    onNote?: ((text: string, link: number) => void) | null;
    early?: (() => boolean) | null;
}

export interface Exchange {
    (memory: WebAssembly.Memory, x: number): number;
    deadline: number;
    dropped: number;
    now(): number;
    pending(): boolean;
    move(): number;
    renew(identity: Uint8Array): void;
}

export interface Host {
    exchange: Exchange;
    imports: { isthmus: { exchange(x: number): number } };
    attach(instance: WebAssembly.Instance): void;
}

export function createDoorbell(): Int32Array;
export function ring(doorbell: Int32Array): void;
export function createExchange(options: ExchangeOptions & { doorbell?: Int32Array | null }): Exchange;

/** The import for a thread that may wait. */
export function createBlockingHost(options: ExchangeOptions & { doorbell: Int32Array }): Host;

/** The import for an event loop: reactor modules that export ist_pump(). */
export function createEventLoopHost(options: ExchangeOptions & { onTrap?: (error: Error) => void }): Host & { wake(): void; close(): void };
