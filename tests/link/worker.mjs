/**
 * worker.mjs - the blocking host under check: runs the guest, and sends its notes to the thread that plays the outside
 *
 * What happens outside happens over there: that thread sets a word of `due` and rings the doorbell.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createBlockingHost } from '../../adapters/host/js/src/blocking.js';
import { Far } from './far.mjs';

const { module, doorbell, due } = workerData;
const actions = new Map();
let next = 0;

const far = new Far({
    later(ms, action) {
        actions.set(next, action);
        parentPort.postMessage({ ms, index: next++ });
    },
    turn() {
        for (const [index, action] of actions) {
            if (!Atomics.load(due, index)) continue;
            actions.delete(index);
            action();
        }
    },
});
const host = createBlockingHost({ ...far.options((note) => parentPort.postMessage({ note })), doorbell });
far.host = host.exchange;
const instance = new WebAssembly.Instance(module, host.imports);
host.attach(instance);
instance.exports.run();
