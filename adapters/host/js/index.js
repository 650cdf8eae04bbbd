/** index.js - what embedders import */
import { spawn } from './src/instance.js';

export { transpile } from './src/component-file.js';
export { authorityLines } from './src/ca.js';
export { createExchange } from './src/exchange.js';
export { createBlockingHost, createDoorbell, ring } from './src/blocking.js';
export { createEventLoopHost } from './src/event-loop.js';
export { UsageError } from './src/errors.js';
export { spawn } from './src/instance.js';
export { FaultPort } from './src/fault-port.js';
export { checkFaults, parseFaults, withFaults } from './src/faults.js';
export { OutsideLink } from './src/outside.js';
export { SignerPort, signerKey } from './src/signer.js';
export { passtLink } from './src/passt.js';
export { Capture } from './src/pcapng.js';
export { streamLink } from './src/stream.js';
export { Switch } from './src/switch.js';

/** Runs a module to its end; resolves to its exit status. Rejects when it traps or cannot run. */
export async function run(options) {
    const instance = await spawn(options);
    const status = await instance.exit;
    if (instance.error) throw instance.error;
    return status;
}
