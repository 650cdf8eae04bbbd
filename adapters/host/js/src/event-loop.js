/**
 * event-loop.js - a host that cannot wait: a page, a server's main thread
 *
 * exchange returns at once with NOWAIT. The module exports ist_pump(), which is called when a wait would have ended: after
 * wake() if there is something, and at the last non-zero deadline.
 */
import { createExchange, guestMemory } from './exchange.js';
import { RESULT } from './layout.js';

const TIMER_MAX_MS = 2147483647; // of setTimeout; a longer one would fire at once

/** Calls soon, after what the event loop has at hand. A page has no setImmediate, and its setTimeout waits 4 ms. */
const defer = globalThis.setImmediate ?? ((call) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
        port1.close();
        call();
    };
    port2.postMessage(0);
});

/**
 * createEventLoopHost() - imports for one instance
 * @param options  those of createExchange() but doorbell; onTrap(error): a trap in ist_pump, which closes the host;
 *                 without it the error is thrown from the timer
 *
 * Returns { imports, exchange, attach(instance), wake(), close() }. Whoever feeds a port calls wake() after the change.
 */
export function createEventLoopHost({ onTrap = null, ...options }) {
    const exchange = createExchange({ ...options, doorbell: null });
    let memory = null, pump = null;
    let soon = false; // a turn of the event loop is booked
    let timer = null, armed = Infinity; // for this deadline

    function exchangeAndArm(x) {
        if (memory === null) return RESULT.LAYOUT;
        const result = exchange(memory, x);
        wake(); // for what did not fit, if anything
        if (next() < armed) arm();
        return result;
    }

    /** When the guest's deadline is, or something that a port has to do. */
    function next() {
        return Math.min(exchange.deadline || Infinity, exchange.move());
    }

    /** A timer that fires too early only arms itself again: deadlines mostly move away, and stay untouched then. */
    function arm() {
        clearTimeout(timer);
        timer = null;
        armed = next();
        if (armed === Infinity || pump === null) return;
        const left = (armed - exchange.now()) / 1e6;
        timer = setTimeout(tick, Math.min(Math.max(0, Math.ceil(left)), TIMER_MAX_MS));
    }

    function tick() {
        if (exchange.deadline !== 0 && exchange.now() >= exchange.deadline) {
            exchange.deadline = 0; // used up: the pump names the next
            run();
        } else if (exchange.pending()) run();
        arm();
    }

    function run() {
        if (pump === null) return;
        try {
            pump();
        } catch (error) {
            close();
            if (!onTrap) throw error;
            onTrap(error);
        }
    }

    function wake() {
        if (soon || pump === null) return;
        soon = true;
        defer(() => {
            soon = false;
            if (pump !== null && exchange.pending()) run();
            if (pump !== null && next() < armed) arm();
        });
    }

    function close() {
        pump = null;
        clearTimeout(timer);
    }

    return {
        exchange, wake, close,
        imports: { isthmus: { exchange: exchangeAndArm } },
        attach(instance) {
            memory = guestMemory(instance.exports);
            if (typeof instance.exports.ist_pump !== 'function') throw new Error('the module exports no ist_pump(): it needs a host that can wait');
            pump = instance.exports.ist_pump;
            wake();
        },
    };
}
