#!/usr/bin/env node
/**
 * isthmus.js - the command
 */
import { readFileSync } from 'node:fs';
import { HELP, RUN_HELP } from '../src/cli/help.js';
import { parseRun } from '../src/cli/options.js';
import { runAll } from '../src/cli/run.js';
import { componentFace } from '../src/component-file.js';
import { UsageError } from '../src/errors.js';
import { STATUS } from '../src/instance.js';
import { isComponent, loadModule, readWasm } from '../src/module.js';

async function main([command, ...rest]) {
    switch (command) {
    case 'run': {
        const plan = parseRun(rest);
        if (!plan.help) return runAll(plan, process.argv.slice(2));
        process.stdout.write(RUN_HELP);
        return 0;
    }
    case 'compose':
        return (await import('../src/cli/compose.js')).compose(rest);
    case 'imports': {
        if (rest.length !== 1 || rest[0].startsWith('-')) throw new UsageError('write isthmus imports MODULE');
        const bytes = await readWasm(rest[0], rest[0]);
        const { imports } = isComponent(bytes) ? componentFace(bytes, rest[0]) : await loadModule(bytes, rest[0]);
        process.stdout.write(imports.sort().map((name) => `${name}\n`).join(''));
        return 0;
    }
    case '--version':
        process.stdout.write(`isthmus ${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`);
        return 0;
    case '--help':
    case '-h':
    case 'help':
        process.stdout.write(HELP);
        return 0;
    case undefined:
        process.stderr.write(HELP);
        return STATUS.usage;
    default:
        throw new UsageError(`no command "${command}" (see isthmus --help)`);
    }
}

process.stdout.on('error', () => process.exit(STATUS.fault)); // nobody reads what we print
try {
    process.exit(await main(process.argv.slice(2)));
} catch (error) {
    process.stderr.write(`isthmus: ${error instanceof UsageError ? error.message : error.stack}\n`);
    process.exit(error instanceof UsageError ? STATUS.usage : STATUS.fault);
}
