/**
 * blocking.js - a host that waits inside exchange, for a worker with an instance of its own
 *
 * Atomics.wait needs a thread that may block: any worker, the main thread of Node, never the main thread of a page.
 */
import { createExchange, guestMemory } from './exchange.js';
import { RESULT } from './layout.js';

/** The word that wakes an instance: share its buffer with whoever feeds the ports. */
export function createDoorbell() {
    return new Int32Array(new SharedArrayBuffer(4));
}

/** Wakes the wait on a doorbell, or keeps the next from starting: call it after the change, never before. */
export function ring(doorbell) {
    Atomics.add(doorbell, 0, 1);
    Atomics.notify(doorbell, 0);
}

/**
 * createBlockingHost() - imports for one instance
 * @param options  those of createExchange(); doorbell is needed
 *
 * Returns { imports, exchange, attach(instance) }: instantiate with the imports, attach the instance, then start it.
 * An exchange before attach() (from the start section) finds no memory and is a LAYOUT error.
 */
export function createBlockingHost(options) {
    if (!options.doorbell) throw new TypeError('a blocking host needs a doorbell');
    const exchange = createExchange(options);
    let memory = null;
    return {
        exchange,
        imports: { isthmus: { exchange: (x) => (memory ? exchange(memory, x) : RESULT.LAYOUT) } },
        attach(instance) {
            memory = guestMemory(instance.exports);
        },
    };
}
