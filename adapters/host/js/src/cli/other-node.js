/**
 * other-node.js - the same command on another Node: what jco makes of components wants a newer one
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SIGNALS } from './run.js';

/**
 * Resolves to the exit status. What ends this process ends the other: it is told the signal over its channel, not sent it, since one from a
 * terminal has come to both; and it notices when the channel closes.
 */
export function onNode(node, argv) {
    const child = spawn(node, [process.argv[1], ...argv], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    let told = false;
    for (const signal of SIGNALS) {
        process.on(signal, () => {
            if (told) child.kill('SIGKILL');
            else child.send(signal, () => {});
            told = true;
        });
    }
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
    });
}
