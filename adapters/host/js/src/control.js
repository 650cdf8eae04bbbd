/**
 * control.js - what the main thread tells a running worker
 *
 * The worker never returns to its event loop, so it looks: word 1 beside the doorbell counts messages, and each is taken
 * off the port when the number has moved. The sender posts first, counts, then rings.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { ring } from './blocking.js';

const MESSAGES = 1, GATE = 3, DROPPED = 4; // 2 is stdin's

/** The doorbell of an instance, word 0, its count of messages, word 1, and the word that lets it begin. */
export function createBell() {
    return new Int32Array(new SharedArrayBuffer(64));
}

/** Main thread: tells a worker something. */
export function tell(worker, bell, message) {
    worker.postMessage(message);
    Atomics.add(bell, MESSAGES, 1);
    ring(bell);
}

/** Main thread: lets a worker begin. */
export function openGate(bell) {
    Atomics.store(bell, GATE, 1);
    Atomics.notify(bell, GATE);
}

/** Worker: one more frame of the guest that its link does not carry. */
export function countDropped(bell) {
    Atomics.add(bell, DROPPED, 1);
}

/** Main thread: how many there were. */
export const dropped = (bell) => Atomics.load(bell, DROPPED);

/** Worker: waits until it may begin. */
export function passGate(bell) {
    Atomics.wait(bell, GATE, 0);
}

/** Worker: its side; ports are added as they are made. */
export class Control {
    #seen = 0;

    constructor(bell) {
        this.bell = bell;
        this.ports = [];
    }

    sync() {
        if (Atomics.load(this.bell, MESSAGES) !== this.#seen) this.#read();
    }

    #read() {
        this.#seen = Atomics.load(this.bell, MESSAGES);
        for (let got; (got = receiveMessageOnPort(parentPort)) !== undefined;) {
            const { op, link, value } = got.message;
            this.ports[link][op](value); // join, leave, regrant
        }
    }

    post(message) {
        parentPort.postMessage(message);
    }
}
